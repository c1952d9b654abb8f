import { chance } from './chance.ts';
import { normalQuantileOfTail, normalTail } from './normal.ts';
import { quantile } from './quantile.ts';

/** An estimate and where it may lie. */
export interface Estimate {
  readonly value: number;
  readonly interval: readonly [number, number];
  /** Two-sided p of the value being 0: how many of the drawn ones lie on the other side of it. */
  readonly p: number;
}

export interface BootstrapOptions {
  readonly seed: number;
  readonly resamples: number;
  /** Such as 0.95. */
  readonly confidence: number;
}

/**
 * The interval of `statistic` over samples drawn anew with replacement from each side: corrected for bias and
 * acceleration (BCa, Efron 1987), or plain percentiles where the jackknife says nothing. The same seed gives the same
 * interval. `statistic` must not keep or change the arrays it is given.
 */
export function bootstrap(
  sides: readonly Float64Array[],
  statistic: (sides: readonly Float64Array[]) => number,
  { seed, resamples, confidence }: BootstrapOptions,
): Estimate {
  const value = statistic(sides);
  const random = chance(seed);
  const drawn = sides.map((side) => new Float64Array(side.length));
  const values = new Float64Array(resamples);
  for (let round = 0; round < resamples; round++) {
    for (let s = 0; s < sides.length; s++) {
      const [from, into] = [sides[s]!, drawn[s]!];
      for (let i = 0; i < into.length; i++) into[i] = from[random.below(from.length)]!;
    }
    values[round] = statistic(drawn);
  }
  return estimateFrom(values.sort(), { value, confidence, acceleration: accelerationOf(sides, statistic) });
}

/** Above so many values a drawn quantile comes from where it lies, and not from drawing all of them. */
const DRAWN_UP_TO = 1000;

/**
 * The same of the difference of one quantile between two sides, B − A, each in order of size. A quantile of values
 * drawn anew is one of the values, whose rank is near normal around its own (binomial), so large sides need no drawing.
 */
export function bootstrapQuantiles(
  a: Float64Array,
  b: Float64Array,
  { quantile: p, seed, resamples, confidence }: BootstrapOptions & { readonly quantile: number },
): Estimate {
  if (Math.max(a.length, b.length) <= DRAWN_UP_TO) {
    const apart = ([from, to]: readonly Float64Array[]) =>
      quantile(to!.toSorted(), p) - quantile(from!.toSorted(), p);
    return bootstrap([a, b], apart, { seed, resamples, confidence });
  }
  const random = chance(seed);
  const drawn = (side: Float64Array) => {
    const z = normalQuantileOfTail((random.below(GRID) + 0.5) / GRID);
    const rank = p * side.length + z * Math.sqrt(side.length * p * (1 - p));
    return side[Math.max(0, Math.min(side.length - 1, Math.floor(rank)))]!;
  };
  const values = Float64Array.from({ length: resamples }, () => drawn(b) - drawn(a)).sort();
  return estimateFrom(values, { value: quantile(b, p) - quantile(a, p), confidence, acceleration: 0 });
}

const GRID = 2 ** 31;

/** `values`: drawn ones, in order of size. */
function estimateFrom(
  values: Float64Array,
  about: { readonly value: number; readonly confidence: number; readonly acceleration: number },
): Estimate {
  const { value, confidence, acceleration } = about;
  const tail = (1 - confidence) / 2;
  const shift = biasOf(values, value);
  const at = (share: number) => quantile(values, placeOf(share, shift, acceleration));
  const below = values.findLastIndex((drawn) => drawn <= 0) + 1;
  const above = values.length - values.findLastIndex((drawn) => drawn < 0) - 1;
  const p = Math.min(1, (2 * (Math.min(below, above) + 1)) / (values.length + 1));
  return { value, interval: [at(tail), at(1 - tail)], p };
}

/** How far, in normal quantiles, the drawn values lie to one side of the estimate. */
function biasOf(values: Float64Array, value: number): number {
  let [below, equal] = [0, 0];
  for (const drawn of values) {
    if (drawn < value) below += 1;
    else if (drawn === value) equal += 1;
  }
  const share = (below + equal / 2) / values.length;
  return share > 0 && share < 1 ? -normalQuantileOfTail(share) : 0;
}

/** From leaving out each value in turn; 0 where that is dear, since its part falls with the size. */
const JACKKNIFE_UP_TO = 1000;

function accelerationOf(
  sides: readonly Float64Array[],
  statistic: (sides: readonly Float64Array[]) => number,
): number {
  let [cubes, squares] = [0, 0];
  for (let s = 0; s < sides.length; s++) {
    const side = sides[s]!;
    if (side.length < 3 || side.length > JACKKNIFE_UP_TO) return 0;
    const left = Float64Array.from(side, (_, out) => {
      const without = side.filter((_, index) => index !== out);
      return statistic(sides.map((other, index) => (index === s ? without : other)));
    });
    const middle = left.reduce((sum, value) => sum + value, 0) / left.length;
    for (const value of left) {
      const influence = ((side.length - 1) * (middle - value)) / side.length;
      cubes += influence ** 3;
      squares += influence ** 2;
    }
  }
  return squares > 0 ? cubes / (6 * squares ** 1.5) : 0;
}

/** Which share of the drawn values lies below the end of the interval. */
function placeOf(share: number, shift: number, acceleration: number): number {
  const z = -normalQuantileOfTail(share);
  const moved = shift + z;
  return normalTail(-(shift + moved / (1 - acceleration * moved)));
}
