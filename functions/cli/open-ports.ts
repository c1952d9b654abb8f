import { readFileSync } from 'node:fs';
import type { Ports } from '../../shared/pipeline/context.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { History } from '../../shared/ports/history.ts';
import { openEventFiles, openHistory, openLease, openMailer, openQueue } from '../adapters.ts';
import { type GlobalFlags, loadSetup, type Setup } from '../config.ts';
import { UsageError } from '../errors.ts';
import { clockAt, type Terminal, terminalLog } from './io.ts';

/** What every command begins with. */
export interface Command {
  readonly setup: Setup;
  readonly clock: Clock;
}

export async function begin(flags: GlobalFlags, terminal: Terminal): Promise<Command> {
  const clock = clockAt(flags.now ?? terminal.env.TIDEMARK_NOW);
  return { setup: await loadSetup(flags, terminal.env), clock };
}

/** All ports for a command that judges; closes what it opened when the work is done. */
export async function withPorts<T>(
  { setup, clock }: Command,
  terminal: Terminal,
  work: (ports: Ports) => Promise<T>,
): Promise<T> {
  const history = await openHistory(setup.history, { create: true });
  try {
    const mailer = await openMailer(setup.mail, {
      password: smtpPassword(terminal.env),
      print: (line) => terminal.err(`${line}\n`),
    });
    const queue = await openQueue(setup.queue);
    try {
      return await work({
        queue,
        history,
        eventFiles: await openEventFiles(setup.modelRoots),
        outcomes: null,
        mailer,
        lease: await openLease(setup.history),
        clock,
        log: terminalLog(terminal),
      });
    } finally {
      await queue.close();
      await mailer.close();
    }
  } finally {
    await history.close();
  }
}

/** The password comes from the environment or a mounted file, never from a flag or the config. */
function smtpPassword(env: Terminal['env']): string | undefined {
  const file = env.TIDEMARK_SMTP_PASSWORD_FILE;
  if (env.TIDEMARK_SMTP_PASSWORD !== undefined || file === undefined) return env.TIDEMARK_SMTP_PASSWORD;
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new UsageError(`Cannot read TIDEMARK_SMTP_PASSWORD_FILE: ${(error as Error).message}`);
  }
}

/** History alone, for a command that only looks. */
export async function withHistory<T>(setup: Setup, work: (history: History) => Promise<T>): Promise<T> {
  const history = await openHistory(setup.history, { create: false });
  try {
    return await work(history);
  } finally {
    await history.close();
  }
}
