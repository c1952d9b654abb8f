import { mean } from '../../statistics/mean.ts';
import { sampleDeviation } from '../../statistics/sample-deviation.ts';
import { upperQuantile } from '../../statistics/student.ts';
import { type Band, bandOf } from './band.ts';

/** Runs of a test in a year, unless the config says otherwise: one a night. */
export const RUNS_A_YEAR = 365;

/** How sure the interval is: either of the two. */
export interface Sureness {
  /** Share of ordinary runs inside, such as 0.99. */
  readonly confidence?: number | undefined;
  /** The same, as what is outside by chance alone in a year of `runs_a_year` runs. */
  readonly false_alarms_a_year?: number | undefined;
  readonly runs_a_year?: number | undefined;
}

/**
 * Where the next value of n normal ones lies: mean ± t·s·√(1 + 1/n), t the quantile of Student's t with n − 1
 * degrees of freedom (Hahn and Meeker 1991, eq. 4.7). The share outside is on one side, or half on each. Needs
 * two values.
 */
export function predictionInterval(
  values: readonly number[],
  sureness: Sureness,
  { sides }: { readonly sides: 1 | 2 },
): Band {
  const n = values.length;
  const quantile = upperQuantile(outside(sureness) / sides, n - 1);
  return bandOf(mean(values)!, sampleDeviation(values)!, quantile * Math.sqrt(1 + 1 / n));
}

/** The share of ordinary runs that the setting lets fail. */
function outside({ confidence, false_alarms_a_year: alarms, runs_a_year: runs }: Sureness): number {
  return confidence === undefined ? alarms! / (runs ?? RUNS_A_YEAR) : 1 - confidence;
}
