/** How far two samples' distributions are apart. */
export interface KolmogorovSmirnov {
  /** The largest distance between the two empirical distribution functions. */
  readonly d: number;
  /** Two-sided. */
  readonly p: number;
}

/** Above so many pairs of values p comes from the limit distribution. */
const EXACT_UP_TO = 25_000_000;

/**
 * The two-sample test of Kolmogorov and Smirnov. p is exact, by walking all orders of the values (Hodges 1958): the
 * sum of what leaves the region, so that small answers keep their digits; `scipy.stats.ks_2samp(a, b, method="exact")`.
 * Above 25 million pairs it is that of the limit distribution. NaN where a side is empty.
 */
export function kolmogorovSmirnov(a: ArrayLike<number>, b: ArrayLike<number>): KolmogorovSmirnov {
  const [n, m] = [a.length, b.length];
  if (n === 0 || m === 0) return { d: Number.NaN, p: Number.NaN };
  const steps = largestStep(new Float64Array(a).sort(), new Float64Array(b).sort());
  const d = steps / (n * m);
  if (steps === 0) return { d: 0, p: 1 };
  return { d, p: n * m <= EXACT_UP_TO ? exactP(steps, n, m) : limitP(d * Math.sqrt((n * m) / (n + m))) };
}

/** The largest |i·m − j·n| over all places between values: the distance in whole numbers. */
function largestStep(a: Float64Array, b: Float64Array): number {
  const [n, m] = [a.length, b.length];
  let [i, j, largest] = [0, 0, 0];
  while (i < n && j < m) {
    const at = Math.min(a[i]!, b[j]!);
    while (i < n && a[i] === at) i += 1;
    while (j < m && b[j] === at) j += 1;
    largest = Math.max(largest, Math.abs(i * m - j * n));
  }
  return largest;
}

/** Probability that a random order of n and m values comes as far: states by how many of each have been met. */
function exactP(steps: number, n: number, m: number): number {
  // inside[j]: probability of being at (i, j) without having left the region.
  let inside = new Float64Array(m + 1);
  let left = 0;
  for (let i = 0; i <= n; i++) {
    const next = new Float64Array(m + 1);
    for (let j = 0; j <= m; j++) {
      let here = i === 0 && j === 0 ? 1 : 0;
      if (i > 0) here += inside[j]! * ((n - i + 1) / (n - i + 1 + m - j));
      if (j > 0) here += next[j - 1]! * ((m - j + 1) / (n - i + m - j + 1));
      if (Math.abs(i * m - j * n) >= steps) left += here;
      else next[j] = here;
    }
    inside = next;
  }
  return Math.min(1, left);
}

/** 2 Σ (−1)^(k−1) exp(−2 k² x²): Kolmogorov 1933. */
function limitP(x: number): number {
  let sum = 0;
  for (let k = 1; k <= 100; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
  return Math.max(0, Math.min(1, sum));
}
