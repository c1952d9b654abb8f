import type { Case } from './suite.ts';

/** Where a case changes, as its maker knows it; null where it has no one place (a drift). */
export function truthOf({ kind, start, end, values }: Case): number[] | null {
  if (kind === 'drift') return null;
  if (kind === 'none' || kind === 'lone' || kind === 'variance') return [];
  return kind === 'excursion' && end < values.length ? [start, end] : [start];
}

/**
 * F1 of found change points with a margin, the beginning of the series counted as one of both sides
 * (van den Burg and Williams 2020, "An evaluation of change point detection algorithms", §4.2).
 */
export function f1(truth: readonly number[], found: readonly number[], margin = 5): number {
  const wanted = new Set([0, ...truth]);
  const given = [...new Set([0, ...found])];
  const left = new Set(given);
  let hits = 0;
  for (const one of wanted) {
    const near = [...left].filter((at) => Math.abs(at - one) <= margin);
    if (near.length === 0) continue;
    left.delete(near.reduce((a, b) => (Math.abs(b - one) < Math.abs(a - one) ? b : a)));
    hits += 1;
  }
  return (2 * hits) / (given.length + wanted.size);
}

/** How well the pieces of the truth are covered by the pieces found, by length (ibid.). */
export function covering(truth: readonly number[], found: readonly number[], n: number): number {
  const wanted = pieces(truth, n);
  const given = pieces(found, n);
  const sum = wanted.reduce(
    (total, one) => total + (one[1] - one[0]) * Math.max(...given.map((other) => overlap(one, other))),
    0,
  );
  return sum / n;
}

type Piece = readonly [number, number];

function pieces(cuts: readonly number[], n: number): Piece[] {
  const ends = [...new Set(cuts)].filter((cut) => cut > 0 && cut < n).sort((a, b) => a - b);
  return [...ends, n].map((end, at) => [ends[at - 1] ?? 0, end]);
}

function overlap([a, b]: Piece, [c, d]: Piece): number {
  const common = Math.max(0, Math.min(b, d) - Math.max(a, c));
  return common / (b - a + d - c - common);
}
