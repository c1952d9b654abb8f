import { backfill } from '../../shared/pipeline/backfill.ts';
import type { PassReport } from '../../shared/pipeline/tick.ts';
import type { GlobalFlags } from '../config.ts';
import type { Terminal } from './io.ts';
import { begin, type Command, withPorts } from './open-ports.ts';
import { progressBar } from './progress.ts';
import { readRuns } from './read-runs.ts';
import { tickJson, tickText } from './summary.ts';

export interface BackfillFlags {
  /** A bare `--mail` (see `arguments.ts`). */
  readonly sendMail?: boolean;
  readonly json?: boolean;
}

/** Judges past runs. Lines that cannot be read are told and kept; a file without a single usable one is a mistake. */
export async function backfillCommand(
  file: string,
  flags: BackfillFlags & GlobalFlags,
  terminal: Terminal,
): Promise<number> {
  const command = await begin(flags, terminal);
  const { report, usable } = await backfillFile(file, { command, mail: flags.sendMail ?? false }, terminal);
  terminal.out(flags.json ? `${JSON.stringify(tickJson(report))}\n` : tickText(report, terminal));
  return usable ? 0 : 2;
}

/** Reads the file and judges its runs; every line that cannot be used is told on standard error. */
export async function backfillFile(
  file: string,
  { command, mail }: { readonly command: Command; readonly mail: boolean },
  terminal: Terminal,
): Promise<{ readonly report: PassReport; readonly usable: boolean }> {
  const past = readRuns(file);
  for (const { detail } of past.rejected) terminal.err(`${detail}\n`);
  const progress = await progressBar('Judging runs', past.events.length, terminal);
  try {
    const report = await withPorts(command, terminal, (ports) =>
      backfill(past, { ports, settings: command.setup }, { mail, onRun: progress.step }),
    );
    return { report, usable: past.events.length > 0 || past.rejected.length === 0 };
  } finally {
    progress.stop();
  }
}
