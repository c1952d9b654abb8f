import { mean } from './mean.ts';
import { sampleDeviation } from './sample-deviation.ts';
import { studentTail, upperQuantile } from './student.ts';

/** How the mean of B differs from that of A. */
export interface Welch {
  readonly t: number;
  /** Degrees of freedom by Welch and Satterthwaite. */
  readonly df: number;
  /** Two-sided. */
  readonly p: number;
  /** Interval of the difference of means, B − A, at the confidence asked for. */
  readonly interval: readonly [number, number];
}

/**
 * The t-test of Welch 1947 for two means of unequal variance: `scipy.stats.ttest_ind(b, a, equal_var=False)`. Both sides
 * need two values; without any spread p is 1 for equal means and 0 for others.
 */
export function welch(a: ArrayLike<number>, b: ArrayLike<number>, confidence: number): Welch {
  const difference = mean(b)! - mean(a)!;
  const [va, vb] = [sampleDeviation(a)! ** 2 / a.length, sampleDeviation(b)! ** 2 / b.length];
  const error = Math.sqrt(va + vb);
  if (error === 0) {
    const t = difference === 0 ? 0 : Math.sign(difference) * Number.POSITIVE_INFINITY;
    return {
      t,
      df: a.length + b.length - 2,
      p: difference === 0 ? 1 : 0,
      interval: [difference, difference],
    };
  }
  // Divided by the larger first: squares of tiny variances would vanish.
  const [ra, rb] = [va / (va + vb), vb / (va + vb)];
  const df = 1 / (ra ** 2 / (a.length - 1) + rb ** 2 / (b.length - 1));
  const t = difference / error;
  const half = upperQuantile((1 - confidence) / 2, df) * error;
  const interval = [difference - half, difference + half] as const;
  return { t, df, p: Math.min(1, 2 * studentTail(Math.abs(t), df)), interval };
}
