import type { Earlier } from '../../shared/core/assess.ts';
import type { EarlierSeries } from '../../shared/core/baseline/question.ts';

/** What earlier runs said, newest first, from values alone: the newest is run `1`. */
export function seriesOf(values: readonly number[]): EarlierSeries {
  return { values, runIds: values.map((_, at) => `${at + 1}`), versions: values.map(() => null) };
}

/** Answers to `assess` for metrics of which only values are known. */
export function earlierOf(values: ReadonlyMap<string, readonly number[]> = new Map()): Earlier {
  return {
    needs: new Map([...values].map(([name, { length: limit }]) => [name, { limit }])),
    series: new Map([...values].map(([name, of]) => [name, seriesOf(of)])),
  };
}

/** A run of no kind in particular that was a success. */
export const ANY_RUN = {
  finishedAt: Date.UTC(2026, 7, 1),
  testType: null,
  accelerator: null,
  frameworkVersion: null,
  labels: {},
  outcome: 'success',
  configIsBroken: false,
} as const;
