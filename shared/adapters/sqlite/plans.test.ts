import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { ended, judge, metric } from '../../../test/support/history-rows.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import type { SqlDatabase } from './database.ts';
import { sqlOfValues } from './earlier.ts';
import {
  DEMANDED_METRICS,
  NAMED_METRICS,
  RUNS_OF_VERSION,
  RUNS_WITH_FACT,
  UNJUDGED_RUNS,
} from './gate-views.ts';
import { openFile, sqliteHistory } from './history.ts';
import { DECISIONS, METRIC_NAMES, NEWEST_RUN, TEST_NAMES } from './views.ts';

/** What SQLite would do, on a store that holds a few runs. */
async function planOf(sql: string): Promise<string[]> {
  const file = join(temporaryFolder(), 'tidemark.db');
  const history = sqliteHistory({ file });
  for (let i = 0; i < 20; i++) await judge(history, ended(`r${i}`, i), [metric('loss', i), metric('acc', i)]);
  await history.close();
  const database = new DatabaseSync(file, { readOnly: true });
  const parameters = Array.from(sql.matchAll(/\?/g), () => '1');
  const steps = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters);
  database.close();
  return steps.map(({ detail }) => String(detail));
}

const USES_INDEX = /USING (COVERING )?INDEX/;

test('looking back on a series walks its index, and neither scans nor sorts', async () => {
  const plan = await planOf(sqlOfValues({ limit: 9 }).text);
  expect(plan[0]).toMatch(/^SEARCH m USING INDEX metric_history_series .*timestamp/);
  for (const step of plan) expect(step).toMatch(USES_INDEX);
  expect(plan.filter((step) => /SCAN|TEMP B-TREE/.test(step))).toStrictEqual([]);
});

test('the newest run comes from its index without a scan', async () => {
  const plan = await planOf(NEWEST_RUN);
  expect(plan[0]).toMatch(/^SEARCH runs USING INDEX runs_newest/);
  expect(plan.filter((step) => step.includes('SCAN'))).toStrictEqual([]);
  // The index brings them newest first; only runs that began at one moment are sorted.
  expect(plan.filter((step) => step.includes('B-TREE'))).not.toContain('USE TEMP B-TREE FOR ORDER BY');
});

test.each([TEST_NAMES, METRIC_NAMES])(
  'names are looked up one behind the other: no scan of what has them',
  async (sql) => {
    const plan = await planOf(sql);
    expect(plan.filter((step) => /SCAN (?!names)/.test(step))).toStrictEqual([]);
    expect(plan.filter((step) => step.startsWith('SEARCH')).length).toBeGreaterThanOrEqual(2);
  },
);

test('no statement of a tick scans a table that grows', async () => {
  const statements = new Set<string>();
  const file = join(temporaryFolder(), 'tidemark.db');
  const spying = (path: string): SqlDatabase => {
    const database = openFile(path);
    return {
      exec: (sql) => database.exec(sql),
      prepare: (sql) => {
        statements.add(sql);
        return database.prepare(sql);
      },
      close: () => database.close(),
    };
  };
  const history = sqliteHistory({ file, open: spying });
  const run = ended('a', 1);
  const place = { finishedAt: 1, runId: '', uuid: '' };
  await judge(history, run, [metric('loss', 1)]);
  await history.unsettled(1, 9);
  await history.toJudge(null, 9);
  await history.openRuns();
  await history.threadsOf(['u']);
  await history.eventsOf(['t']);
  await history.lastGoodRun('t', place, 'loss');
  await history.lastGoodRun('t', place, null);
  await history.runBack('t', place, { metric: 'loss', nth: 2 });
  await history.recentPoints('t', place, { metric: 'loss', limit: 9 });
  await history.episodesOf('t');
  await history.lastRecord('t');
  await history.episodes({ open: true });
  await history.episodes({ testName: 't' });
  await history.episodeEvents('e');
  await history.deliveries({ episodeIds: ['e'], threadIds: ['x'] });
  await history.hasLater('t', place);
  await history.waitingNotices();
  await history.noticesWith(['n']);
  await history.notices('t');
  await history.close();
  const database = new DatabaseSync(file, { readOnly: true });
  const scans = [];
  for (const sql of statements) {
    if (/^(PRAGMA|INSERT)|sqlite_schema/.test(sql)) continue;
    const parameters = Array.from(sql.matchAll(/\?/g), () => '[]');
    for (const { detail } of database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters)) {
      const isPlain =
        /^SCAN (?!json_each|\(subquery|.*USING (COVERING )?INDEX (runs_open|runs_to_judge|threads_unsettled|alerts_waiting|alert_episodes_open|alert_outbox_told))/;
      if (isPlain.test(String(detail))) scans.push(`${detail}: ${sql}`);
    }
  }
  database.close();
  expect(statements.size).toBeGreaterThan(20);
  expect(scans).toStrictEqual([]);
});

test('decisions of a kind come from their index, newest first', async () => {
  const plan = await planOf(DECISIONS);
  expect(plan).toStrictEqual([
    expect.stringMatching(/^SEARCH run_events USING INDEX run_events_decisions \(kind=\?\)/),
  ]);
});

test('runs of a version come from an index, newest first, without a sort', async () => {
  expect(await planOf(RUNS_OF_VERSION)).toStrictEqual([
    'SEARCH job_history USING INDEX job_history_version (test_name=? AND <expr>=?)',
  ]);
});

test('runs with a label are walked to from the newest run of the test on', async () => {
  const plan = await planOf(RUNS_WITH_FACT);
  expect(plan[0]).toBe('SEARCH job_history USING INDEX job_history_facts (test_name=?)');
  expect(plan.filter((step) => /TEMP B-TREE|SCAN (?!json_each)/.test(step))).toStrictEqual([]);
});

test('runs that were never judged come from an index that holds nothing else', async () => {
  expect(await planOf(UNJUDGED_RUNS)).toStrictEqual(['SEARCH runs USING INDEX runs_unjudged (test_name=?)']);
});

test.each([DEMANDED_METRICS, NAMED_METRICS])('the metrics of runs come from their keys', async (sql) => {
  const plan = await planOf(sql);
  expect(plan.slice(0, 2)).toStrictEqual([
    'SCAN wanted VIRTUAL TABLE INDEX 1:',
    expect.stringMatching(/^SEARCH m USING INDEX sqlite_autoindex_metric_history_1 \(uuid=\?/),
  ]);
  expect(plan.filter((step) => /TEMP B-TREE|SCAN (?!wanted|json_each)/.test(step))).toStrictEqual([]);
});
