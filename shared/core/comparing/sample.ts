import { digestOf, sha256Hex } from '../digest.ts';
import { canonicalJson } from '../json.ts';
import { quantile } from '../statistics/quantile.ts';

/** How often A said one class where B said another, of the same inputs. */
export interface PairCount {
  readonly a: string;
  readonly b: string;
  readonly count: number;
}

/** How many of a side there are, and of how many something holds. */
export interface Share {
  readonly n: number;
  readonly holds: number;
}

/** What of the compared data is kept, so that a comparison can be looked at when the data are gone. */
export type Sample =
  | {
      readonly kind: 'numbers';
      /** SHA-256 over all values in their order: the same data give the same. */
      readonly digest: string;
      /** Quantiles at `SKETCHED` of each side; none of an empty one. */
      readonly a: readonly number[];
      readonly b: readonly number[];
      /** All values, while there are few: of pairs those with one index belong together. */
      readonly values?: { readonly a: readonly number[]; readonly b: readonly number[] };
    }
  | {
      readonly kind: 'pairs' | 'classes' | 'counts';
      readonly digest: string;
      /** All there is to know: how often A said this where B said that, or each said what, or what holds how often. */
      readonly counts: readonly (readonly (string | number)[])[];
    };

/** Of sorted values the place of each number in a sketch, from the smallest to the largest. */
export const SKETCHED = [0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1] as const;

/** Values on both sides together up to which all of them are kept. */
const FEW = 1000;

/** Of numbers a digest and a sketch, and all of them while they are few. `sorted`: both in order, where they are at hand. */
export function sampleOfNumbers(
  a: Float64Array,
  b: Float64Array,
  sorted: readonly [Float64Array, Float64Array] | null = null,
): Sample {
  const few = a.length + b.length <= FEW;
  const [low, high] = sorted === null ? sketches(a, b) : sorted.map(sketch);
  return {
    kind: 'numbers',
    digest: digestOf('numbers', sha256Hex(bytesOf(a)), sha256Hex(bytesOf(b))),
    a: low!,
    b: high!,
    ...(few ? { values: { a: [...a], b: [...b] } } : {}),
  };
}

/** Of pairs of classes how often each pair came. */
export function sampleOfPairs(pairs: readonly PairCount[]): Sample {
  return counted(
    'pairs',
    pairs.map(({ a, b, count }) => [a, b, count] as const),
  );
}

/** Of classes how often each side said them. */
export function sampleOfClasses(sides: {
  readonly a: ReadonlyMap<string, number>;
  readonly b: ReadonlyMap<string, number>;
}): Sample {
  const names = [...new Set([...sides.a.keys(), ...sides.b.keys()])];
  return counted(
    'classes',
    names.map((name) => [name, sides.a.get(name) ?? 0, sides.b.get(name) ?? 0] as const),
  );
}

/** Of something that holds or not how often it does on each side. */
export function sampleOfShares(a: Share, b: Share): Sample {
  return counted('counts', [
    ['a', a.holds, a.n],
    ['b', b.holds, b.n],
  ]);
}

function counted(
  kind: 'pairs' | 'classes' | 'counts',
  counts: readonly (readonly (string | number)[])[],
): Sample {
  // By what they say and not as they came, which is by chance.
  const sorted = [...counts].sort((x, y) => (canonicalJson(x) < canonicalJson(y) ? -1 : 1));
  return { kind, digest: digestOf(kind, canonicalJson(sorted)), counts: sorted };
}

/** One after the other in the same memory: millions of values are held once more and not twice. */
function sketches(...sides: readonly Float64Array[]): number[][] {
  const room = new Float64Array(Math.max(...sides.map(({ length }) => length)));
  return sides.map((side) => {
    const sorted = room.subarray(0, side.length);
    sorted.set(side);
    return sketch(sorted.sort());
  });
}

function sketch(sorted: Float64Array): number[] {
  return sorted.length === 0 ? [] : SKETCHED.map((p) => quantile(sorted, p));
}

/** Eight bytes each, little end first on every machine that Node runs on. */
function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
