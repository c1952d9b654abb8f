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

    async runBack(testName, before, { metric, nth, need = { limit: nth } }) {
      const good = earlier(testName, before).filter(({ job }) => job.outcome === 'success');
      return earlierRunOf(finiteOf(letThrough(good, need), metric)[nth - 1]?.run, metric);
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
  const found = finiteOf(letThrough(runs, need), metric).slice(0, need.limit);
  const { version } = need;
  return {
    values: found.map(({ value }) => value),
    runIds: found.map(({ run }) => run.runId),
    versions: found.map(({ run }) => (version === undefined ? null : labelOf(run.job, version))),
  };
}

/** The runs that a need does not rule out by anything but their number. */
function letThrough(runs: readonly JudgedRun[], need: EarlierNeed): readonly JudgedRun[] {
  const { since = Number.NEGATIVE_INFINITY, from, without = [], like = [] } = need;
  return runs.filter(
    (run) =>
      run.finishedAt >= since &&
      (from === undefined || compareRuns(run, from) >= 0) &&
      !without.includes(run.uuid) &&
      [...like].every(([name, value]) => labelOf(run.job, name) === value),
  );
}

function finiteOf(runs: readonly JudgedRun[], metric: string) {
  return runs.flatMap((run) => {
    const value = rowOf(run, metric)?.value ?? null;
    return value === null ? [] : [{ run, value }];
  });
}

function rowOf({ metrics }: JudgedRun, metric: string) {
  return metrics.find(({ metricName }) => metricName === metric);
}
