import { upperQuantile } from './student.ts';

/** Stands for the normal distribution: its quantiles differ from Student's by less than 1e-6 there. */
const AS_NORMAL = 1e7;

/** Both ends of an interval. */
export type Interval = readonly [number, number];

/** The exact interval of a Poisson mean from one count (Garwood 1936), `confidence` such as 0.95. */
export function poissonInterval(count: number, confidence: number): Interval {
  const tail = (1 - confidence) / 2;
  const low = count === 0 ? 0 : solveMean((mean) => poissonBelow(count - 1, mean) - (1 - tail), count);
  return [low, solveMean((mean) => poissonBelow(count, mean) - tail, count)];
}

/** The score interval of a share (Wilson 1927); [0, 1] where nothing was tried. */
export function wilsonInterval(hits: number, tries: number, confidence: number): Interval {
  if (tries === 0) return [0, 1];
  const z = upperQuantile((1 - confidence) / 2, AS_NORMAL);
  const share = hits / tries;
  const middle = share + (z * z) / (2 * tries);
  const half = z * Math.sqrt((share * (1 - share)) / tries + (z * z) / (4 * tries * tries));
  const whole = 1 + (z * z) / tries;
  return [Math.max(0, (middle - half) / whole), Math.min(1, (middle + half) / whole)];
}

/** P(X ≤ count) of a Poisson variable, from its largest term outwards. */
function poissonBelow(count: number, mean: number): number {
  if (mean === 0) return 1;
  let logTerm = -mean;
  let sum = 0;
  for (let k = 0; k <= count; k++) {
    if (k > 0) logTerm += Math.log(mean / k);
    sum += Math.exp(logTerm);
  }
  return sum;
}

/** Halves an interval until it is one number; `excess` falls as the mean grows. */
function solveMean(excess: (mean: number) => number, count: number): number {
  let low = 0;
  let high = count + 10 * Math.sqrt(count + 10);
  for (let round = 0; round < 200; round++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (excess(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
