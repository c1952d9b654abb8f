/** Terms until the continued fraction must have settled; it takes under a hundred for any degrees of freedom. */
const MOST_TERMS = 500;
const TINY = 1e-300;

/**
 * Probability that Student's t with `df` degrees of freedom is above `t`: half the regularized incomplete beta
 * function I_x(df/2, 1/2) at x = df / (df + t²) (Abramowitz and Stegun 26.5.27, 26.7.1). `df` is above 0 and
 * finite; relative error below 1e-10, a hundred times less up to 1,000 degrees of freedom.
 */
export function studentTail(t: number, df: number): number {
  if (Number.isNaN(t)) return Number.NaN;
  if (t < 0) return 1 - studentTail(-t, df);
  if (t === Number.POSITIVE_INFINITY) return 0;
  // Each half of the axis by the fraction that converges fast there.
  return t * t > 3 ? outerTail(t, df) : 0.5 - centralMass(t, df);
}

/**
 * The value that Student's t stays below with probability `p`, 0 < p < 1. Error below 1e-10 of the value,
 * by Newton's method on the logarithm of the tail, where the tail of every t is nearly straight.
 */
export function studentQuantile(p: number, df: number): number {
  if (!(p > 0 && p < 1)) return p === 0 || p === 1 ? (p - 0.5) * Number.POSITIVE_INFINITY : Number.NaN;
  if (p < 0.5) return -upperQuantile(p, df);
  return p < 0.75 ? nearCentre(p - 0.5, df) : upperQuantile(1 - p, df);
}

/** The value that is exceeded with probability `tail`, 0 < tail < 1/2: exact where 1 − tail would round. */
export function upperQuantile(tail: number, df: number): number {
  if (tail >= 0.25) return nearCentre(0.5 - tail, df);
  let logT = Math.log(startOf(tail, df));
  for (let round = 0; round < 100; round++) {
    const t = Math.exp(logT);
    const above = studentTail(t, df);
    const slope = (-t * density(t, df)) / above;
    const step = (Math.log(above) - Math.log(tail)) / slope;
    logT -= Math.max(-2, Math.min(2, step));
    if (Math.abs(step) < 1e-14) break;
  }
  return Math.exp(logT);
}

/** Solves centralMass(t) = mass, for at most a quarter. */
function nearCentre(mass: number, df: number): number {
  let t = mass / density(0, df);
  if (t === 0) return 0;
  for (let round = 0; round < 100; round++) {
    const step = (centralMass(t, df) - mass) / density(t, df);
    t -= step;
    if (Math.abs(step) <= 1e-15 * t) break;
  }
  return t;
}

/** Where to begin: near the normal's quantile, for few degrees of freedom near the power law of the tail. */
function startOf(tail: number, df: number): number {
  const normal = Math.sqrt(-2 * Math.log(2 * tail)) + 0.1;
  return df > 4 ? normal : Math.max(normal, (tail * 2) ** (-1 / df));
}

/** Density of Student's t. */
function density(t: number, df: number): number {
  return Math.exp(-((df + 1) / 2) * Math.log1p((t * t) / df)) / (Math.sqrt(df) * halfBeta(df / 2));
}

function outerTail(t: number, df: number): number {
  const square = t * t;
  const a = df / 2;
  const x = df / (df + square);
  const y = square / (df + square);
  const front = Math.exp(-a * Math.log1p(square / df)) * Math.sqrt(y);
  return (front * betaFraction(x, a, 0.5)) / (2 * a * halfBeta(a));
}

/** Probability between 0 and t. */
function centralMass(t: number, df: number): number {
  const square = t * t;
  const a = df / 2;
  const y = square / (df + square);
  const front = Math.exp(-a * Math.log1p(square / df)) * Math.sqrt(y);
  return (front * betaFraction(y, 0.5, a)) / halfBeta(a);
}

/** B(a, 1/2) = √π Γ(a) / Γ(a + 1/2): the ratio by its asymptotic series above 12, by recurrence below. */
function halfBeta(a: number): number {
  let ratio = 1;
  let at = a;
  for (; at < 12; at++) ratio *= (at + 0.5) / at;
  const s = 1 / (at * at);
  // ln Γ(a + 1/2) − ln Γ(a) − ln(a) / 2: Tricomi and Erdélyi 1951, from Bernoulli numbers.
  const series = (-1 / 8 + s * (1 / 192 + s * (-1 / 640 + s * (17 / 14336 - (s * 31) / 18432)))) / at;
  return (Math.sqrt(Math.PI / at) * ratio) / Math.exp(series);
}

/** The continued fraction of the incomplete beta function (DLMF 8.17.22) by Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / notZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= MOST_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / notZero(1 + even * d);
    c = notZero(1 + even / c);
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / notZero(1 + odd * d);
    c = notZero(1 + odd / c);
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return fraction;
}

function notZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
