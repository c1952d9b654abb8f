import { replay, retryRejected } from '../../shared/pipeline/replay.ts';
import type { GlobalFlags } from '../config.ts';
import { withHistory } from '../ports.ts';
import { oneLine, type Terminal } from './io.ts';
import { begin, withPorts } from './open-ports.ts';
import { progressBar } from './progress.ts';

export interface ReplayFlags {
  readonly rejected?: boolean;
  readonly reread?: boolean;
}

/** Rebuilds the tables from the recorded events, or tries the rejected messages again. */
export async function replayCommand(flags: ReplayFlags & GlobalFlags, terminal: Terminal): Promise<number> {
  const command = await begin(flags, terminal);
  if (flags.rejected) {
    const { recorded, rejected } = await withPorts(command, terminal, retryRejected);
    for (const { detail } of rejected) terminal.err(`${oneLine(detail)}\n`);
    terminal.out(
      `${recorded} of ${recorded + rejected.length} rejected messages were read; the next tick judges them.\n`,
    );
    return 0;
  }
  const finished = await withHistory(
    command.setup,
    terminal.env,
    async (history) => (await history.counts()).finished_runs ?? 0,
  );
  const progress = await progressBar('Replaying runs', finished, terminal);
  try {
    const options = { reread: flags.reread ?? false, onRun: progress.step };
    const runs = await withPorts(command, terminal, (ports) => replay(ports, command.setup, options));
    terminal.out(`Rebuilt ${runs} runs from run_events.\n`);
    return 0;
  } finally {
    progress.stop();
  }
}
