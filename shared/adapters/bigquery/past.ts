import { formatTime } from '../../core/time.ts';
import type { TableRow } from '../../ports/tables.ts';
import type { Loaded, Remote, TestSince } from './remote.ts';

/** Where a run stands, or would stand, in its test. Milliseconds since the epoch. */
export interface Place {
  readonly testName: string;
  readonly finishedAt: number;
}

/**
 * The past of tests. For each test there is a moment: from there on all of its runs, with all that was recorded of
 * them, are in the working copy; of what was before, the newest rows of each series (`depth`), and further back
 * the last one that passed and the last run that was a success. So what was last good is exact, and so are values
 * as long as no more are asked for than are there. What ended longer ago than the lookback counts as if it had never been.
 */
export interface Past {
  /** Loads what judging runs at these places may look back on, and whom recording them may concern. */
  before(places: readonly Place[]): Promise<void>;
  /** Loads more of a series that had to be cut when too little of it was found. True: it did, so ask again. */
  deepen(
    testName: string,
    metric: string,
    values: { readonly found: number; readonly wanted: number },
  ): Promise<boolean>;
}

interface PastOptions {
  readonly take: (loaded: Loaded) => void;
  readonly depth: number;
  readonly lookbackMs: number;
}

interface KnownPast extends TestSince {
  /** How many rows of each series before `since` are there. */
  readonly lengths: ReadonlyMap<string, number>;
}

/** The first moment that a time of fixed width can name. */
const BEGINNING = Date.parse('0001-01-01T00:00:00.000Z');

export function pastOf(remote: Remote, { take, depth, lookbackMs }: PastOptions): Past {
  const known = new Map<string, KnownPast>();

  async function load(tests: readonly TestSince[]): Promise<void> {
    if (tests.length === 0) return;
    const since = Math.min(...tests.map((test) => test.since));
    const earliest = Math.max(BEGINNING, since - lookbackMs);
    const [series, runs] = await Promise.all([remote.series(tests, earliest), remote.runsBehind(tests)]);
    take(runs);
    take(series);
    const metrics = series.flatMap(([table, rows]) => (table === 'metric_history' ? rows : []));
    const byTest = Map.groupBy(metrics, ({ test_name }) => String(test_name));
    for (const test of tests) {
      known.set(test.testName, { ...test, lengths: lengthsOf(byTest.get(test.testName) ?? [], test.since) });
    }
  }

  return {
    async before(places) {
      const byTest = Map.groupBy(places, ({ testName }) => testName);
      const missing = [...byTest].flatMap(([testName, of]): TestSince[] => {
        const since = Math.max(BEGINNING, Math.min(...of.map(({ finishedAt }) => finishedAt)));
        const before = known.get(testName);
        if (before !== undefined && before.since <= since) return [];
        return [{ testName, since, depth: before?.depth ?? depth }];
      });
      await load(missing);
    },

    async deepen(testName, metric, { found, wanted }) {
      const test = known.get(testName);
      if (test === undefined || found >= wanted) return false;
      if ((test.lengths.get(metric) ?? 0) < test.depth) return false;
      await load([{ ...test, depth: 4 * Math.max(test.depth, wanted) }]);
      return true;
    },
  };
}

function lengthsOf(rows: readonly TableRow[], since: number): Map<string, number> {
  const moment = formatTime(since);
  const lengths = new Map<string, number>();
  for (const { metric_name, timestamp } of rows) {
    if (String(timestamp) >= moment) continue;
    lengths.set(String(metric_name), (lengths.get(String(metric_name)) ?? 0) + 1);
  }
  return lengths;
}
