import type { RejectedMessage, RunEvent } from '../core/run-event.ts';
import { formatTime } from '../core/time.ts';
import { PortError } from '../ports/error.ts';
import { composeMails } from './compose-mails.ts';
import type { Ports, Settings } from './context.ts';
import { evaluate } from './evaluate.ts';
import type { RunReport } from './evaluate-run.ts';
import { sendMails } from './send-mails.ts';
import { settle } from './settle.ts';
import type { PassReport } from './tick.ts';

/** Past runs, as read from a backfill file. */
export interface PastRuns {
  readonly events: readonly RunEvent[];
  readonly rejected: readonly RejectedMessage[];
}

export interface BackfillOptions {
  /** Send the mails of past runs; otherwise they are recorded as `suppressed`. */
  readonly mail: boolean;
  readonly onRun?: (report: RunReport) => void;
}

/** Events recorded in one transaction. */
const BATCH = 1000;

/** Judges past runs in order, each day's alerts in mails of that day, as if each run had arrived on its day. */
export async function backfill(
  past: PastRuns,
  { ports, settings }: { readonly ports: Ports; readonly settings: Settings },
  options: BackfillOptions,
): Promise<PassReport> {
  const held = await ports.lease.acquire();
  if (held === null)
    throw new PortError('busy', 'Another tick is at work on this state; try again when it is done');
  try {
    return await runBackfill(past, { ports, settings }, options);
  } finally {
    await held.release();
  }
}

async function runBackfill(
  past: PastRuns,
  { ports, settings }: { readonly ports: Ports; readonly settings: Settings },
  { mail, onRun }: BackfillOptions,
): Promise<PassReport> {
  const { history, clock } = ports;
  const startedAt = clock.now();
  const rejected = [...past.rejected];
  for (let from = 0; from < past.events.length; from += BATCH) {
    const events = past.events.slice(from, from + BATCH);
    const conflicts = await history.append({ events, rejected: [], at: startedAt });
    for (const { detail } of conflicts) ports.log.warn(detail);
    rejected.push(...conflicts);
  }
  await history.append({ events: [], rejected: past.rejected, at: startedAt });
  await settle(ports, startedAt);
  const closeDay = (last: RunReport | undefined) =>
    composeMails(ports, settings, last?.job.finishedAt ?? clock.now());
  const { reports, postponed } = await evaluate(ports, settings, {
    // Runs that a tick left behind may wait as well: their alerts are sent either way.
    alerts: mail ? 'all' : 'live',
    reread: false,
    onNewDay: closeDay,
    ...(onRun === undefined ? {} : { onRun }),
  });
  // Also when nothing was judged: a backfill that was killed may have left alerts behind.
  await closeDay(reports.at(-1));
  const mails = await sendMails(ports, settings);
  const runs = reports.filter(({ why }) => why === 'own');
  const waiting = (await history.openRuns()).length + postponed;
  const tickId = formatTime(startedAt);
  const counted = { waiting, rejected: rejected.length, mails };
  await history.recordTick({
    ...counted,
    tickId: `backfill/${tickId}`,
    command: 'backfill',
    startedAt,
    finishedAt: clock.now(),
    runs: runs.length,
  });
  return { ...counted, tickId, runs };
}
