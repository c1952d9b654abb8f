import type { RejectedMessage, RunEvent } from '../core/run-event.ts';
import { formatTime } from '../core/time.ts';
import { PortError } from '../ports/error.ts';
import type { Ports, Settings } from './context.ts';
import { evaluate } from './evaluate.ts';
import { settle } from './settle.ts';

/** What another system kept of past runs. */
export interface ImportedRuns {
  /** In the order of their ends, a piece at a time: only one is held in memory. */
  readonly events: Iterable<readonly RunEvent[]>;
  /** What could not be read. */
  readonly rejected: readonly RejectedMessage[];
}

export interface ImportReport {
  /** Runs that were not here before, or were judged now. */
  readonly judged: number;
  /** Runs that are here already and say something else: they stay as they are. */
  readonly conflicts: number;
}

export interface ImportOptions {
  /** Called with the number of runs that were recorded and judged since the last call. */
  readonly onRuns?: (count: number) => void;
}

/**
 * Records past runs and judges them, piece by piece. No mail is made of them. Killed and started again it ends the
 * same: what is recorded already changes nothing, and what waits to be judged is judged.
 */
export async function importRuns(
  past: ImportedRuns,
  { ports, settings }: { readonly ports: Ports; readonly settings: Settings },
  { onRuns }: ImportOptions = {},
): Promise<ImportReport> {
  const held = await ports.lease.acquire();
  if (held === null)
    throw new PortError('busy', 'Another tick is at work on this state; try again when it is done');
  const { history, clock } = ports;
  const startedAt = clock.now();
  let [judged, conflicts] = [0, 0];
  try {
    for (const events of past.events) {
      if (held.lost.aborted) throw new PortError('busy', 'This import lost its lease; run it again to go on');
      const refused = await history.append({ events, rejected: [], at: clock.now() });
      conflicts += refused.length;
      for (const { detail } of refused) ports.log.warn(detail);
      await settle(ports, startedAt);
      const { reports } = await evaluate(ports, settings, { alerts: 'live', reread: false, stop: held.lost });
      judged += reports.filter(({ why }) => why === 'own').length;
      onRuns?.(events.length);
    }
    // Only now: making events may have found more.
    await history.append({ events: [], rejected: past.rejected, at: startedAt });
    const waiting = (await history.openRuns()).length;
    await history.recordTick({
      ...{ tickId: `import/${formatTime(startedAt)}`, command: 'import' },
      ...{ startedAt, finishedAt: clock.now(), runs: judged, waiting },
      ...{ rejected: past.rejected.length + conflicts, mails: 0 },
    });
    return { judged, conflicts };
  } finally {
    await held.release();
  }
}
