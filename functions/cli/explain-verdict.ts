import { conditionFor } from '../../shared/core/assess.ts';
import { historyWanted } from '../../shared/core/bounds.ts';
import { gatherRuns } from '../../shared/core/gather-run.ts';
import { type Judgement, judge } from '../../shared/core/judge.ts';
import { demandText } from '../../shared/core/judging/demand.ts';
import type { Metric } from '../../shared/core/metric.ts';
import { type JobRow, type MetricRow, orderOf } from '../../shared/core/rows.ts';
import type { ConditionConfig } from '../../shared/core/schema/test-config.ts';
import { median } from '../../shared/core/statistics/median.ts';
import { configInEffect } from '../../shared/pipeline/config-in-effect.ts';
import type { History, RunView } from '../../shared/ports/history.ts';
import { formatNumber, formatValue } from '../../shared/render/number.ts';
import type { Setup } from '../config.ts';
import { oneLine } from './io.ts';

/** Why a metric of a run got its verdict: judged once more, from the runs that it was judged from. */
export interface Explanation {
  readonly row: MetricRow;
  readonly demand: string;
  /** Runs whose values made the bounds, oldest first. */
  readonly baseline: readonly { readonly runId: string; readonly value: number }[];
  /** Median of those; null without any. */
  readonly expected: number | null;
  readonly recomputed: Judgement;
  /** The stored verdict and bounds are those that come out now. */
  readonly same: boolean;
  /** The run in which a change that is not over began. */
  readonly since: string | null;
}

const MOST = 100_000;
const RULE = demandText({ success_threshold: { auto: {} } }, 0);

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
  const explained: Explanation[] = [];
  for (const row of metrics) {
    const condition = row.verdict === null ? null : conditionFor(metricOfRow(row), config);
    // What is under a budget was judged beside the other metrics of its run.
    if (condition !== null && row.reason !== 'budget')
      explained.push(await explain(row, { condition, job, history }));
  }
  return explained;
}

/** The part of a name behind its folders may be what a condition names. */
function metricOfRow({ metricName, kind, value, reason }: MetricRow): Metric {
  const slash = metricName.indexOf('/');
  return { name: metricName, bareName: slash < 0 ? null : metricName.slice(slash + 1), kind, value, reason };
}

async function explain(
  row: MetricRow,
  { condition, job, history }: { condition: ConditionConfig; job: JobRow; history: History },
): Promise<Explanation> {
  const { metricName } = row;
  const wanted = historyWanted(condition);
  const order = orderOf(job);
  const needs = new Map(wanted > 0 ? [[metricName, wanted]] : []);
  const earlier = (await history.earlierValues(job.testName, order, needs)).get(metricName) ?? [];
  const recomputed = judge({ metric: metricOfRow(row), condition, outcome: job.outcome, earlier });
  const points = await history.series(job.testName, metricName, MOST);
  const at = points.findIndex(({ uuid }) => uuid === job.uuid);
  const known = points
    .slice(0, Math.max(0, at))
    .flatMap(({ outcome, value, runId }) =>
      outcome === 'success' && value !== null ? [{ runId, value }] : [],
    );
  const ago = recomputed.change?.runsAgo ?? null;
  const runs = [...known, { runId: job.runId, value: row.value ?? Number.NaN }];
  const end = known.length - (ago === null || ago === 0 ? 0 : ago);
  return {
    row,
    demand: demandText(condition, Math.min(wanted, Math.max(recomputed.baselineN, 1))),
    baseline: known.slice(Math.max(0, end - recomputed.baselineN), end),
    expected: median(known.slice(Math.max(0, end - recomputed.baselineN), end).map(({ value }) => value)),
    recomputed,
    same: sameAs(row, recomputed),
    since: ago === null ? null : (runs[runs.length - 1 - ago]?.runId ?? null),
  };
}

function sameAs(row: MetricRow, { verdict, lower, upper, baselineN }: Judgement): boolean {
  return row.verdict === verdict && row.lower === lower && row.upper === upper && row.baselineN === baselineN;
}

/** For people: value, what was expected, from how many runs, how unusual, since when. */
export function explanationText(explanations: readonly Explanation[]): string {
  return explanations.map((one) => `${sentenceOf(one)}\n`).join('');
}

function sentenceOf({ row, demand, baseline, expected, recomputed, same, since }: Explanation): string {
  const { p, verdict, change } = recomputed;
  const value = formatValue(row.value, row.kind);
  const from =
    baseline.length === 0
      ? ''
      : `; ${baseline.length} runs from ${oneLine(baseline[0]!.runId)} to ${oneLine(baseline.at(-1)!.runId)} have a median of ${formatNumber(expected!)}`;
  const unusual = p === undefined ? '' : `; ${oneIn(p)}`;
  const began = since === null ? '' : `; changed since run ${oneLine(since)}`;
  const state =
    change?.state === 'recovered'
      ? '; back at its old level'
      : change?.state === 'accepted'
        ? '; this is its new level from now on'
        : '';
  const differs = same ? '' : '; what is stored differs: judged again it comes out as shown here';
  return `${oneLine(row.metricName)}: ${verdict}. It is ${value} and ${demand === RULE ? 'is judged by' : 'must be'} ${oneLine(demand)}${from}${unusual}${began}${state}${differs}.`;
}

/** How often an ordinary run is as bad. */
function oneIn(p: number): string {
  if (p > 0.05) return 'an ordinary value';
  const runs = 1 / Math.max(p, 1e-12);
  return `as bad as one in ${formatNumber(Number(runs.toPrecision(2)))} ordinary runs`;
}

/** The same as JSON. */
export function explanationJson({
  row,
  demand,
  baseline,
  expected,
  recomputed,
  same,
  since,
}: Explanation): object {
  const { verdict, lower, upper, baselineN, p, change } = recomputed;
  return {
    metric: row.metricName,
    demand,
    recomputed: { verdict, lower, upper, baseline_n: baselineN },
    same_as_stored: same,
    expected,
    as_bad: p ?? null,
    state: change?.state ?? null,
    changed_since: since,
    baseline: baseline.map(({ runId, value }) => ({ run_id: runId, value })),
  };
}
