import { type Assessed, conditionFor, type Demanded } from '../../shared/core/assess.ts';
import type { EarlierSeries } from '../../shared/core/baseline/question.ts';
import { wantedRuns } from '../../shared/core/baseline/window.ts';
import type { EffectiveConfig } from '../../shared/core/effective-config.ts';
import { gatherRuns } from '../../shared/core/gather-run.ts';
import type { Judgement } from '../../shared/core/judge.ts';
import { demandText } from '../../shared/core/judging/demand.ts';
import type { Metric } from '../../shared/core/metric.ts';
import type { MetricRow } from '../../shared/core/rows.ts';
import { median } from '../../shared/core/statistics/median.ts';
import { configInEffect } from '../../shared/pipeline/config-in-effect.ts';
import { judgeRun } from '../../shared/pipeline/judge-run.ts';
import type { History, RunView } from '../../shared/ports/history.ts';
import type { Setup } from '../config.ts';
import { differences } from './explain-difference.ts';

/** Why a metric of a run got its verdict: judged once more, from the runs that it was judged from. */
export interface Explanation {
  readonly row: MetricRow;
  readonly demand: string;
  /** Runs whose values made the bounds, oldest first. */
  readonly baseline: readonly { readonly runId: string; readonly value: number }[];
  /** Median of those; null without any. */
  readonly expected: number | null;
  readonly recomputed: Assessed & { readonly judgement: Judgement };
  /** What is stored and comes out otherwise now, in words; empty: all of it is the same. */
  readonly differs: readonly string[];
  /** The run in which a change that is not over began. */
  readonly since: string | null;
}

/** Judges every judged metric of a run again; the config is the one that was in effect. */
export async function explainVerdict(
  { run, job, metrics }: RunView,
  { history, setup }: { readonly history: History; readonly setup: Setup },
): Promise<Explanation[]> {
  if (job === null) return [];
  const events = (await history.eventsOf([run.thread])).get(run.thread) ?? [];
  const gathered = gatherRuns(events).find(({ runId }) => runId === run.runId);
  if (gathered === undefined) return [];
  const { config } = await configInEffect(gathered, events, {
    tests: setup.tests,
    history,
    known: new Map(),
  });
  const rows = metrics.filter(({ verdict }) => verdict !== null);
  const demands = rows.map((row) => demandOf(row, config));
  const { assessment, series } = await judgeRun(demands, { run: job, config }, history);
  return rows.flatMap((row, index) => {
    const again = assessment.metrics[index]!;
    if (again.judgement === null) return [];
    const known = series.get(row.metricName) ?? null;
    return [explain({ row, again: { ...again, judgement: again.judgement }, known })];
  });
}

function demandOf(row: MetricRow, config: EffectiveConfig): Demanded {
  const metric = metricOfRow(row);
  const requiredMissing = row.kind === 'missing' && config.requiredMetrics.includes(row.metricName);
  return { metric, condition: conditionFor(metric, config), requiredMissing };
}

/** The part of a name behind its folders may be what a condition names. */
function metricOfRow({ metricName, kind, value, reason }: MetricRow): Metric {
  const slash = metricName.indexOf('/');
  return { name: metricName, bareName: slash < 0 ? null : metricName.slice(slash + 1), kind, value, reason };
}

interface Again {
  readonly row: MetricRow;
  readonly again: Explanation['recomputed'];
  /** What was looked back on, newest first. */
  readonly known: EarlierSeries | null;
}

function explain({ row, again, known }: Again): Explanation {
  const { condition, judgement } = again;
  const ago = judgement.change?.runsAgo ?? null;
  const runs = known === null ? [] : usedRuns(judgement, known);
  const window = condition === null ? 0 : wantedRuns(condition);
  return {
    row,
    demand: demandText(condition, Math.min(window, Math.max(judgement.baselineN, 1))),
    baseline: runs,
    expected: median(runs.map(({ value }) => value)),
    recomputed: again,
    differs: differences(row, again),
    since: ago === null ? null : ago === 0 ? null : (known?.runIds[ago - 1] ?? null),
  };
}

/**
 * Oldest first. The recommended rule holds a run of a change against the newest runs before it, and the run that makes
 * it sure of a change against all before that run.
 */
function usedRuns({ used, baselineN, change }: Judgement, { runIds, values }: EarlierSeries) {
  const from = change === undefined || change.alert !== null ? 0 : (change.runsAgo ?? 0);
  const positions = used ?? Array.from({ length: baselineN }, (_, at) => from + at);
  return positions
    .filter((at) => at < values.length)
    .map((at) => ({ runId: runIds[at]!, value: values[at]! }))
    .reverse();
}
