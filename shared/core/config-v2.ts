import type { JsonNumber } from './json.ts';
import {
  type AssertionV2,
  type CollectionV2,
  type ProtoTime,
  type SourceV2,
  secondsOf,
  type TensorBoardV2,
} from './message-v2.ts';
import { show } from './problem.ts';
import { formatTime, fromUnixSeconds } from './time.ts';

/** The config of a v2 message in our shape, unchecked like any other, and what of it we cannot do. */
export interface ConfigV2 {
  readonly config: object;
  /** One sentence each, with the place. Any of them makes the config unusable: a demand is never dropped in silence. */
  readonly problems: readonly string[];
}

/** What a v2 message calls by another name. It measured `duration` in seconds, from start to end. */
const LITERALS: ReadonlyMap<string, string> = new Map([['duration', 'total_wall_time']]);

/** Where PerfZero leaves what it measured, below the folder of the run. */
const PERF_ZERO = { json: { path: '*/perfzero_summary.json', preset: 'perfzero' } };

const STRATEGIES: ReadonlySet<unknown> = new Set(['FINAL', 'MIN', 'MAX', 'AVERAGE', 'MEDIAN']);

interface Found {
  readonly metric: string;
  readonly assertion: AssertionV2;
  readonly at: string;
}

/**
 * Maps a v2 config onto ours: sources become what is collected, assertions become conditions by metric name. Metrics
 * of a run that failed are recorded in any case, and a missing one that is asserted fails.
 */
export function configOfV2(collection: CollectionV2, ownTest: string): ConfigV2 {
  const problems: string[] = [];
  const at = 'metric_collection_config';
  const sources = collection.sources ?? [];
  const found = sources.flatMap((source, n) => assertionsOf(source, { at: `${at}.sources.${n}`, problems }));
  const conditions = new Map<string, object>();
  for (const { metric, assertion, at: place } of found) {
    const condition = conditionOf(assertion);
    if (typeof condition === 'string') problems.push(`${place}: ${condition}`);
    else if (conditions.has(metric)) problems.push(`${place}: "${metric}" has an assertion already`);
    else conditions.set(metric, condition);
  }
  const other = collection.compare_to_benchmark_id ?? '';
  if (found.some(({ assertion }) => looksBack(assertion)) && other !== '' && other !== ownTest) {
    problems.push(`${at}.compare_to_benchmark_id: this version knows no history but that of the test itself`);
  }
  const boards = sources.flatMap(({ tensorboard }) => tensorboard ?? []);
  const tensorboard = boards.length === 0 ? [] : [{ tensorboard: {} }];
  return {
    config: {
      ...(sources.some(({ perfzero }) => perfzero !== undefined)
        ? { sources: [...tensorboard, PERF_ZERO] }
        : {}),
      ...(boards.length === 0 ? {} : { metric_collection_config: collected(boards, { at, problems }) }),
      regression_test_config: {
        metric_success_conditions: Object.fromEntries(conditions),
        ...(collection.silence_alerts ? { alert_for_failed_jobs: false } : {}),
      },
    },
    problems,
  };
}

interface Place {
  readonly at: string;
  readonly problems: string[];
}

function assertionsOf(source: SourceV2, { at, problems }: Place): Found[] {
  if (source.tensorboard !== undefined) {
    const demands = source.tensorboard.aggregate_assertions ?? [];
    return demands.flatMap(({ tag = '', strategy = 'FINAL', assertion = {} }, n) => {
      const place = `${at}.tensorboard.aggregate_assertions.${n}`;
      const word = strategyWord(strategy, { at: `${place}.strategy`, problems });
      return word === null ? [] : [{ metric: `${tag}_${word}`, assertion, at: `${place}.assertion` }];
    });
  }
  if (source.literals !== undefined) {
    return Object.entries(source.literals.assertions ?? {}).map(([name, assertion]) => ({
      metric: LITERALS.get(name) ?? name,
      assertion,
      at: `${at}.literals.assertions.${name}`,
    }));
  }
  if (source.perfzero !== undefined) {
    return Object.entries(source.perfzero.assertions ?? {}).map(([name, assertion]) => ({
      metric: name,
      assertion,
      at: `${at}.perfzero.assertions.${name}`,
    }));
  }
  problems.push(`${at}: is of a kind that this version does not know`);
  return [];
}

function strategyWord(strategy: unknown, { at, problems }: Place): string | null {
  if (STRATEGIES.has(strategy)) return String(strategy).toLowerCase();
  problems.push(`${at}: must be one of ${[...STRATEGIES].join(', ')}: current value is ${show(strategy)}`);
  return null;
}

/** What is collected for all sources together; a tag that none of them includes still has its `final`. */
function collected(boards: readonly TensorBoardV2[], { at, problems }: Place): object {
  const [merged = false, ...others] = boards.map(({ merge_runs = false }) => merge_runs);
  if (others.some((other) => other !== merged)) {
    problems.push(`${at}.sources: merge_runs must be the same in all of them`);
  }
  const byTag = new Map<string, Set<string>>();
  for (const { tag_pattern: tag = '', strategies = [] } of boards.flatMap(
    (board) => board.include_tags ?? [],
  )) {
    const words = strategies.flatMap(
      (one) => strategyWord(one, { at: `${at}.sources: include_tags`, problems }) ?? [],
    );
    if (words.length > 0) byTag.set(tag, new Set([...(byTag.get(tag) ?? []), ...words]));
  }
  const strategies = Object.fromEntries([...byTag].map(([tag, words]) => [tag, [...words]]));
  return {
    use_run_name_prefix: !merged,
    metric_to_aggregation_strategies: strategies,
    tags_to_ignore: boards.flatMap((board) => board.exclude_tags ?? []),
  };
}

/** The condition an assertion stands for, or in a few words why there is none. */
function conditionOf(assertion: AssertionV2): object | string {
  const { fixed_value: fixed, within_bounds: bounds, std_devs_from_mean: deviations } = assertion;
  if (fixed !== undefined) return fixedCondition(fixed, assertion);
  if (bounds !== undefined) {
    return between(bounds.lower_bound ?? 0, bounds.upper_bound ?? 0, assertion);
  }
  if (deviations !== undefined) {
    const { comparison, std_devs: count = 0 } = deviations;
    return fromHistory({ stddevs_from_mean: count }, { comparison, assertion, kind: 'std_devs_from_mean' });
  }
  if (assertion.percent_difference !== undefined)
    return percentCondition(assertion.percent_difference, assertion);
  return 'is of a kind that this version does not know';
}

function fixedCondition(
  { comparison = 'EQUAL', value = 0 }: NonNullable<AssertionV2['fixed_value']>,
  assertion: AssertionV2,
): object | string {
  const word = comparison === 'EQUAL' ? 'equal' : oneSided(comparison, assertion);
  if (word === null)
    return `fixed_value goes only with EQUAL, LESS and GREATER, not with ${show(comparison)}`;
  return fixedAt(word, value);
}

/** A side at infinity is none. Ours takes a value that lies on a bound, whatever `inclusive_bounds` says. */
function between(lower: JsonNumber, upper: JsonNumber, assertion: AssertionV2): object | string {
  if (upper === 'Infinity') return fixedAt(oneSided('GREATER', assertion)!, lower);
  if (lower === '-Infinity') return fixedAt(oneSided('LESS', assertion)!, upper);
  if (typeof lower !== 'number' || typeof upper !== 'number') {
    return `must be between finite numbers: current values are ${lower} and ${upper}`;
  }
  return { comparison: 'within', success_threshold: { within_bounds: { lower, upper } } };
}

function fixedAt(comparison: string, value: JsonNumber): object | string {
  if (typeof value !== 'number') return `must be a finite number: current value is ${value}`;
  return { comparison, success_threshold: { fixed_value: value } };
}

/** A fraction of a given value is a fixed threshold; of the mean, one from history. */
function percentCondition(
  { comparison, percent = 0, value }: NonNullable<AssertionV2['percent_difference']>,
  assertion: AssertionV2,
): object | string {
  if (typeof percent !== 'number') return `percent must be a finite number: current value is ${percent}`;
  const history = fromHistory(
    { percent_from_mean: percent * 100 },
    { comparison, assertion, kind: 'percent_difference' },
  );
  if (value === undefined || typeof history === 'string') return history;
  if (typeof value !== 'number') return `value must be a finite number: current value is ${value}`;
  // Of its size: below a negative value, too, lies what is less.
  const reach = percent * Math.abs(value);
  if (comparison === 'WITHIN') return between(value - reach, value + reach, assertion);
  return fixedAt(oneSided(comparison, assertion)!, comparison === 'LESS' ? value + reach : value - reach);
}

interface HistoryDemand {
  readonly comparison: unknown;
  readonly assertion: AssertionV2;
  readonly kind: string;
}

function fromHistory(threshold: object, { comparison, assertion, kind }: HistoryDemand): object | string {
  const word = comparison === 'WITHIN' ? 'within' : oneSided(comparison, assertion);
  if (word === null) {
    return `${kind} goes only with WITHIN, LESS and GREATER, not with ${show(comparison ?? 'EQUAL')}`;
  }
  const waits = assertion.wait_for_n_data_points;
  return {
    comparison: word,
    success_threshold: threshold,
    ...(waits ? { wait_for_n_points_of_history: waits } : {}),
    ...(looksBack(assertion) ? earlierRuns(assertion) : {}),
  };
}

/** Which earlier runs feed an assertion: those of a span before the run, or since a moment; both where both are given. */
function earlierRuns({ time_window: span, min_timestamp: since }: AssertionV2): object {
  return {
    ...(span === undefined ? {} : { history_window: `${secondsOf(span)}s` }),
    ...(since === undefined ? {} : { history_since: momentText(since) }),
  };
}

/** What is no moment that a text can hold stays what it is, for the check of the config to name. */
function momentText(moment: ProtoTime): string {
  const time = fromUnixSeconds(secondsOf(moment));
  return time === null ? `${secondsOf(moment)} s` : formatTime(time);
}

function looksBack({ std_devs_from_mean: deviations, percent_difference: percent }: AssertionV2): boolean {
  return deviations !== undefined || (percent !== undefined && percent.value === undefined);
}

/** Null for a comparison that bounds no one side. */
function oneSided(comparison: unknown, { inclusive_bounds: inclusive }: AssertionV2): string | null {
  if (comparison !== 'LESS' && comparison !== 'GREATER') return null;
  return `${comparison.toLowerCase()}${inclusive ? '_or_equal' : ''}`;
}
