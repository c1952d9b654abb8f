import { EnergyTable } from './energy.ts';
import { type ChangePoint, type SplitTest, testSplit } from './split-test.ts';

/** How changes are looked for, and which are kept. */
export interface EDivisiveOptions extends SplitTest {
  /** Values of a window; the cost grows with the length of the series times this. */
  readonly window: number;
  /** Change points with a larger p are dropped. */
  readonly mostP: number;
  /** Change points with a smaller relative change are dropped. */
  readonly leastMagnitude: number;
  /** Fewest values of a piece. */
  readonly leastPiece: number;
  /** After a point is dropped, test the two behind it again and not its neighbours, as Otava does. */
  readonly asOtava: boolean;
}

/** Otava's default rule as it is, its two slips included. */
export const OTAVA: EDivisiveOptions = {
  window: 50,
  mostP: 0.001,
  leastMagnitude: 0,
  leastPiece: 1,
  asOtava: true,
  divisor: 'n',
  inflation: 1,
};

/**
 * Change points by hierarchical division in windows (Otava, formerly Hunter: Fleming, Kołaczkowski et al. 2023,
 * arXiv 2301.03034): in every window the split of the largest divergence, as long as a t-test finds its pieces
 * different; then of all that was found the least sure is dropped until all are sure enough. Deterministic: the
 * test needs no permutations. `values` are finite.
 */
export function eDivisive(values: readonly number[], options: EDivisiveOptions): ChangePoint[] {
  const found = new Set<number>();
  const { window } = options;
  for (let start = 0; start < values.length; ) {
    const end = Math.min(start + window, values.length);
    const inside = splitsOf(values, [start, end], options);
    for (const index of inside) found.add(index);
    start = Math.max(inside.at(-1) ?? 0, start + Math.floor(window / 2));
  }
  return keepSure(
    values,
    [...found].sort((a, b) => a - b),
    options,
  );
}

/** Candidates may be less sure than what is kept in the end. */
function firstP(p: number): number {
  if (p < 0.05) return 10 * p;
  return p < 0.5 ? 2 * p : p;
}

/** Greedy division of one window; indices in order. */
function splitsOf(
  values: readonly number[],
  [start, end]: readonly [number, number],
  options: EDivisiveOptions,
): number[] {
  const table = new EnergyTable(values, start, end);
  const cuts = [0, end - start];
  for (;;) {
    const best = bestSplit(table, cuts, options.leastPiece);
    if (best === null) break;
    const { split, from, to } = best;
    const pieces = [
      [start + from, start + split],
      [start + split, start + to],
    ] as const;
    if (testSplit(values, pieces, options).p > firstP(options.mostP)) break;
    cuts.push(split);
    cuts.sort((a, b) => a - b);
  }
  return cuts.slice(1, -1).map((cut) => start + cut);
}

/** The split of the largest divergence in any piece; the right side of a split may end before its piece does. */
function bestSplit(table: EnergyTable, cuts: readonly number[], least: number) {
  let best: { split: number; from: number; to: number } | null = null;
  let most = Number.NEGATIVE_INFINITY;
  for (let piece = 0; piece + 1 < cuts.length; piece++) {
    const from = cuts[piece]!;
    const to = cuts[piece + 1]!;
    for (let split = from + least; split <= to - least; split++) {
      for (let until = split + least; until <= to; until++) {
        const divergence = table.divergence(from, split, until);
        if (divergence <= most) continue;
        most = divergence;
        best = { split, from, to };
      }
    }
  }
  return best;
}

/** Drops the least sure point, then the smallest one, until all are sure and large enough. */
function keepSure(
  values: readonly number[],
  indices: readonly number[],
  options: EDivisiveOptions,
): ChangePoint[] {
  const points = indices.map((_, at) => testedAt(values, indices, { at, options }));
  while (points.length > 0) {
    let drop = positionOf(points, (point) => point.p);
    if (points[drop]!.p < options.mostP) {
      drop = positionOf(points, (point) => -point.magnitude);
      if (points[drop]!.magnitude > options.leastMagnitude) break;
    }
    points.splice(drop, 1);
    const left = points.map(({ index }) => index);
    // The pieces on both sides of the dropped point have grown.
    for (const at of options.asOtava ? [drop, drop + 1] : [drop - 1, drop]) {
      if (points[at] !== undefined) points[at] = testedAt(values, left, { at, options });
    }
  }
  return points;
}

/** Where the first largest is. */
function positionOf(points: readonly ChangePoint[], size: (point: ChangePoint) => number): number {
  let largest = 0;
  points.forEach((point, at) => {
    if (size(point) > size(points[largest]!)) largest = at;
  });
  return largest;
}

/** A point between its neighbours. */
function testedAt(
  values: readonly number[],
  indices: readonly number[],
  { at, options }: { readonly at: number; readonly options: EDivisiveOptions },
): ChangePoint {
  const index = indices[at]!;
  const start = indices[at - 1] ?? 0;
  const end = indices[at + 1] ?? values.length;
  const pieces = [
    [start, index],
    [index, end],
  ] as const;
  return testSplit(values, pieces, options);
}
