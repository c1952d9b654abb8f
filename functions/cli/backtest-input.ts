import { readFileSync } from 'node:fs';
import { isObject } from '../../shared/core/json.ts';
import type { TrialSeries } from '../../shared/core/judging/backtest/backtest.ts';
import { parseTime } from '../../shared/core/time.ts';
import { UsageError } from '../errors.ts';

/** A series of the input file, and where each of its runs stood there. */
export interface InputSeries extends TrialSeries {
  /** By position in the order of times: the position in the file. */
  readonly positions: readonly number[];
}

/** Reads series, one JSON object a line (contracts §6); runs are put in the order of their times. */
export function readSeriesFile(path: string): InputSeries[] {
  const lines = textOf(path).split('\n');
  const series = lines.flatMap((line, index) =>
    line.trim() === '' ? [] : [seriesOf(line, `${path}:${index + 1}`)],
  );
  if (series.length === 0) throw new UsageError(`Cannot backtest "${path}": it holds no series`);
  return series;
}

function textOf(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw new UsageError(`Cannot read "${path}": ${(error as Error).message}`);
  }
}

function seriesOf(line: string, place: string): InputSeries {
  const json = parsed(line, place);
  const { series: id, higher_is_better: higher = null, points } = json;
  if (typeof id !== 'string') throw wanted(place, 'series', { what: 'a text', got: id });
  if (higher !== null && typeof higher !== 'boolean') {
    throw wanted(place, 'higher_is_better', { what: 'true, false or null', got: higher });
  }
  if (!Array.isArray(points)) throw wanted(place, 'points', { what: 'a list', got: points });
  const runs = points.map((point, index) => runOf(point, `${place}: points.${index}`, index));
  // Sorting keeps the order of equal times, and of runs without one.
  const ordered = runs.some(({ time }) => time === null) ? runs : runs.toSorted((a, b) => a.time! - b.time!);
  return {
    id,
    good: higher === null ? null : higher ? 'higher' : 'lower',
    points: ordered.map(({ value }) => value),
    times: ordered.map(({ time }) => time),
    positions: ordered.map(({ index }) => index),
  };
}

function parsed(line: string, place: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    throw new UsageError(`Cannot read ${place}: ${(error as Error).message}`);
  }
  if (!isObject(json)) throw new UsageError(`Cannot read ${place}: wanted one JSON object a line`);
  return json;
}

const NUMBER_WORDS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

function runOf(point: unknown, place: string, index: number) {
  if (!isObject(point)) throw wanted(place, '', { what: 'an object with time and value', got: point });
  const { time = null, value = null } = point;
  const at = time === null ? null : typeof time === 'string' ? parseTime(time) : Number.NaN;
  if (time !== null && (at === null || Number.isNaN(at)))
    throw wanted(place, 'time', { what: 'an ISO 8601 time', got: time });
  return { index, time: at, value: pointValue(value, place) };
}

function pointValue(value: unknown, place: string): number | null {
  if (value === null || typeof value === 'number') return value;
  if (typeof value === 'string' && Object.hasOwn(NUMBER_WORDS, value)) return NUMBER_WORDS[value]!;
  throw wanted(place, 'value', { what: 'a number, "NaN", "Infinity", "-Infinity" or null', got: value });
}

function wanted(
  place: string,
  key: string,
  { what, got }: { readonly what: string; readonly got: unknown },
): UsageError {
  const at = key === '' ? place : `${place}: ${key}`;
  return new UsageError(`Cannot read ${at}: wanted ${what}, got ${JSON.stringify(got) ?? 'nothing'}`);
}
