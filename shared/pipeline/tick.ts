import type { TickSeen, Trouble } from '../core/episodes/pipeline-sight.ts';
import { formatTime } from '../core/time.ts';
import { PortError } from '../ports/error.ts';
import type { IndexedRun } from '../ports/history.ts';
import type { HeldLease } from '../ports/lease.ts';
import { askOutcomes } from './ask.ts';
import { composeMails } from './compose-mails.ts';
import type { Ports, Settings } from './context.ts';
import { drain } from './drain.ts';
import { evaluate } from './evaluate.ts';
import type { RunReport } from './evaluate-run.ts';
import { reasonOf } from './send.ts';
import { sendMails } from './send-mails.ts';
import { settle } from './settle.ts';
import { watchClock } from './watch-clock.ts';
import { watchPipeline } from './watch-pipeline.ts';
import { watchSchedules } from './watch-schedule.ts';
import { composeWeekly } from './weekly.ts';

/** What a pass came to. */
export interface PassReport {
  readonly tickId: string;
  /** Runs judged because something about them was new. */
  readonly runs: readonly RunReport[];
  /** Runs that are still open, and finished ones that could not be judged now. */
  readonly waiting: number;
  readonly rejected: number;
  readonly mails: number;
}

export interface TickReport extends PassReport {
  /** How long ago the oldest run that is still open began, in milliseconds; null when none is. */
  readonly oldestWaitingMs: number | null;
}

/** When a pass has to end: a scheduled function is killed at its limit. */
export interface TimeBudget {
  /** No more work is taken up once it aborts: messages and runs stay for the next pass. */
  readonly work: AbortSignal;
  /** No more mail is sent once it aborts. */
  readonly mails: AbortSignal;
}

export interface TickOptions {
  /** Names the pass in `ticks`; by default the time it began. */
  readonly tickId?: string;
  readonly budget?: TimeBudget;
  /** Called before judging, with the number of runs that wait to be judged (up to 100,000): for progress. */
  readonly onBegin?: (runs: number) => Promise<void>;
  readonly onRun?: (report: RunReport) => void;
}

/**
 * One pass: queue → events → outcomes → metrics → verdicts → mails. Null: another tick is at work. What the queue
 * throws is thrown when all that was recorded is judged and told.
 */
export async function tick(
  ports: Ports,
  settings: Settings,
  options: TickOptions = {},
): Promise<TickReport | null> {
  const held = await ports.lease.acquire();
  if (held === null) return null;
  try {
    return await runTick(ports, settings, { ...options, held });
  } finally {
    await held.release();
  }
}

const MOST_COUNTED = 100_000;

async function runTick(
  ports: Ports,
  settings: Settings,
  options: TickOptions & { readonly held: HeldLease },
): Promise<TickReport> {
  const { history, clock, log } = ports;
  const { lost } = options.held;
  const stop = options.budget === undefined ? lost : AbortSignal.any([lost, options.budget.work]);
  const startedAt = clock.now();
  const tickId = options.tickId ?? formatTime(startedAt);
  const { rejected, failure } = await drain(ports, { stop });
  await settle(ports, startedAt);
  if (!stop.aborted && (await askOutcomes(ports)) > 0) await settle(ports, startedAt);
  await options.onBegin?.((await history.toJudge(null, MOST_COUNTED)).length);
  const { reports, postponed, troubles } = await evaluate(ports, settings, {
    alerts: 'live',
    reread: false,
    stop,
    ...options,
  });
  refuseWithout(lost);
  await tellAll(ports, settings, {
    tickId,
    at: startedAt,
    troubles: [...queueTrouble(failure), ...troubles],
    isCutShort: stop.aborted,
  });
  const mails = await sendMails(ports, settings, {
    stop: options.budget === undefined ? lost : AbortSignal.any([lost, options.budget.mails]),
  });
  refuseWithout(lost);
  const runs = reports.filter(({ why }) => why === 'own');
  const openRuns = await history.openRuns();
  const counts = { waiting: openRuns.length + postponed, rejected, mails };
  const times = { startedAt, finishedAt: clock.now() };
  await history.recordTick({ tickId, command: 'tick', ...times, runs: runs.length, ...counts });
  log.info(processedLine(runs));
  // Only now: a queue that is out of reach must not keep a run from its verdict, nor go unnoticed.
  if (failure !== null) throw failure;
  const oldestWaitingMs = oldest(openRuns, { now: clock.now() });
  return { tickId, runs, ...counts, oldestWaitingMs };
}

/** What is to be said beside what the judged runs said: of Tidemark itself, of runs that do not come, of what is due. */
async function tellAll(ports: Ports, settings: Settings, seen: TickSeen): Promise<void> {
  const { history, clock } = ports;
  const open = await history.episodes({ open: true });
  await watchPipeline(ports, settings, { seen, open });
  // What could not be read, or was not, says nothing about who is late.
  const isRead = !seen.isCutShort && !seen.troubles.some(({ word }) => word === 'queue');
  if (isRead) await watchSchedules(ports, settings, { now: clock.now(), open });
  await watchClock(ports, settings, clock.now());
  await composeMails(ports, settings, clock.now());
  await composeWeekly(ports, settings, clock.now());
}

function queueTrouble(failure: unknown): Trouble[] {
  return failure === null ? [] : [{ word: 'queue', detail: reasonOf(failure), runs: null }];
}

function oldest(open: readonly IndexedRun[], { now }: { readonly now: number }): number | null {
  const ages = open.flatMap(({ startedAt }) => (startedAt === null ? [] : [now - startedAt]));
  return ages.reduce<number | null>((most, age) => Math.max(most ?? age, age), null);
}

/** What is written after this is right whoever writes it, but a mail would go out twice. */
function refuseWithout(lost: AbortSignal): void {
  if (!lost.aborted) return;
  throw new PortError('busy', 'This tick lost its lease and stopped; another one goes on where it was');
}

/** The tutorial's last line of a pass. */
export function processedLine(runs: readonly RunReport[]): string {
  const tests = [...new Set(runs.map(({ job }) => job.testName))].map(pythonText);
  return `Processed a message for each of the following tests: [${tests.join(', ')}]`;
}

/** A text as Python prints it in a list; control characters escaped, so that a line stays a line. */
function pythonText(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return escaped.includes("'") && !escaped.includes('"')
    ? `"${escaped}"`
    : `'${escaped.replaceAll("'", "\\'")}'`;
}
