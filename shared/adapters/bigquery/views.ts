import { compareText } from '../../core/text-order.ts';
import { withoutBlanks } from '../../core/version.ts';
import type { EpisodeStore } from '../../ports/episodes.ts';
import type { HistoryViews, Outbox } from '../../ports/history.ts';
import type { TableName, TableRow, WorkingCopy } from '../../ports/tables.ts';
import type { Jobs } from './jobs.ts';
import {
  ALERTS,
  COUNTS,
  DECISIONS,
  JOBS_OF_POINTS,
  JOBS_WITH_FACT,
  METRIC_NAMES,
  METRICS_WITH_FACT,
  NEWEST_JOBS,
  NEWEST_RUN,
  POINTS,
  ROWS_OF_RUN,
  RUN_COUNTS,
  TEST_NAMES,
  UNJUDGED_RUNS,
} from './statements/answers.ts';
import { EPISODE_EVENTS, EPISODES, SIGHTINGS } from './statements/episodes.ts';
import { DELIVERIES } from './statements/mails.ts';

const UNREAD = { recipients: '', rendered: '', alert_ids: '' };

type Views = Omit<HistoryViews, 'query'> &
  Pick<EpisodeStore, 'episodes' | 'episodeEvents' | 'notices' | 'sightings' | 'runCounts'> &
  Pick<Outbox, 'deliveries'>;

/**
 * Answers to people, from what is stored: each reads the rows it is about and no working copy, which may be as old
 * as its pass. The rows become answers by the code of the embedded store.
 */
export function viewsOf(jobs: Jobs, workingCopy: () => WorkingCopy): Views {
  const through = async <T>(
    rows: readonly (readonly [TableName, readonly TableRow[]])[],
    ask: (copy: WorkingCopy) => Promise<T>,
  ): Promise<T> => {
    const copy = workingCopy();
    try {
      for (const [table, of] of rows) copy.load(table, of);
      return await ask(copy);
    } finally {
      await copy.close();
    }
  };
  return {
    async testNames() {
      const rows = await jobs.rows(TEST_NAMES);
      return rows.map(({ test_name }) => String(test_name)).sort(compareText);
    },

    async findRun(testName, runId) {
      const runs = await jobs.rows(NEWEST_RUN, { test_name: testName, run_id: runId });
      const [run] = runs;
      if (run === undefined) return null;
      const values = { uuid: String(run.uuid), test_name: testName };
      const [job, metrics] = await Promise.all([
        jobs.rows(ROWS_OF_RUN.job_history, values),
        jobs.rows(ROWS_OF_RUN.metric_history, values),
      ]);
      return through(
        [
          ['runs', runs],
          ['job_history', job],
          ['metric_history', metrics],
        ],
        (copy) => copy.findRun(testName, runId),
      );
    },

    async metricNames(testName) {
      const rows = await jobs.rows(METRIC_NAMES, { test_name: testName });
      return rows
        .map(({ metric_name, judged }) => ({ name: String(metric_name), judged: Number(judged) }))
        .sort((a, b) => b.judged - a.judged || compareText(a.name, b.name))
        .map(({ name }) => name);
    },

    async series(testName, metric, last) {
      if (last === 0) return [];
      const values = { test_name: testName, metric, last };
      const [points, runs] = await Promise.all([
        jobs.rows(POINTS, values),
        jobs.rows(JOBS_OF_POINTS, values),
      ]);
      return through(
        [
          ['metric_history', points],
          ['job_history', runs],
        ],
        (copy) => copy.series(testName, metric, last),
      );
    },

    async episodes(filter) {
      const { testName = null, open = false } = filter;
      const rows = await jobs.rows(EPISODES, { test_name: testName, open: open ? 1 : 0 });
      return through([['alert_episodes', rows]], (copy) => copy.episodes(filter));
    },

    async episodeEvents(episodeId) {
      const rows = await jobs.rows(EPISODE_EVENTS, { episode_id: episodeId });
      return through([['alert_episode_events', rows]], (copy) => copy.episodeEvents(episodeId));
    },

    async notices(testName) {
      const rows = await jobs.rows(ALERTS, { test_name: testName });
      return through([['alerts', rows]], (copy) => copy.notices(testName));
    },

    async deliveries({ episodeIds, threadIds }) {
      const asked = { threads: threadIds, episodes: episodeIds };
      const rows = await jobs.rows(DELIVERIES, asked);
      // The rest of a mail is not asked for, and not looked at.
      const whole = rows.map((row) => ({ ...UNREAD, ...row, attempts: 0, doubts: 0 }));
      return through([['alert_outbox', whole]], (copy) => copy.deliveries({ episodeIds, threadIds }));
    },

    async runCounts({ from, until }) {
      const rows = await jobs.rows(RUN_COUNTS, { since: from, until });
      return rows
        .map((row) => ({
          testName: String(row.test_name),
          recent: Number(row.recent),
          all: Number(row.runs),
        }))
        .sort((a, b) => compareText(a.testName, b.testName));
    },

    async sightings() {
      return through([['run_events', await jobs.rows(SIGHTINGS)]], (copy) => copy.sightings());
    },

    async newestRuns(only) {
      const rows = await jobs.rows(NEWEST_JOBS, { since: only.since, limit: only.limit });
      return through([['job_history', rows]], (copy) => copy.newestRuns(only));
    },

    async decisions(only) {
      const { kind, id = '', subject = null, limit } = only;
      const rows = await jobs.rows(DECISIONS, { kind, id, subject, limit });
      return through([['run_events', rows]], (copy) => copy.decisions(only));
    },

    async runsWith(testName, question) {
      const { fact, value, limit, metrics } = question;
      const asked = { test_name: testName, fact, value: withoutBlanks(value), limit };
      const [found, rows] = await Promise.all([
        jobs.rows(JOBS_WITH_FACT, asked),
        jobs.rows(METRICS_WITH_FACT, { ...asked, metrics: metrics ?? [], named: metrics === null ? 0 : 1 }),
      ]);
      return through(
        [
          ['job_history', found],
          ['metric_history', rows],
        ],
        (copy) => copy.runsWith(testName, question),
      );
    },

    async unjudgedRuns(testName, limit) {
      const rows = await jobs.rows(UNJUDGED_RUNS, { test_name: testName, limit });
      return through([['runs', rows]], (copy) => copy.unjudgedRuns(testName, limit));
    },

    async counts() {
      const [row] = await jobs.rows(COUNTS);
      return Object.fromEntries(Object.entries(row!).map(([name, count]) => [name, Number(count)]));
    },
  };
}
