import type { RunOrder } from '../core/run.ts';
import { PortError } from '../ports/error.ts';
import { outOfBoundsLine } from '../render/sentence.ts';
import type { PassOptions, Ports, Settings } from './context.ts';
import { evaluateRun, type Pass, type RunReport } from './evaluate-run.ts';

/** Runs looked up at a time; the order is by end, over all tests. */
const BATCH = 200;

export interface EvaluateOptions extends PassOptions {
  /** Called after every run, before the next one: for progress, and to close a day. */
  readonly onRun?: (report: RunReport) => void;
  /** Called before a run whose end lies on another UTC day than the one before it. */
  readonly onNewDay?: (previous: RunReport) => Promise<void>;
}

/** Judges every finished run that waits, in the order of their ends. */
export async function evaluate(
  ports: Ports,
  settings: Settings,
  options: EvaluateOptions,
): Promise<RunReport[]> {
  const pass: Pass = { settings, options, configs: new Map() };
  const reports: RunReport[] = [];
  let after: RunOrder | null = null;
  for (;;) {
    // Judging marks only later runs of the test, so that one walk forward meets them all.
    const tasks = await ports.history.toJudge(after, BATCH);
    if (tasks.length === 0) return reports;
    for (const task of tasks) {
      const last = reports.at(-1);
      if (last !== undefined && dayOf(last.job.finishedAt) !== dayOf(task.finishedAt)) {
        await options.onNewDay?.(last);
      }
      const report = await evaluateOrPostpone(() => evaluateRun(task, ports, pass), ports);
      after = task;
      if (report === null) continue;
      tell(report, ports);
      options.onRun?.(report);
      reports.push(report);
    }
  }
}

const DAY_MS = 86_400_000;

function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

/** A place that cannot be reached now costs its run this pass, and no other run. */
async function evaluateOrPostpone(
  work: () => Promise<RunReport | null>,
  { log }: Ports,
): Promise<RunReport | null> {
  try {
    return await work();
  } catch (error) {
    // A full or locked history concerns every run: then the whole pass stops, and nothing is lost.
    if (!(error instanceof PortError) || error.code !== 'unavailable') throw error;
    log.warn(`${error.message}; the run is tried again at the next tick`);
    return null;
  }
}

/** The lines people know from the tutorial, and everything worth a warning. */
function tell({ job, metrics, notes, why }: RunReport, { log }: Ports): void {
  if (why === 'cascade') return;
  for (const note of notes) log.warn(`Test "${job.testName}", run "${job.runId}": ${note}`);
  for (const row of metrics) {
    if (row.verdict !== 'fail') continue;
    log.error(
      outOfBoundsLine({
        testName: job.testName,
        signal: `metric:${row.metricName}`,
        value: row.value,
        valueKind: row.kind,
        lower: row.lower,
        upper: row.upper,
      }),
    );
  }
}
