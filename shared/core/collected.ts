import { poolSeries, type SeriesSummary, summarize } from './aggregate.ts';
import type { TimeToAccuracySpec } from './effective-config.ts';
import { canonicalJson, fromJsonNumber, type JsonNumber, toJsonNumber } from './json.ts';
import type { SourceConfig } from './schema/source.ts';
import type { ScalarSet, Series } from './series.ts';
import type { RemoteRequest } from './sources/plan.ts';

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

/** What one source beside the event files said. */
export interface CollectedSource {
  /** As people find it in their config, such as `sources.1 (json out.json)`. */
  readonly source: string;
  /** Numbers under the names they are recorded by. */
  readonly values: readonly (readonly [name: string, value: JsonNumber])[];
  readonly series: readonly { readonly tag: string; readonly summary: StoredSummary }[];
  /** Wall time in seconds at which the accuracy was reached in its series; null: never, or no such series. */
  readonly accuracyReachedAt: number | null;
  readonly accuracyTagFound: boolean;
  readonly notes: readonly string[];
  /** Why there is nothing, or not everything, in one sentence; null when there is. */
  readonly problem: string | null;
}

/** What was asked of the files beside the summaries; a change of it means reading again. */
export interface CollectRequest {
  /** Where sources are named; left out where there are event files alone. */
  readonly sources?: readonly SourceConfig[];
  /** What servers are asked, where any are. */
  readonly asked?: readonly RemoteRequest[];
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
  /** Left out where there are event files alone: rows of before had none. */
  readonly sources?: readonly CollectedSource[];
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

/** Everything that is wrong with what a run was collected from, in one sentence or several; null when nothing is. */
export function collectedProblem({ problem, sources = [] }: Collected): string | null {
  const all = [problem, ...sources.map((source) => source.problem)].filter((one) => one !== null);
  return all.length === 0 ? null : all.join('; ');
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
      summary: storedSummary(points),
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
      const summary = storedSummary(poolSeries(group));
      return { by, name, runs: group.map(({ run }) => run), summary };
    });
}

/** Whether any series is the one whose accuracy is asked for, and the first wall time at which one reached it. */
export function accuracyReached(
  series: readonly Series[],
  request: CollectRequest,
): { readonly found: boolean; readonly at: number | null } {
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

/** What is kept of a series, which has at least one point: one without any is not collected. */
export function storedSummary(series: Pick<Series, 'values' | 'steps' | 'wallTimes'>): StoredSummary {
  const summary: SeriesSummary = summarize(series.values, series.steps, series.wallTimes);
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
