import { alertingMetrics, decideAlert, decideJobAlert, isConfirmed, isTold } from '../core/alert.ts';
import type { AlertItem } from '../core/alert-item.ts';
import type { Assessed, Assessment } from '../core/assess.ts';
import { DEFAULT_HISTORY_WINDOW } from '../core/bounds.ts';
import { digestOf } from '../core/digest.ts';
import type { EffectiveConfig } from '../core/effective-config.ts';
import { demandText } from '../core/judging/demand.ts';
import { type JobRow, orderOf } from '../core/rows.ts';
import type { Alert, EarlierRuns } from '../ports/history.ts';

/** Points of the little chart in a mail. */
const RECENT = 30;

export interface AlertTask {
  readonly job: JobRow;
  readonly modelDir: string | null;
  readonly assessment: Assessment;
  readonly config: EffectiveConfig;
  readonly recipients: readonly string[];
  readonly suppressed: boolean;
}

/** The alerts of a judged run: its end, and each failed condition that starts, or confirms, a failing streak. */
export async function decideAlerts(task: AlertTask, earlier: EarlierRuns): Promise<Alert[]> {
  const job = await jobAlert(task, earlier);
  const alerts = job === null ? [] : [job];
  for (const assessed of alertingMetrics(task.assessment.metrics, task.config)) {
    const alert = await metricAlert(assessed, task, earlier);
    if (alert !== null) alerts.push(alert);
  }
  return alerts;
}

async function jobAlert(task: AlertTask, earlier: EarlierRuns): Promise<Alert | null> {
  const { job, config } = task;
  const order = orderOf(job);
  const previous = await earlier.lastOutcome(job.testName, order);
  if (!decideJobAlert(job.outcome, previous, config)) return null;
  return alertOf(task, {
    signal: 'job',
    reason: 'outcome',
    value: null,
    valueKind: null,
    lower: null,
    upper: null,
    baselineN: 0,
    demand: 'end as success',
    streak: 1,
    lastGood: await earlier.lastGood(job.testName, order, null),
    recent: [],
  });
}

async function metricAlert(
  { metric, condition, judgement }: Assessed,
  task: AlertTask,
  earlier: EarlierRuns,
): Promise<Alert | null> {
  const { testName } = task.job;
  const order = orderOf(task.job);
  const streak = await earlier.failingStreak(testName, order, metric.name);
  const decision = decideAlert(judgement!.reason, streak, task.config.alerts.afterSecondFailure);
  if (!isConfirmed(judgement!) && !isTold(decision)) return null;
  const options = { metric: metric.name, limit: RECENT - 1 };
  const recent = await earlier.recentValues(testName, order, options);
  return alertOf(task, {
    signal: `metric:${metric.name}`,
    // The run that makes a change sure may lie inside its own bounds.
    reason: judgement!.reason ?? 'changed',
    value: metric.value,
    valueKind: metric.kind,
    lower: judgement!.lower,
    upper: judgement!.upper,
    baselineN: judgement!.baselineN,
    demand: demandText(condition, condition?.history_window ?? DEFAULT_HISTORY_WINDOW),
    streak: streak.failing + 1,
    lastGood: await earlier.lastGood(testName, order, metric.name),
    recent: [...recent, metric.value],
  });
}

type Finding = Pick<
  AlertItem,
  | 'signal'
  | 'reason'
  | 'value'
  | 'valueKind'
  | 'lower'
  | 'upper'
  | 'baselineN'
  | 'demand'
  | 'streak'
  | 'lastGood'
  | 'recent'
>;

function alertOf({ job, modelDir, recipients, suppressed }: AlertTask, finding: Finding): Alert {
  const { uuid, testName, runId, attempt, outcome, finishedAt, logsLink, workloadLink } = job;
  return {
    id: digestOf('alert', uuid, finding.signal),
    uuid,
    recipients,
    suppressed,
    item: { testName, runId, attempt, outcome, finishedAt, ...finding, logsLink, workloadLink, modelDir },
  };
}
