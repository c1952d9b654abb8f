import { isNeutral } from '../outcome.ts';
import type { JobRow } from '../rows.ts';
import { factOf, versionOf, withoutBlanks } from '../version.ts';

/** A test that has failed since something new appeared. */
export interface FailedTest {
  readonly testName: string;
  /** Whether runs of this test say the new thing of themselves. */
  readonly isMarked: boolean;
  /** Runs since then, and how many of them failed. */
  readonly runs: number;
  readonly failed: number;
  /** The newest run that failed. */
  readonly newest: JobRow;
  /** Verdict of the last run before; null: there was none. */
  readonly before: JobRow['verdict'] | null;
}

/** What became worse since a label or version appeared. */
export interface RollbackReport {
  /** When its first run ended, milliseconds since the epoch; null: no run has it. */
  readonly since: number | null;
  /** By how their last run before was: those that had passed first; then by name. */
  readonly tests: readonly FailedTest[];
  /** Tests with runs since then. */
  readonly looked: number;
}

/** `fact` null: the version, else any label of this value. */
export interface Marker {
  readonly fact: string | null;
  readonly value: string;
}

/**
 * Tests whose verdict failed since a marker first appeared on a run of any test. Where a test has marked runs only
 * those count, so that the old version beside the new one is not blamed on it. `runs`: by test, newest first.
 */
export function rollbackReport(runs: ReadonlyMap<string, readonly JobRow[]>, marker: Marker): RollbackReport {
  const isMarked = markerTest(runs, marker);
  const first = [...runs.values()].flat().filter(isMarked);
  if (first.length === 0) return { since: null, tests: [], looked: 0 };
  const since = first.reduce(
    (least, { finishedAt }) => Math.min(least, finishedAt),
    Number.POSITIVE_INFINITY,
  );
  const looked = [...runs].map(([testName, all]) => sinceOf(testName, { all, since, isMarked }));
  const failed = looked.filter(({ newest }) => newest !== null) as FailedTest[];
  const rank = ({ before }: FailedTest) => (before === 'pass' ? 0 : before === 'fail' ? 2 : 1);
  return {
    since,
    tests: failed.toSorted((a, b) => rank(a) - rank(b) || (a.testName < b.testName ? -1 : 1)),
    looked: looked.filter((one) => one.runs > 0).length,
  };
}

function sinceOf(
  testName: string,
  { all, since, isMarked }: { all: readonly JobRow[]; since: number; isMarked: (run: JobRow) => boolean },
) {
  const later = all.filter(({ finishedAt }) => finishedAt >= since);
  const marked = later.filter(isMarked);
  const counted = marked.length > 0 ? marked : later;
  // Somebody stopped it, which says nothing of what is new.
  const failed = counted.filter(({ verdict, outcome }) => verdict === 'fail' && !isNeutral(outcome));
  const before = all.find((run) => run.finishedAt < since)?.verdict ?? null;
  return {
    ...{ testName, isMarked: marked.length > 0, runs: counted.length, failed: failed.length },
    ...{ newest: failed[0] ?? null, before },
  };
}

function markerTest(
  runs: ReadonlyMap<string, readonly JobRow[]>,
  { fact, value }: Marker,
): (run: JobRow) => boolean {
  const wanted = withoutBlanks(value);
  if (fact !== null) return (run) => factOf(run, fact) === wanted;
  const isVersion = (run: JobRow) => versionOf(run) === wanted;
  if ([...runs.values()].flat().some(isVersion)) return isVersion;
  return ({ labels }) => Object.values(labels).some((label) => withoutBlanks(label) === wanted);
}
