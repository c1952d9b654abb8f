import type { Level } from './level.ts';

/** Sizes of a change that are thought of, in spreads, each as likely. */
const SHIFTS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
/** Where the level may be without a change, in standard deviations of its wander, and how likely. */
const NODES = [-2.4, -1.6, -0.8, 0, 0.8, 1.6, 2.4];
const LIKELY = normalized(NODES.map((node) => Math.exp((-node * node) / 2)));
/** Γ(2) / (√(3π) Γ(3/2)): density of Student's t with three degrees of freedom at 0. */
const T3_AT_0 = 0.36755259694786135;
/** Values further away than this count as that far; outliers are spread evenly over both sides. */
export const FARTHEST = 12;
/** An outlier weighs at most this much in what the next value is expected to be. */
const CARRIED = 3;
const IS_OUTLIER = 4;

/**
 * How much better a change on one side explains a window than none does: log of the likelihood ratio, in nats.
 *
 * Values follow an autoregression of order 1 around the level, whose innovations are Student's t of three
 * degrees of freedom mixed with outliers. A change adds δ = 1 … 12 spreads on `side`, averaged; without one the
 * level lies off by its standard error and its wander, averaged too (a Bayes factor: Kass and Raftery 1995).
 *
 * `z`: the value before the window and then its values, in spreads from the level's centre.
 */
export function evidenceOfShift(z: Float64Array, level: Level, { side, width }: Side): number {
  const noise = noiseOf(level, width);
  const inflation = (1 + level.correlation) / (1 - level.correlation);
  const off = Math.sqrt(inflation / level.n + level.wander ** 2);
  let changed = 0;
  for (const shift of SHIFTS) changed += likelihood(z, side * shift, noise);
  let unchanged = 0;
  for (let i = 0; i < NODES.length; i++) unchanged += LIKELY[i]! * likelihood(z, NODES[i]! * off, noise);
  return Math.log(changed / SHIFTS.length) - Math.log(unchanged);
}

/** Which side a change is looked for on, and how wide the noise is in spreads. */
export interface Side {
  readonly side: number;
  readonly width: number;
}

/** How much better the old level explains newest values than one that is off by `shift` spreads, in nats. */
export function evidenceOfReturn(z: Float64Array, shift: number): number {
  let sum = 0;
  for (const value of z) sum += 2 * (Math.log1p((value - shift) ** 2 / 3) - Math.log1p(value ** 2 / 3));
  return sum;
}

interface Noise {
  readonly correlation: number;
  /** One over the standard width of an innovation. */
  readonly inverse: number;
  readonly outliers: number;
  readonly pairs: number;
}

function noiseOf({ correlation, outliers, pairs }: Level, width: number): Noise {
  return { correlation, inverse: 1 / (width * Math.sqrt(1 - correlation ** 2)), outliers, pairs };
}

/** Density of the window's values if the level is off by `shift` from its first value on. */
function likelihood(
  z: Float64Array,
  shift: number,
  { correlation, inverse, outliers, pairs }: Noise,
): number {
  const core = T3_AT_0 * inverse;
  let product = 1;
  let before = z[0]!;
  for (let i = 1; i < z.length; i++) {
    const value = z[i]! - shift;
    const carried = before > CARRIED ? CARRIED : before < -CARRIED ? -CARRIED : before;
    const innovation = (value - correlation * carried) * inverse;
    const share = before > IS_OUTLIER || before < -IS_OUTLIER ? pairs : outliers;
    const wide = 1 + (innovation * innovation) / 3;
    product *= ((1 - share) * core) / (wide * wide) + share / (2 * FARTHEST);
    before = value;
  }
  return product;
}

function normalized(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
