import { mean } from '../../statistics/mean.ts';
import { sampleDeviation } from '../../statistics/sample-deviation.ts';
import { type Band, bandOf } from './band.ts';

/** The setting of `stddevs_from_mean`; a bare number is its `deviations`. */
export interface Deviations {
  readonly deviations: number;
  /** Divide by n, as the original did (`numpy.std`), and not by n − 1. */
  readonly population?: boolean | undefined;
}

/** mean ± k·s (contracts §4). Needs two values. */
export function stddevsFromMean(values: readonly number[], { deviations, population }: Deviations): Band {
  const n = values.length;
  const sample = sampleDeviation(values)!;
  return bandOf(mean(values)!, population ? sample * Math.sqrt((n - 1) / n) : sample, deviations);
}
