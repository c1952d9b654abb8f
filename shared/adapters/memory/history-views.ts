import { decisionOfRow } from '../../core/decision-record.ts';
import { factsOf, type MetricRow } from '../../core/rows.ts';
import { compareRuns } from '../../core/run.ts';
import { compareText } from '../../core/text-order.ts';
import { factOf, withoutBlanks } from '../../core/version.ts';
import { PortError } from '../../ports/error.ts';
import type { HistoryViews, IndexedRun, MailStatus } from '../../ports/history.ts';
import { judgedRun, judgedRuns, placeOf, type Store } from './history-store.ts';

export function historyViews(store: Store): HistoryViews {
  const runs = () => Array.from(store.runs.values(), ({ run }) => run);

  return {
    async testNames() {
      return [...new Set(runs().map(({ testName }) => testName))].sort(compareText);
    },

    async findRun(testName, runId) {
      const [run] = runs()
        .filter((one) => one.testName === testName && (runId === null || one.runId === runId))
        .sort(newestFirst);
      if (run === undefined) return null;
      const rows = judgedRun(store, run.uuid);
      return { run, job: rows?.job ?? null, metrics: rows?.metrics ?? [] };
    },

    async metricNames(testName) {
      const rows = judgedRuns(store, testName).flatMap(({ metrics }) => metrics);
      const judged = new Set(rows.filter(({ verdict }) => verdict !== null).map((row) => row.metricName));
      const rank = (name: string) => (judged.has(name) ? 0 : 1);
      return [...new Set(rows.map(({ metricName }) => metricName))].sort(
        (a, b) => rank(a) - rank(b) || compareText(a, b),
      );
    },

    async series(testName, metric, last) {
      const points = judgedRuns(store, testName).flatMap(({ job, metrics, ...order }) =>
        metrics
          .filter(({ metricName }) => metricName === metric)
          .map((row) => ({ ...row, ...order, outcome: job.outcome, facts: factsOf(job) })),
      );
      return last === 0 ? [] : points.slice(-last);
    },

    async newestRuns({ since, limit }) {
      const newest = [...store.judged].map(([testName, runs]) => {
        const jobs = runs.map(({ job }) => job).filter(({ finishedAt }) => finishedAt >= since);
        return [testName, jobs.reverse().slice(0, limit)] as const;
      });
      const named = newest.filter(([, runs]) => runs.length > 0);
      return new Map(named.sort(([a], [b]) => compareText(a, b)));
    },

    async decisions({ kind, id = '', subject, limit }) {
      return [...store.events.values()]
        .filter((event) => event.kind === kind && event.id.startsWith(id))
        .filter(({ testName }) => subject === undefined || testName === subject)
        .sort((a, b) => b.time - a.time || compareText(a.id, b.id))
        .slice(0, limit)
        .map(decisionOfRow);
    },

    async runsWith(testName, { fact, value, limit, metrics }) {
      const isWanted = ({ metricName, verdict }: MetricRow) =>
        metrics === null ? verdict !== null : metrics.includes(metricName);
      return judgedRuns(store, testName)
        .filter(({ job }) => factOf(job, fact) === withoutBlanks(value))
        .reverse()
        .slice(0, limit)
        .map(({ job, metrics: rows }) => ({
          job,
          metrics: rows.filter(isWanted).sort((a, b) => compareText(a.metricName, b.metricName)),
        }));
    },

    async unjudgedRuns(testName, limit) {
      return runs()
        .filter((run) => run.testName === testName && judgedRun(store, run.uuid) === undefined)
        .sort((a, b) => begunAt(b) - begunAt(a) || compareText(b.uuid, a.uuid))
        .slice(0, limit);
    },

    async counts() {
      const rows = [...store.judged.values()].flat();
      const mails = (...statuses: MailStatus[]) =>
        [...store.mails.values()].filter(({ status }) => statuses.includes(status)).length;
      return {
        tests: new Set(runs().map(({ testName }) => testName)).size,
        finished_runs: rows.length,
        open_runs: runs().filter(({ ended }) => ended === null).length,
        unjudged_runs: [...store.runs.values()].filter(({ toJudge }) => toJudge !== null).length,
        metric_rows: rows.flatMap(({ metrics }) => metrics).length,
        rejected_messages: store.rejected.size,
        mails_waiting: mails('pending', 'sending'),
        mails_failed: mails('failed', 'uncertain'),
        open_episodes: [...store.episodes.values()].filter(({ state }) => state !== 'closed').length,
      };
    },

    async query() {
      throw new PortError('invalid', 'Cannot run the query: history in memory has no SQL');
    },
  };
}

/** By start; of runs that began at one moment an open one first, then the last in the order of runs. */
function newestFirst(a: IndexedRun, b: IndexedRun): number {
  const began = begunAt(b) - begunAt(a);
  const [first, second] = [placeOf(a), placeOf(b)];
  if (began !== 0) return began;
  if (first !== null && second !== null) return compareRuns(second, first);
  if (first !== null || second !== null) return first === null ? -1 : 1;
  return compareText(b.runId, a.runId) || compareText(b.uuid, a.uuid);
}

/** When a run began, as far as it is known. */
function begunAt({ startedAt, ended }: IndexedRun): number {
  return startedAt ?? ended?.finishedAt ?? 0;
}
