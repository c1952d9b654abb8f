import { setTimeout as sleep } from 'node:timers/promises';
import { formatTime, parseDuration } from '../../shared/core/time.ts';
import type { Ports } from '../../shared/pipeline/context.ts';
import { type TickReport, tick } from '../../shared/pipeline/tick.ts';
import type { GlobalFlags } from '../config.ts';
import { UsageError } from '../errors.ts';
import { ping } from '../ping.ts';
import { printable, type Terminal } from './io.ts';
import { begin, type Command, withPorts } from './open-ports.ts';
import { type Progress, progressBar } from './progress.ts';
import { tickJson, tickText } from './summary.ts';

export interface TickFlags {
  readonly every?: string;
  readonly json?: boolean;
}

/** In milliseconds; a longer one would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** One pass, or with `every` one after the other until the process is told to stop. */
export async function tickCommand(flags: TickFlags & GlobalFlags, terminal: Terminal): Promise<number> {
  const command = await begin(flags, terminal);
  if (flags.every === undefined) return onePass(command, flags, terminal);
  const every = parseDuration(flags.every);
  if (every === null || every <= 0) {
    throw new UsageError(`Cannot read --every "${flags.every}": wanted a duration such as 15m`);
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  while (!stop.signal.aborted) {
    const begun = performance.now();
    try {
      // The config is read anew: what is wrong with it now, or with anything else, may be right at the next
      // pass, and nothing is lost meanwhile.
      await onePass(await begin(flags, terminal), flags, terminal);
    } catch (error) {
      terminal.err(`tidemark: ${printable((error as Error).message)}\n`);
    }
    const wait = Math.min(Math.max(0, every - (performance.now() - begun)), LONGEST_TIMER);
    await sleep(wait, undefined, { signal: stop.signal }).catch(() => undefined);
  }
  return 0;
}

async function onePass(command: Command, flags: TickFlags, terminal: Terminal): Promise<number> {
  const report = await withPorts(command, terminal, (ports) => tickWithProgress(ports, command, terminal));
  if (report === null) {
    terminal.err('Another tick is at work on this state; this one has nothing to do.\n');
    const tickId = formatTime(command.clock.now());
    const idle = { tick_id: tickId, runs: [], waiting: 0, rejected: 0, mails: 0, busy: true };
    if (flags.json) terminal.out(`${JSON.stringify(idle)}\n`);
    return 0;
  }
  await ping(command.setup.ping, { warn: (line) => terminal.err(`${printable(line)}\n`) });
  terminal.out(flags.json ? `${JSON.stringify(tickJson(report))}\n` : tickText(report, terminal));
  return 0;
}

/** Only a person who watches is shown how far it is; counting the runs costs the others nothing. */
async function tickWithProgress(
  ports: Ports,
  { setup }: Command,
  terminal: Terminal,
): Promise<TickReport | null> {
  if (!terminal.interactive) return tick(ports, setup);
  let progress: Progress | undefined;
  try {
    return await tick(ports, setup, {
      onBegin: async (runs) => {
        progress = await progressBar('Judging runs', runs, terminal);
      },
      onRun: () => progress?.step(),
    });
  } finally {
    progress?.stop();
  }
}
