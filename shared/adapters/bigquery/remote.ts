import type { MailStatus } from '../../ports/history.ts';
import type { TableChanges, TableName, TableRow } from '../../ports/tables.ts';
import type { Jobs, Values } from './jobs.ts';
import type { Statement } from './statement.ts';
import { NEWEST_EPISODES, NOTICES_BY_ID } from './statements/episodes.ts';
import { MAILS_BY_KEY, MAILS_BY_STATUS } from './statements/mails.ts';
import {
  ALL_REJECTIONS,
  EVENTS_OF_THREADS,
  OTHER_THREADS_OF_KEYS,
  REJECTIONS_BY_ID,
} from './statements/messages.ts';
import { ACTIONS, ACTIVE_RUNS, UNSETTLED_THREADS, WAITING_ALERTS } from './statements/opening.ts';
import { rebuildIndex } from './statements/rebuild.ts';
import { RUNS, RUNS_BEGUN, RUNS_BEHIND } from './statements/runs.ts';
import { SERIES_ALERTS, SERIES_JOBS, SERIES_METRICS } from './statements/series.ts';
import { allRows } from './statements/whole-table.ts';
import { tableOf } from './tables.ts';
import type { Writer } from './writer.ts';

/** Rows by table; a table may come more than once. */
export type Loaded = readonly (readonly [TableName, readonly TableRow[]])[];

/** A test whose past is asked for. Times are milliseconds since the epoch. */
export interface TestSince {
  readonly testName: string;
  /** All of its rows from here on. */
  readonly since: number;
  /** Of each series before that, so many rows at least. */
  readonly depth: number;
}

/**
 * Where the rows are: every method is a few statements for everything asked for, none is one a run. Ids asked for
 * that are not there are left out.
 */
export interface Remote {
  /** What every pass begins with: unsettled threads, open runs and those to judge, waiting alerts, actions. */
  opening(): Promise<Loaded>;
  events(threads: readonly string[]): Promise<Loaded>;
  /** Threads, besides those given, that hold events with these keys. */
  otherThreads(keys: readonly string[], threads: readonly string[]): Promise<readonly string[]>;
  /** Rejected messages by id; null: all. */
  rejections(ids: readonly string[] | null): Promise<Loaded>;
  runs(of: { readonly threads: readonly string[]; readonly uuids: readonly string[] }): Promise<Loaded>;
  /** Runs of the tests that ended at `since` or later. */
  runsBehind(tests: readonly Omit<TestSince, 'depth'>[]): Promise<Loaded>;
  runsBegun(testName: string, time: { readonly from: number; readonly until: number }): Promise<Loaded>;
  /** What judging may look back on; nothing before `earliest`. */
  series(tests: readonly TestSince[], earliest: number): Promise<Loaded>;
  /** Of each signal and polarity of these tests the newest episode. */
  episodes(testNames: readonly string[]): Promise<Loaded>;
  /** All episodes and their steps. */
  allEpisodes(): Promise<Loaded>;
  notices(ids: readonly string[]): Promise<Loaded>;
  mails(
    of: { readonly statuses: readonly MailStatus[] } | { readonly keys: readonly string[] },
  ): Promise<Loaded>;
  write(changes: TableChanges): Promise<void>;
  /** As `rebuild` of a history. */
  rebuild(messageKinds: readonly string[]): Promise<void>;
}

/** `recovers`: whoever only looks has no right to finish what another process has begun. */
export function remoteOf(jobs: Jobs, writer: Writer, { recovers }: { readonly recovers: boolean }): Remote {
  const all = (asked: readonly (readonly [TableName, Statement, Values?])[]): Promise<Loaded> =>
    Promise.all(
      asked.map(
        async ([table, statement, values = {}]) => [table, await jobs.rows(statement, values)] as const,
      ),
    );
  return {
    async opening() {
      if (recovers) await writer.recover();
      return all([
        ['threads', UNSETTLED_THREADS],
        ['runs', ACTIVE_RUNS],
        ['alerts', WAITING_ALERTS],
        ['alert_actions', ACTIONS],
      ]);
    },
    events: (threads) => all([['run_events', EVENTS_OF_THREADS, { threads }]]),
    async otherThreads(keys, threads) {
      const rows = await jobs.rows(OTHER_THREADS_OF_KEYS, { keys, threads });
      return rows.map(({ thread }) => String(thread));
    },
    rejections: (ids) =>
      all([
        ids === null
          ? ['rejected_messages', ALL_REJECTIONS]
          : ['rejected_messages', REJECTIONS_BY_ID, { ids }],
      ]),
    runs: ({ threads, uuids }) => all([['runs', RUNS, { threads, uuids }]]),
    runsBehind(tests) {
      const values = { tests: tests.map(({ testName, since }) => ({ test_name: testName, since })) };
      return all([['runs', RUNS_BEHIND, { ...values, names: namesOf(tests) }]]);
    },
    runsBegun: (testName, { from, until }) =>
      all([['runs', RUNS_BEGUN, { test_name: testName, since: from, until }]]),
    series(tests, earliest) {
      const asked = tests.map(({ testName, since, depth }) => ({ test_name: testName, since, depth }));
      const values = { tests: asked, names: namesOf(tests), earliest };
      return all([
        ['metric_history', SERIES_METRICS, values],
        ['job_history', SERIES_JOBS, values],
        ['alerts', SERIES_ALERTS, values],
      ]);
    },
    episodes: (names) => all([['alert_episodes', NEWEST_EPISODES, { names }]]),
    allEpisodes: () => all(EPISODE_TABLES.map((name) => [name, allRows(tableOf(name))] as const)),
    notices: (ids) => all([['alerts', NOTICES_BY_ID, { ids }]]),
    mails: (of) =>
      all([
        'keys' in of
          ? ['alert_outbox', MAILS_BY_KEY, { keys: of.keys }]
          : ['alert_outbox', MAILS_BY_STATUS, { statuses: of.statuses }],
      ]),
    write: (changes) => writer.write(changes),
    rebuild: (messageKinds) => jobs.run(rebuildIndex(messageKinds)),
  };
}

const EPISODE_TABLES = ['alert_episodes', 'alert_episode_events'] as const;

function namesOf(tests: readonly { readonly testName: string }[]): string[] {
  return tests.map(({ testName }) => testName);
}
