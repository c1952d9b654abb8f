import { chiSquareOf, stuartMaxwell } from '../statistics/contingency.ts';
import { wilsonInterval } from '../statistics/intervals.ts';
import { normalQuantileOfTail } from '../statistics/normal.ts';
import { sizeForShares } from '../statistics/sample-size.ts';
import { signTest } from '../statistics/sign-test.ts';
import { stabilityIndex } from '../statistics/stability-index.ts';
import { compareText } from '../text-order.ts';
import { type CompareSettings, type Evidence, type Move, surenessOf } from './finding.ts';
import { type PairCount, type Share, sampleOfClasses, sampleOfPairs, sampleOfShares } from './sample.ts';

/**
 * Whether the classes of the same inputs have moved in one direction: the exact sign test where they moved between two
 * classes only, else Stuart and Maxwell's. The estimate is the share that agrees; what matters is the share that has
 * moved for good, half the sum of what the classes' totals differ by.
 */
export function comparePairedLabels(
  metric: string,
  pairs: readonly PairCount[],
  settings: CompareSettings,
): Evidence {
  const classes = [...new Set(pairs.flatMap(({ a, b }) => [a, b]))].sort(compareText);
  const place = new Map(classes.map((name, index) => [name, index]));
  const table = classes.map(() => classes.map(() => 0));
  for (const { a, b, count } of pairs) table[place.get(a)!]![place.get(b)!]! += count;
  const n = pairs.reduce((sum, { count }) => sum + count, 0);
  const agreeing = classes.reduce((sum, _, i) => sum + table[i]![i]!, 0);
  const moves = movesOf(classes, table);
  const apart = classes.map((_, i) => rowTotal(table, i) - columnTotal(table, i));
  const moved = apart.reduce((sum, one) => sum + Math.abs(one), 0) / 2 / Math.max(1, n);
  const discordant = n === 0 ? 0 : 1 - agreeing / n;
  const few = moves.length <= 1;
  const test = stuartMaxwell(table);
  const p = few ? signTest(moves[0]?.forth ?? 0, moves[0]?.back ?? 0) : test.p;
  const minEffect = shareOf(settings);
  return {
    metric,
    estimates: 'share that agrees',
    a: { n, estimate: n === 0 ? null : 1 },
    b: { n, estimate: n === 0 ? null : agreeing / n },
    difference: n === 0 ? null : moved,
    // No more can have moved for good than differs at all.
    interval: n === 0 ? null : [0, wilsonInterval(n - agreeing, n, 1 - settings.alpha)[1]],
    worse: 0,
    minEffect,
    test: few ? 'sign test' : 'Stuart-Maxwell',
    p: Number.isNaN(p) ? null : p,
    needed: sizeForMoves(discordant, minEffect, settings),
    figures: {
      agreement: n === 0 ? 0 : agreeing / n,
      moved,
      ...(few ? {} : { statistic: test.statistic, df: test.df }),
    },
    moves,
    sample: sampleOfPairs(pairs),
  };
}

/** The larger direction first, most moved first. */
function movesOf(classes: readonly string[], table: readonly (readonly number[])[]): Move[] {
  const moves: Move[] = [];
  for (let i = 0; i < classes.length; i++) {
    for (let j = i + 1; j < classes.length; j++) {
      const [forth, back] = [table[i]![j]!, table[j]![i]!];
      if (forth + back === 0) continue;
      const [from, to] = forth >= back ? [i, j] : [j, i];
      moves.push({
        from: classes[from]!,
        to: classes[to]!,
        forth: Math.max(forth, back),
        back: Math.min(forth, back),
      });
    }
  }
  return moves.sort((x, y) => y.forth + y.back - (x.forth + x.back));
}

/** With the truth known: whether B is right less often, by McNemar's exact test of the inputs only one was right on. */
export function compareCorrectness(
  metric: string,
  counts: { readonly n: number; readonly onlyA: number; readonly onlyB: number; readonly both: number },
  settings: CompareSettings,
): Evidence {
  const { n, onlyA, onlyB, both } = counts;
  const minEffect = shareOf(settings);
  const [a, b] = [(both + onlyA) / n, (both + onlyB) / n];
  return {
    metric,
    estimates: 'share that is right',
    a: { n, estimate: n === 0 ? null : a },
    b: { n, estimate: n === 0 ? null : b },
    difference: n === 0 ? null : b - a,
    interval: null,
    worse: -1,
    minEffect,
    test: 'McNemar exact',
    p: signTest(onlyA, onlyB),
    needed: sizeForMoves((onlyA + onlyB) / Math.max(1, n), minEffect, settings),
    figures: { only_a: onlyA, only_b: onlyB, both },
    sample: sampleOfShares({ n, holds: both + onlyA }, { n, holds: both + onlyB }),
  };
}

/** Whether something good holds less often on B: Pearson's test of two shares. */
export function compareShares(
  metric: string,
  { a, b, estimates }: { readonly a: Share; readonly b: Share; readonly estimates: string },
  settings: CompareSettings,
): Evidence {
  const share = ({ n, holds }: Share) => (n === 0 ? null : holds / n);
  const [from, to] = [share(a), share(b)];
  const minEffect = shareOf(settings);
  const { p } = chiSquareOf([a.holds, a.n - a.holds], [b.holds, b.n - b.holds]);
  return {
    metric,
    estimates,
    a: { n: a.n, estimate: from },
    b: { n: b.n, estimate: to },
    difference: from === null || to === null ? null : to - from,
    interval: null,
    worse: -1,
    minEffect,
    test: 'chi-square',
    p,
    needed: from === null ? null : sizeForShares(from, Math.max(0, from - minEffect), surenessOf(settings)),
    figures: {},
    sample: sampleOfShares(a, b),
  };
}

/** Shares of classes over different inputs: chi-square, and the stability index against its own critical value. */
export function compareLabelShares(
  metric: string,
  sides: { readonly a: ReadonlyMap<string, number>; readonly b: ReadonlyMap<string, number> },
  settings: CompareSettings,
): Evidence {
  const classes = [...new Set([...sides.a.keys(), ...sides.b.keys()])].sort(compareText);
  const [a, b] = [sides.a, sides.b].map((of) => classes.map((name) => of.get(name) ?? 0)) as [
    number[],
    number[],
  ];
  const [n, m] = [a, b].map((counts) => counts.reduce((sum, count) => sum + count, 0)) as [number, number];
  const { statistic, df, p } = chiSquareOf(a, b);
  const { psi, critical } = stabilityIndex(a, b, settings.alpha);
  const apart = classes.reduce((sum, _, i) => sum + Math.abs(b[i]! / m - a[i]! / n), 0) / 2;
  const minEffect = shareOf(settings);
  const known = n > 0 && m > 0;
  return {
    metric,
    estimates: 'shares of classes',
    a: { n, estimate: known ? 0 : null },
    b: { n: m, estimate: known ? apart : null },
    difference: known ? apart : null,
    interval: null,
    worse: 0,
    minEffect,
    test: 'chi-square',
    p,
    needed: sizeForShares(0.5, 0.5 + Math.min(0.49, minEffect), surenessOf(settings)),
    figures: { statistic, df, psi, psi_critical: critical },
    sample: sampleOfClasses(sides),
  };
}

/** Shares have no level of their own: a relative least effect is one of all inputs. */
function shareOf({ minEffect }: CompareSettings): number {
  return 'absolute' in minEffect ? minEffect.absolute : minEffect.relative;
}

/** Pairs that show a net share of `effect` where a share `discordant` differs (Connor 1987). */
function sizeForMoves(discordant: number, effect: number, settings: CompareSettings): number | null {
  if (!(effect > 0)) return null;
  const { alpha, power } = surenessOf(settings);
  const share = Math.max(discordant, effect);
  const atRest = normalQuantileOfTail(alpha / 2) * Math.sqrt(share);
  const moved = normalQuantileOfTail(1 - power) * Math.sqrt(Math.max(0, share - effect * effect));
  return Math.max(settings.fewest, Math.ceil(((atRest + moved) / effect) ** 2));
}

function rowTotal(table: readonly (readonly number[])[], i: number): number {
  return table[i]!.reduce((sum, count) => sum + count, 0);
}

function columnTotal(table: readonly (readonly number[])[], j: number): number {
  return table.reduce((sum, row) => sum + row[j]!, 0);
}
