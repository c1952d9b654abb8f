import { formatTime } from '../core/time.ts';
import type { Ports, Settings } from './context.ts';
import { drain } from './drain.ts';
import { evaluate } from './evaluate.ts';
import type { RunReport } from './evaluate-run.ts';
import { composeMails, sendMails } from './notify.ts';
import { settle } from './settle.ts';

export interface TickReport {
  readonly tickId: string;
  /** Runs judged because something about them was new. */
  readonly runs: readonly RunReport[];
  /** Runs that are still open, and finished ones that could not be judged now. */
  readonly waiting: number;
  readonly rejected: number;
  readonly mails: number;
}

export interface TickOptions {
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
    return await runTick(ports, settings, options);
  } finally {
    await held.release();
  }
}

const MOST_COUNTED = 100_000;

async function runTick(ports: Ports, settings: Settings, options: TickOptions): Promise<TickReport> {
  const { history, clock, log } = ports;
  const startedAt = clock.now();
  const { rejected, failure } = await drain(ports);
  await settle(ports, startedAt);
  await options.onBegin?.((await history.toJudge(null, MOST_COUNTED)).length);
  const { reports, postponed } = await evaluate(ports, settings, {
    alerts: 'live',
    reread: false,
    ...options,
  });
  await composeMails(ports, settings, clock.now());
  const mails = await sendMails(ports);
  const runs = reports.filter(({ why }) => why === 'own');
  const waiting = (await history.openRuns()).length + postponed;
  const tickId = formatTime(startedAt);
  await history.recordTick({
    tickId,
    command: 'tick',
    startedAt,
    finishedAt: clock.now(),
    runs: runs.length,
    waiting,
    rejected: rejected.length,
    mails,
  });
  log.info(processedLine(runs));
  // Only now: a queue that is out of reach must not keep a run from its verdict, nor go unnoticed.
  if (failure !== null) throw failure;
  return { tickId, runs, waiting, rejected: rejected.length, mails };
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
