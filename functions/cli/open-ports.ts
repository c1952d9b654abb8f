import type { Ports } from '../../shared/pipeline/context.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { clockAt } from '../clock.ts';
import { type GlobalFlags, loadSetup, type Setup } from '../config.ts';
import * as ports from '../ports.ts';
import { type Terminal, terminalLog } from './io.ts';

/** What every command begins with. */
export interface Command {
  readonly setup: Setup;
  readonly clock: Clock;
}

export async function begin(flags: GlobalFlags, terminal: Terminal): Promise<Command> {
  const clock = clockAt(flags.now ?? terminal.env.TIDEMARK_NOW);
  return { setup: await loadSetup(flags, terminal.env), clock };
}

/** All ports for a command that judges. */
export function withPorts<T>(
  { setup, clock }: Command,
  terminal: Terminal,
  work: (opened: Ports) => Promise<T>,
): Promise<T> {
  const { env, err } = terminal;
  const log = terminalLog(terminal);
  return ports.withPorts(setup, { env, clock, log, print: (line) => err(`${line}\n`) }, work);
}
