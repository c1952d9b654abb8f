import { poolSeries, type SeriesSummary, summarize } from './aggregate.ts';
import type { TimeToAccuracySpec } from './effective-config.ts';
import { canonicalJson, fromJsonNumber, type JsonNumber, toJsonNumber } from './json.ts';
import type { ScalarSet, Series } from './series.ts';

/** A summary as a row of `run_events` keeps it: numbers that JSON cannot carry are strings by name. */
export interface StoredSummary {
  readonly count: number;
  readonly nan: number;
  readonly posinf: number;
  readonly neginf: number;
  /** Step, wall time, value. */
  readonly first: readonly [JsonNumber, JsonNumber, JsonNumber];
  readonly final: readonly [JsonNumber, JsonNumber, JsonNumber];
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly median: number | null;
}

/** One tag of one run folder, or several pooled into one. */
export interface CollectedSeries {
  readonly run: string;
  readonly tag: string;
  readonly removed: number;
  readonly summary: StoredSummary;
}

export interface CollectedPool {
  /** The bare tag of several folders, or a name with prefix that two series share. */
  readonly by: 'tag' | 'prefix';
  readonly name: string;
  readonly runs: readonly string[];
  readonly summary: StoredSummary;
}

/** What was asked of the files beside the summaries; a change of it means reading again. */
export interface CollectRequest {
  readonly modelDir: string;
  readonly timeToAccuracy: TimeToAccuracySpec | null;
  readonly useRunNamePrefix: boolean;
}

/** Everything a tick learnt from the event files of a run: all aggregates of all tags, so that a replay, or another config, needs no file. */
export interface Collected {
  readonly modelDir: string;
  readonly series: readonly CollectedSeries[];
  readonly pools: readonly CollectedPool[];
  /** Wall time in seconds at which the accuracy was reached; null: never, or no such tag. */
  readonly accuracyReachedAt: number | null;
  readonly accuracyTagFound: boolean;
  readonly files: number;
  readonly records: number;
  readonly damage: readonly { path: string; offset: number; kind: string; recordsSkipped: number }[];
  readonly notes: readonly string[];
  /** Why there is nothing, in one sentence that names the folder; null when there is. */
  readonly problem: string | null;
}

/** What identifies a collection among those of a run. */
export function collectRequestId(request: CollectRequest): string {
  return canonicalJson(request);
}

export function collectedNothing(modelDir: string, problem: string): Collected {
  return {
    modelDir,
    series: [],
    pools: [],
    accuracyReachedAt: null,
    accuracyTagFound: false,
    files: 0,
    records: 0,
    damage: [],
    notes: [],
    problem,
  };
}

/** `<run>/<tag>`; the folder itself has no prefix. */
export function prefixedName(run: string, tag: string): string {
  return run === '.' ? tag : `${run}/${tag}`;
}

/** Reduces every point of a model directory to what is kept of it. */
export function collectScalars(scalars: ScalarSet, request: CollectRequest): Collected {
  const { files, notes } = scalars;
  const series = scalars.series.filter(({ values }) => values.length > 0);
  const reached = accuracyReached(series, request);
  return {
    modelDir: request.modelDir,
    series: series.map(({ run, tag, removed, ...points }) => ({
      run,
      tag,
      removed,
      summary: store(summarize(points.values, points.steps, points.wallTimes)),
    })),
    pools: [
      ...pools(series, 'tag', ({ tag }) => tag),
      ...pools(series, 'prefix', ({ run, tag }) => prefixedName(run, tag)),
    ],
    accuracyReachedAt: reached.at,
    accuracyTagFound: reached.found,
    files: files.length,
    records: files.reduce((sum, file) => sum + file.records, 0),
    damage: files.flatMap(({ path, damage }) => (damage === null ? [] : [{ path, ...damage }])),
    notes,
    problem: files.length === 0 ? `no event files in ${request.modelDir}` : null,
  };
}

function pools(series: readonly Series[], by: 'tag' | 'prefix', nameOf: (one: Series) => string) {
  const groups = new Map<string, Series[]>();
  for (const one of series) {
    const name = nameOf(one);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [one]);
    else group.push(one);
  }
  return [...groups]
    .filter(([, group]) => group.length > 1)
    .map(([name, group]): CollectedPool => {
      const pooled = poolSeries(group);
      const summary = store(summarize(pooled.values, pooled.steps, pooled.wallTimes));
      return { by, name, runs: group.map(({ run }) => run), summary };
    });
}

function accuracyReached(series: readonly Series[], request: CollectRequest) {
  const spec = request.timeToAccuracy;
  if (spec === null) return { found: false, at: null };
  const prefixed = request.useRunNamePrefix
    ? series.filter(({ run, tag }) => prefixedName(run, tag) === spec.tag)
    : [];
  const matching = prefixed.length > 0 ? prefixed : series.filter(({ tag }) => tag === spec.tag);
  const times = matching.flatMap((one) => firstReached(one, spec) ?? []);
  return { found: matching.length > 0, at: times.length === 0 ? null : Math.min(...times) };
}

/** Wall time of the first point in file order that reaches the level; points without a time do not count. */
function firstReached({ values, wallTimes }: Series, spec: TimeToAccuracySpec): number | null {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const reached = spec.comparison === 'less_or_equal' ? value <= spec.threshold : value >= spec.threshold;
    if (reached && Number.isFinite(wallTimes[i]!)) return wallTimes[i]!;
  }
  return null;
}

/** A series has at least one point: one without any is not collected. */
function store(summary: SeriesSummary): StoredSummary {
  const { count, nan, posinf, neginf, min, max, mean, median } = summary;
  const point = ({ step, wallTime, value }: NonNullable<SeriesSummary['first']>) =>
    [toJsonNumber(step), toJsonNumber(wallTime), toJsonNumber(value)] as const;
  return {
    count,
    nan,
    posinf,
    neginf,
    first: point(summary.first!),
    final: point(summary.final!),
    min,
    max,
    mean,
    median,
  };
}

/** The value a strategy gives: null where there is no finite value to aggregate. */
export function strategyValue(summary: StoredSummary, strategy: string): number | null {
  switch (strategy) {
    case 'final':
    case 'first':
      return fromJsonNumber(summary[strategy][2]);
    case 'count':
      return summary.count;
    case 'average':
      return summary.mean;
    default:
      return summary[strategy as 'min' | 'max' | 'mean' | 'median'];
  }
}

/** Which kind of nothing a series without a finite value is: all of one infinity, or else NaN. */
export function nonFiniteKind(summary: StoredSummary): 'nan' | 'posinf' | 'neginf' {
  if (summary.posinf === summary.count) return 'posinf';
  return summary.neginf === summary.count ? 'neginf' : 'nan';
}
