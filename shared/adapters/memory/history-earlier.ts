import { isNeutral } from '../../core/outcome.ts';
import { factsOf } from '../../core/rows.ts';
import { compareRuns, type RunOrder } from '../../core/run.ts';
import type { EarlierRun, EarlierRuns } from '../../ports/history.ts';
import { type JudgedRun, judgedRuns, type Store } from './history-store.ts';

export function earlierRuns(store: Store): EarlierRuns {
  /** Judged runs of the test before this place, newest first. */
  const earlier = (testName: string, before: RunOrder): JudgedRun[] =>
    judgedRuns(store, testName)
      .filter((run) => compareRuns(run, before) < 0)
      .reverse();

  return {
    async earlierValues(testName, before, needs) {
      const good = earlier(testName, before).filter(({ job }) => job.outcome === 'success');
      const valuesOf = (metric: string) => good.flatMap((run) => rowOf(run, metric)?.value ?? []);
      return new Map(Array.from(needs, ([metric, limit]) => [metric, valuesOf(metric).slice(0, limit)]));
    },

    async failingStreak(testName, before, metric) {
      const runs = earlier(testName, before);
      const passed = runs.findIndex((run) => rowOf(run, metric)?.verdict === 'pass');
      const since = passed === -1 ? runs : runs.slice(0, passed);
      const failing = since.filter((run) => rowOf(run, metric)?.verdict === 'fail');
      const told = [...store.alerts.values()].some(({ alert: { uuid, item } }) => {
        if (item.testName !== testName || item.signal !== `metric:${metric}`) return false;
        const place = { finishedAt: item.finishedAt, runId: item.runId, uuid };
        const afterPass = passed === -1 || compareRuns(place, runs[passed]!) > 0;
        return afterPass && compareRuns(place, before) < 0;
      });
      return { failing: Math.min(failing.length, 1000), told };
    },

    async lastOutcome(testName, before) {
      const last = earlier(testName, before).find(({ job }) => !isNeutral(job.outcome));
      return last?.job.outcome ?? null;
    },

    async lastGood(testName, before, metric) {
      const isGood = (run: JudgedRun) =>
        metric === null ? run.job.outcome === 'success' : rowOf(run, metric)?.verdict === 'pass';
      const last = earlier(testName, before).find(isGood);
      if (last === undefined) return null;
      const value = metric === null ? null : (rowOf(last, metric)?.value ?? null);
      return { runId: last.runId, finishedAt: last.finishedAt, value };
    },

    async recentValues(testName, before, { metric, limit }) {
      return earlier(testName, before)
        .flatMap((run) => rowOf(run, metric) ?? [])
        .slice(0, limit)
        .map(({ value }) => value)
        .reverse();
    },

    async lastGoodRun(testName, before, metric) {
      const isGood = (run: JudgedRun) =>
        metric === null ? run.job.outcome === 'success' : rowOf(run, metric)?.verdict === 'pass';
      return earlierRunOf(earlier(testName, before).find(isGood), metric);
    },

    async runBack(testName, before, { metric, nth }) {
      const finite = earlier(testName, before).filter(
        (run) => run.job.outcome === 'success' && rowOf(run, metric)?.kind === 'finite',
      );
      return earlierRunOf(finite[nth - 1], metric);
    },

    async recentPoints(testName, before, { metric, limit }) {
      return earlier(testName, before)
        .flatMap(({ job, metrics, ...order }) =>
          metrics
            .filter(({ metricName }) => metricName === metric)
            .map((row) => ({ ...row, ...order, outcome: job.outcome, facts: factsOf(job) })),
        )
        .slice(0, limit)
        .reverse();
    },

    async hasLater(testName, order) {
      return judgedRuns(store, testName).some((run) => compareRuns(run, order) > 0);
    },
  };
}

function earlierRunOf(run: JudgedRun | undefined, metric: string | null): EarlierRun | null {
  if (run === undefined) return null;
  return { job: run.job, metric: metric === null ? null : (rowOf(run, metric) ?? null) };
}

function rowOf({ metrics }: JudgedRun, metric: string) {
  return metrics.find(({ metricName }) => metricName === metric);
}
