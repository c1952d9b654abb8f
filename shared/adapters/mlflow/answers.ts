import type { SourcePoint } from '../../core/sources/reading.ts';
import { RemoteFailure } from '../remote/failure.ts';

/** What is read of a run. */
export interface TrackedRun {
  readonly id: string;
  /** RUNNING, SCHEDULED, FINISHED, FAILED or KILLED. */
  readonly status: string;
  readonly isDeleted: boolean;
  /** Names of its metrics. */
  readonly keys: readonly string[];
}

/** Some points of a metric, and the token of the next page; null at the end. */
export interface HistoryPage {
  readonly points: readonly SourcePoint[];
  readonly next: string | null;
}

/** Reads `{run: {info, data}}` or an element of `runs`. */
export function runOf(value: unknown): TrackedRun {
  const { info, data } = fields(value);
  const { run_id: id, status, lifecycle_stage: stage } = fields(info);
  const { metrics = [] } = data === undefined ? {} : fields(data);
  if (typeof id !== 'string' || typeof status !== 'string' || !Array.isArray(metrics)) throw strange();
  const keys = metrics.map((metric) => {
    const { key } = fields(metric);
    if (typeof key !== 'string') throw strange();
    return key;
  });
  return { id, status, isDeleted: stage === 'deleted', keys: [...new Set(keys)] };
}

/** Reads `{run}`. */
export function gotRun(value: unknown): TrackedRun {
  return runOf(fields(value).run);
}

/** Reads `{runs}`: the first of them, null when there is none. */
export function foundRun(value: unknown): TrackedRun | null {
  const { runs = [] } = fields(value);
  if (!Array.isArray(runs)) throw strange();
  return runs.length === 0 ? null : runOf(runs[0]);
}

/** Reads `{experiment}`: its id. */
export function experimentOf(value: unknown): string {
  const { experiment_id: id } = fields(fields(value).experiment);
  if (typeof id !== 'string') throw strange();
  return id;
}

/** Reads `{model_version: {tags}}`: its tags, of which there may be none. */
export function modelTags(value: unknown): ReadonlyMap<string, unknown> {
  const { tags = [] } = fields(fields(value).model_version);
  if (!Array.isArray(tags)) throw strange();
  return new Map(
    tags.map((tag) => {
      const { key, value: text } = fields(tag);
      if (typeof key !== 'string') throw strange();
      return [key, text];
    }),
  );
}

/** Reads `{metrics, next_page_token}` of the metric `name`. */
export function historyOf(value: unknown, name: string): HistoryPage {
  const { metrics = [], next_page_token: next = '' } = fields(value);
  if (!Array.isArray(metrics) || typeof next !== 'string') throw strange();
  return { points: metrics.map((metric) => pointOf(metric, name)), next: next === '' ? null : next };
}

function pointOf(value: unknown, name: string): SourcePoint {
  const { value: measured, step = 0, timestamp } = fields(value);
  const at = numberOf(timestamp);
  return {
    name,
    step: numberOf(step),
    wallTime: at > 0 ? at / 1000 : Number.NaN,
    value: measuredOf(measured),
  };
}

/** Numbers of 64 bits come as numbers or, from some servers, as text. */
function numberOf(value: unknown): number {
  const number = typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw strange();
  return number;
}

const WORDS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/**
 * Infinities are words, or the largest number: a database of MLflow keeps them so (`mlflow.log_metric` in its
 * documentation).
 */
function measuredOf(value: unknown): number {
  const number = typeof value === 'string' ? WORDS[value] : value;
  if (typeof number !== 'number') throw strange();
  if (Math.abs(number) === Number.MAX_VALUE)
    return number > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  return number;
}

/** In the order in which MLflow takes the last value of a metric: by step, then time, then value. */
export function inOrder(points: readonly SourcePoint[]): SourcePoint[] {
  return points.toSorted(
    (a, b) => a.step - b.step || rank(a.wallTime) - rank(b.wallTime) || rank(a.value) - rank(b.value) || 0,
  );
}

/** NaN before everything; the difference of two infinities is NaN, which counts as none. */
function rank(value: number): number {
  return Number.isNaN(value) ? -Number.MAX_VALUE : value;
}

function fields(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw strange();
  return value as Record<string, unknown>;
}

function strange(): RemoteFailure {
  return new RemoteFailure('refused', 'the answer is not what MLflow gives');
}
