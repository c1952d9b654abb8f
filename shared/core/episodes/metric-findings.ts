import { type Assessed, conditionFor } from '../assess.ts';
import { COMPUTED } from '../computed.ts';
import type { EffectiveConfig } from '../effective-config.ts';
import { missingMetric } from '../metric.ts';
import type { Episode, Signal } from './episode.ts';
import { detailsOf, type Finding, type JudgedRun, plainDetails } from './finding.ts';
import { improvementSays, type MetricSays, metricDetails, regressionSays } from './metric-sight.ts';
import type { Says } from './sight.ts';

/** Fewer missing metrics than these are each an incident of their own. */
const FEWEST_TOGETHER = 2;

/** What a judged run says of its metrics, and of those that open episodes are about. `open`: all that are open. */
export function metricFindings(judged: JudgedRun, open: readonly Episode[]): Finding[] {
  const about = open.filter(({ signal }) => isMetricSignal(signal));
  const { job, config } = judged;
  if (!config.alerts.metrics) return about.map((episode) => silentFinding(episode, 'undemanded'));
  // A run that did not succeed, or whose config cannot be read, says nothing of its metrics.
  if (job.outcome !== 'success' || config.problems.length > 0) {
    return about.map((episode) => silentFinding(episode, 'neutral'));
  }
  const together = missingTogether(judged);
  const found = judged.assessment.metrics
    .filter(({ metric }) => isWatched(metric, config))
    .flatMap((assessed) => findingsOf(assessed, config, together.metrics.has(assessed.metric.name)));
  const others = about
    .filter(
      (one) => !found.some(({ signal, polarity }) => signal === one.signal && polarity === one.polarity),
    )
    .filter(({ signal }) => signal !== 'metrics')
    .map((episode) => silentFinding(episode, isOptional(episode, judged) ? 'absent' : 'undemanded'));
  return [...found, ...others, metricsFinding(together)];
}

function isMetricSignal(signal: Signal): boolean {
  return signal === 'metrics' || signal.startsWith('metric:');
}

interface Named {
  readonly name: string;
  readonly bareName: string | null;
}

function isWatched({ name, bareName }: Named, { alerts: { subset } }: EffectiveConfig): boolean {
  return subset.length === 0 || subset.includes(name) || (bareName !== null && subset.includes(bareName));
}

/** Something is demanded of the metric wherever it turns up, and this run does not have it. */
function isOptional({ signal }: Episode, { assessment, config }: JudgedRun): boolean {
  const metric = missingMetric(signal.slice('metric:'.length), 'missing');
  const isThere = assessment.metrics.some(({ metric: { name } }) => name === metric.name);
  return !isThere && isWatched(metric, config) && conditionFor(metric, config) !== null;
}

function findingsOf(assessed: Assessed, config: EffectiveConfig, isInhibited: boolean): Finding[] {
  const { metric } = assessed;
  const signal: Signal = `metric:${metric.name}`;
  const { afterSecondFailure } = config.alerts;
  const said = isInhibited ? { says: 'neutral' as const, judge: null } : saysOf(assessed, config);
  const regression: Finding = {
    signal,
    polarity: 'bad',
    metric,
    ...said,
    details: () => metricDetails(assessed, said, afterSecondFailure),
  };
  const better = isInhibited ? null : improvementSays(assessed);
  if (better === null) return [regression];
  const details = () => ({ ...metricDetails(assessed, better, false), severity: 'info' as const });
  return [regression, { signal, polarity: 'good', metric, ...better, details }];
}

/** A metric that is only required is good when it is there. */
function saysOf(assessed: Assessed, { requiredMetrics }: EffectiveConfig): MetricSays {
  const { metric, condition, judgement } = assessed;
  const isPlain = judgement === null && condition === null && requiredMetrics.includes(metric.name);
  if (isPlain) return { says: metric.value === null ? 'neutral' : 'good', judge: null };
  return regressionSays(assessed);
}

function silentFinding(episode: Episode, says: Says): Finding {
  const { signal, polarity } = episode;
  return { signal, polarity, metric: null, says, judge: null, details: () => detailsOf(episode) };
}

interface Together {
  /** Missing metrics that are told as one. */
  readonly metrics: ReadonlySet<string>;
  readonly demanded: number;
}

/** Half or more of the metrics that a run has to report are missing: one incident, and not one for each. */
function missingTogether({ assessment, config }: JudgedRun): Together {
  const demanded = assessment.metrics.filter(
    ({ metric, condition }) =>
      !COMPUTED.has(metric.name) &&
      isWatched(metric, config) &&
      (config.requiredMetrics.includes(metric.name) ||
        (condition !== null && (condition.on_missing ?? 'fail') === 'fail')),
  );
  const missing = demanded.filter(
    ({ metric, judgement }) => metric.kind === 'missing' && judgement?.verdict === 'fail',
  );
  const isTogether = missing.length >= FEWEST_TOGETHER && 2 * missing.length >= demanded.length;
  return {
    metrics: new Set(isTogether ? missing.map(({ metric }) => metric.name) : []),
    demanded: demanded.length,
  };
}

function metricsFinding({ metrics, demanded }: Together): Finding {
  const isBad = metrics.size > 0;
  return {
    signal: 'metrics',
    polarity: 'bad',
    metric: null,
    says: isBad ? 'bad' : 'good',
    judge: null,
    details: () =>
      plainDetails({
        reason: isBad ? 'missing' : '',
        severity: 'warning',
        demand: `report ${demanded} metrics`,
        name: 'metrics',
      }),
  };
}
