import type { Trouble, TroubleWord } from '../core/episodes/pipeline-sight.ts';
import type { MetricRow } from '../core/rows.ts';
import type { RunOrder } from '../core/run.ts';
import { PortError } from '../ports/error.ts';
import type { JudgeTask } from '../ports/history.ts';
import { outOfBoundsLine } from '../render/sentence.ts';
import type { PassOptions, Ports, Settings } from './context.ts';
import { evaluateRun, gatherFacts, type Pass, type RunReport } from './evaluate-run.ts';
import { OutOfReach } from './out-of-reach.ts';

export interface EvaluateOptions extends PassOptions {
  /** Called after every run, before the next one: for progress, and to close a day. */
  readonly onRun?: (report: RunReport) => void;
  /** Called before a run whose end lies on another UTC day than the one before it. */
  readonly onNewDay?: (previous: RunReport) => Promise<void>;
  /** No further run is judged once it aborts. */
  readonly stop?: AbortSignal;
}

export interface Evaluated {
  readonly reports: readonly RunReport[];
  /** Runs that could not be judged now, or not any more, and stay to be judged. */
  readonly postponed: number;
  /** Why some of those could not be judged; empty where only the time was up. */
  readonly troubles: readonly Trouble[];
}

/** What a pass that dies may have judged for nothing, where the store holds back what it is given. */
const FLUSH_EVERY = 500;

/** Judges every finished run that waits, in the order of their ends. */
export async function evaluate(
  ports: Ports,
  settings: Settings,
  options: EvaluateOptions,
): Promise<Evaluated> {
  let postponed = 0;
  const pass: Pass = { settings, options, configs: new Map(), ahead: new Map() };
  const troubles = new Map<TroubleWord, Trouble>();
  const reports: RunReport[] = [];
  let after: RunOrder | null = null;
  for (;;) {
    if (options.stop?.aborted) {
      postponed += (await ports.history.toJudge(after, MOST_COUNTED)).length;
      break;
    }
    // Asked for anew each time: judging a run marks later runs of its test, so that one walk forward meets them
    // all, but any of them may be the next.
    const tasks = await ports.history.toJudge(after, ports.eventFiles.concurrency);
    const [task] = tasks;
    if (task === undefined) break;
    readAhead(tasks, ports, pass);
    const last = reports.at(-1);
    if (last !== undefined && dayOf(last.job.finishedAt) !== dayOf(task.finishedAt)) {
      await options.onNewDay?.(last);
    }
    const report = await evaluateOrPostpone(task, () => evaluateRun(task, ports, pass), ports);
    after = task;
    if (report === null || 'word' in report) {
      postponed += 1;
      if (report !== null) troubles.set(report.word, joined(troubles.get(report.word), report));
      continue;
    }
    tell(report, ports);
    options.onRun?.(report);
    reports.push(report);
    if (reports.length % FLUSH_EVERY === 0) await ports.history.flush();
  }
  await ports.history.flush();
  return { reports, postponed, troubles: [...troubles.values()] };
}

/** One more run with the same trouble; the first is the one that is told of. */
function joined(known: Trouble | undefined, found: Trouble): Trouble {
  if (known === undefined || known.runs === null) return found;
  return { ...known, runs: { ...known.runs, count: known.runs.count + 1 } };
}

const MOST_COUNTED = 100_000;

/** Begins to read for the runs that come next: where files are far away, waiting for them is most of the time. */
function readAhead(tasks: readonly JudgeTask[], ports: Ports, pass: Pass): void {
  for (const task of tasks) {
    if (pass.ahead.has(task.uuid)) continue;
    const facts = gatherFacts(task, ports, pass);
    // Whoever judges the run hears of it.
    facts.catch(() => {});
    pass.ahead.set(task.uuid, facts);
  }
}

const DAY_MS = 86_400_000;

function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

/**
 * A place that cannot be reached now, or a run we cannot judge for a reason nobody foresaw, costs that run
 * this pass and no other run: it stays to be judged. What is wrong with history concerns every run.
 */
async function evaluateOrPostpone(
  task: JudgeTask,
  work: () => Promise<RunReport | null>,
  { log }: Ports,
): Promise<RunReport | Trouble | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PortError) throw error;
    const { message } = error as Error;
    const line = `Cannot judge run "${task.runId}" now: ${message}; it is tried again at the next tick`;
    const isOutOfReach = error instanceof OutOfReach;
    if (isOutOfReach) log.warn(line);
    else log.error(line, { error });
    const runs = { first: task.runId, count: 1 };
    return { word: isOutOfReach ? 'files' : 'defect', detail: message, runs };
  }
}

/** The lines people know from the tutorial, and everything worth a warning. */
function tell({ job, metrics, notes, why }: RunReport, { log }: Ports): void {
  if (why === 'cascade') return;
  for (const note of notes) log.warn(`Test "${job.testName}", run "${job.runId}": ${note}`);
  for (const row of metrics) if (row.verdict === 'fail') log.error(failedLine(job.testName, row));
}

function failedLine(testName: string, { metricName, kind, value, lower, upper, reason }: MetricRow): string {
  if (lower === null && upper === null) {
    return `Metric \`${metricName}\` failed for test \`${testName}\`: ${reason}`;
  }
  return outOfBoundsLine({ testName, signal: `metric:${metricName}`, value, valueKind: kind, lower, upper });
}
