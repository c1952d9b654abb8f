import { cutByVersion } from './baseline/cut.ts';
import { labelOf } from './baseline/label.ts';
import {
  type EarlierNeed,
  type EarlierSeries,
  type JudgedRun,
  NO_EARLIER,
  needOf,
} from './baseline/question.ts';
import { type BaselineRecord, recordOf } from './baseline/record.ts';
import { isFixed } from './baseline/window.ts';
import { COMPUTED } from './computed.ts';
import type { EffectiveConfig } from './effective-config.ts';
import { type Judgement, judge, runVerdict, unjudged } from './judge.ts';
import { underBudget } from './judging/budget.ts';
import { type Metric, missingMetric } from './metric.ts';
import type { Outcome } from './outcome.ts';
import type { PersonAction } from './person-action.ts';
import type { MetricRow } from './rows.ts';
import type { ConditionConfig } from './schema/test-config.ts';

/** A metric with what is demanded of it, before it is judged. */
export interface Demanded {
  readonly metric: Metric;
  readonly condition: ConditionConfig | null;
  /** It is in `required_metrics`, and it is not there. */
  readonly requiredMissing: boolean;
}

/** A metric as it was judged; `judgement` is null where nothing was demanded. */
export interface Assessed extends Demanded {
  readonly judgement: Judgement | null;
  /** From which runs; null where no earlier run had a say. */
  readonly baseline: BaselineRecord | null;
}

export interface Assessment {
  readonly metrics: readonly Assessed[];
  readonly verdict: Judgement['verdict'];
}

/**
 * Every metric of a run with its condition, and a missing one for each that is demanded and was not found.
 * `problem` says why no tag was found, in a sentence that names the folder; null when tags were found.
 */
export function demandsOn(
  metrics: readonly Metric[],
  config: EffectiveConfig,
  problem: string | null,
): Demanded[] {
  const byName = new Map(metrics.map((metric) => [metric.name, metric]));
  const bareNames = new Set(metrics.map(({ bareName }) => bareName));
  const wanted = [...config.conditions].flatMap(([name, condition]) => (condition === null ? [] : [name]));
  for (const name of [...wanted, ...config.requiredMetrics]) {
    if (byName.has(name) || bareNames.has(name)) continue;
    // What is wrong with the files is no reason for a metric that does not come from them.
    const detail = problem === null || COMPUTED.has(name) ? '' : `: ${problem}`;
    byName.set(name, missingMetric(name, `missing${detail}`));
  }
  return [...byName.values()].map((metric) => ({
    metric,
    condition: conditionFor(metric, config),
    requiredMissing: metric.kind === 'missing' && config.requiredMetrics.includes(metric.name),
  }));
}

/** The condition that names the metric, with its run prefix first and then bare, else the default one. */
export function conditionFor({ name, bareName }: Metric, config: EffectiveConfig): ConditionConfig | null {
  const named = config.conditions.get(name);
  if (named !== undefined) return named;
  const bare = bareName === null ? undefined : config.conditions.get(bareName);
  return bare === undefined ? config.defaultCondition : bare;
}

/** Which earlier runs each metric is judged from, by its name; metrics that need none are left out. */
export function historyNeeds(
  demands: readonly Demanded[],
  of: { readonly run: JudgedRun; readonly actions: readonly PersonAction[] },
): Map<string, EarlierNeed> {
  const needs = demands.flatMap(({ metric, condition }) => {
    const need = condition === null ? null : needOf(metric.name, condition, of);
    return need === null ? [] : [[metric.name, need] as const];
  });
  return new Map(needs);
}

/** What earlier runs said, by metric name: what was asked, and the answer. */
export interface Earlier {
  readonly needs: ReadonlyMap<string, EarlierNeed>;
  readonly series: ReadonlyMap<string, EarlierSeries>;
}

/** A run that is being judged, and what holds for all of its metrics. */
export interface AssessedRun extends JudgedRun {
  readonly outcome: Outcome;
  readonly configIsBroken: boolean;
  /** Share of failed conditions that may be chance; null or left out: each is taken by itself. */
  readonly falseDiscoveryRate?: number | null;
}

/** Judges every demand. */
export function assess(demands: readonly Demanded[], earlier: Earlier, run: AssessedRun): Assessment {
  const series = demands.map((demanded) => seriesOf(demanded, earlier, run));
  const alone = demands.map((demanded, index) =>
    run.configIsBroken ? blamingConfig(demanded) : judgeOne(demanded, series[index]!.values, run.outcome),
  );
  const rate = run.falseDiscoveryRate ?? null;
  const judged = rate === null ? alone : underBudget(alone, rate);
  const metrics = demands.map((demanded, index) => ({
    ...demanded,
    judgement: judged[index] ?? null,
    baseline: baselineOf(demanded, { judgement: alone[index] ?? null, earlier, series: series[index]! }),
  }));
  const judgements = metrics.flatMap(({ judgement }) => judgement ?? []);
  const verdict = runVerdict(run.outcome, judgements);
  const conclusive = run.configIsBroken && run.outcome === 'success' ? 'inconclusive' : verdict;
  return { metrics, verdict: conclusive };
}

function seriesOf({ metric, condition }: Demanded, { series }: Earlier, run: JudgedRun): EarlierSeries {
  const found = series.get(metric.name) ?? NO_EARLIER;
  const version = condition?.history_versions?.of;
  return version === undefined ? found : cutByVersion(condition!, found, labelOf(run, version));
}

/** What is stored beside the verdict of a metric that was held against earlier runs. */
function baselineOf(
  { metric, condition }: Demanded,
  {
    judgement,
    earlier,
    series,
  }: { readonly judgement: Judgement | null; readonly earlier: Earlier; readonly series: EarlierSeries },
): BaselineRecord | null {
  const need = earlier.needs.get(metric.name);
  if (need === undefined || condition === null || isFixed(condition)) return null;
  if (judgement === null || NOT_LOOKED.has(judgement.reason ?? '')) return null;
  const used = judgement.used ?? series.values.map((_, at) => at);
  return recordOf(condition, { need, series, used });
}

/** Reasons of a judgement that looked back on nothing. */
const NOT_LOOKED: ReadonlySet<string> = new Set(['outcome', 'config']);

/** What the file or the default rule demands is not judged either: the message may have meant to change it. */
function blamingConfig({ condition, requiredMissing }: Demanded): Judgement | null {
  return condition !== null || requiredMissing ? unjudged('config') : null;
}

function judgeOne(
  { metric, condition, requiredMissing }: Demanded,
  earlier: readonly number[],
  outcome: Outcome,
): Judgement | null {
  if (requiredMissing && outcome === 'success') {
    return { ...unjudged(metric.reason ?? 'missing'), verdict: 'fail' };
  }
  if (condition !== null) return judge({ metric, condition, outcome, earlier });
  return requiredMissing ? unjudged('outcome') : null;
}

/** The row of `metric_history` for an assessed metric. */
export function metricRow({ metric, judgement, baseline }: Assessed): MetricRow {
  return {
    metricName: metric.name,
    kind: metric.kind,
    value: metric.value,
    lower: judgement?.lower ?? null,
    upper: judgement?.upper ?? null,
    verdict: judgement?.verdict ?? null,
    reason: judgement === null ? metric.reason : judgement.reason,
    baselineN: judgement?.baselineN ?? 0,
    baseline,
  };
}
