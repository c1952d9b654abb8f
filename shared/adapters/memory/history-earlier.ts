import { labelOf } from '../../core/baseline/label.ts';
import type { EarlierNeed, EarlierSeries } from '../../core/baseline/question.ts';
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
      return new Map(Array.from(needs, ([metric, need]) => [metric, answered(good, metric, need)]));
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

function answered(runs: readonly JudgedRun[], metric: string, need: EarlierNeed): EarlierSeries {
  const { limit, since, from, without = [], like = [], version } = need;
  const found = runs
    .filter(({ uuid, finishedAt }) => !without.includes(uuid) && !(since !== undefined && finishedAt < since))
    .filter((run) => from === undefined || compareRuns(run, from) >= 0)
    .filter(({ job }) => [...like].every(([name, value]) => labelOf(job, name) === value))
    .flatMap(({ runId, job, ...run }) => {
      const value = rowOf({ runId, job, ...run }, metric)?.value ?? null;
      return value === null ? [] : [{ value, runId, version: version ? labelOf(job, version) : null }];
    })
    .slice(0, limit);
  return {
    values: found.map(({ value }) => value),
    runIds: found.map(({ runId }) => runId),
    versions: found.map((one) => one.version),
  };
}

function rowOf({ metrics }: JudgedRun, metric: string) {
  return metrics.find(({ metricName }) => metricName === metric);
}
