import type { AlertItem } from '../core/alert-item.ts';
import { splitReason } from '../core/reason.ts';
import { isJob } from './sentence.ts';

/** All items of one test, the worst first. */
export interface TestGroup {
  readonly testName: string;
  readonly items: readonly AlertItem[];
}

/** Groups by test; tests and their items worst first, ties by name, so that the order of arrival is never seen. */
export function worstFirst(items: readonly AlertItem[]): TestGroup[] {
  const groups = new Map<string, AlertItem[]>();
  for (const item of items) {
    const group = groups.get(item.testName);
    if (group === undefined) groups.set(item.testName, [item]);
    else group.push(item);
  }
  return [...groups]
    .map(([testName, group]) => ({ testName, items: group.sort(compareItems) }))
    .sort((a, b) => compareItems(a.items[0]!, b.items[0]!));
}

function compareItems(a: AlertItem, b: AlertItem): number {
  return (
    rank(a) - rank(b) ||
    compare(excess(b), excess(a)) ||
    compare(a.testName, b.testName) ||
    compare(a.finishedAt, b.finishedAt) ||
    compare(a.runId, b.runId) ||
    compare(a.signal, b.signal)
  );
}

function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A job that does not run tells more than a number that is off, and a NaN more than a drop. */
function rank(item: AlertItem): number {
  if (isJob(item)) return 0;
  switch (splitReason(item.reason).word) {
    case 'nonfinite':
      return 1;
    case 'missing':
    case 'not_reached':
    case 'clock':
      return 2;
    case 'below':
    case 'above':
    case 'not_equal':
      return 3;
    default:
      return 4;
  }
}

/** How far beyond its bound a value is, in widths of the band or, with one bound, in sizes of the bound. */
function excess({ value, lower, upper }: AlertItem): number {
  if (value === null) return 0;
  const distance = Math.max(lower === null ? 0 : lower - value, upper === null ? 0 : value - upper, 0);
  const band = lower !== null && upper !== null ? upper - lower : 0;
  const scale = band > 0 ? band : Math.abs(lower ?? upper ?? 0);
  return scale > 0 ? distance / scale : distance;
}
