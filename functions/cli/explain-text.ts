import { demandText } from '../../shared/core/judging/demand.ts';
import { formatNumber, formatValue } from '../../shared/render/number.ts';
import type { Explanation } from './explain-verdict.ts';
import { oneLine } from './io.ts';

const RULE = demandText({ success_threshold: { auto: {} } }, 0);

/** For people: value, what was expected, from how many runs, how unusual, since when. */
export function explanationText(explanations: readonly Explanation[]): string {
  return explanations.map((one) => `${sentenceOf(one)}\n`).join('');
}

function sentenceOf(one: Explanation): string {
  const { row, demand, recomputed, since } = one;
  const { p, verdict } = recomputed.judgement;
  const value = formatValue(row.value, row.kind);
  const parts = [
    `${oneLine(row.metricName)}: ${verdict}. It is ${value} and ${demand === RULE ? 'is judged by' : 'must be'} ${oneLine(demand)}`,
    fromText(one),
    p === undefined ? '' : oneIn(p),
    since === null ? '' : `changed since run ${oneLine(since)}`,
    stateText(one),
    differenceText(one),
  ];
  return `${parts.filter((part) => part !== '').join('; ')}.`;
}

/** From which runs, and what was left out on the way. */
function fromText({ baseline, expected, recomputed }: Explanation): string {
  const { frozen, accepted, excluded, like } = recomputed.baseline ?? {};
  const left = [
    ...(frozen === undefined ? [] : [`without ${frozen} of a change that lasted`]),
    ...(excluded === undefined ? [] : [`without ${excluded} that somebody excluded`]),
    ...(accepted === undefined ? [] : [`since run ${oneLine(accepted)}, which somebody accepted`]),
    ...Object.entries(like ?? {}).map(
      ([name, value]) => `${oneLine(name)} ${oneLine(value ?? 'not set')} only`,
    ),
  ];
  const more = left.length === 0 ? '' : ` (${left.join(', ')})`;
  if (baseline.length === 0) return left.length === 0 ? '' : `no earlier run counts${more}`;
  const [first, last] = [baseline[0]!, baseline.at(-1)!];
  return `${baseline.length} runs from ${oneLine(first.runId)} to ${oneLine(last.runId)}${more} have a median of ${formatNumber(expected!)}`;
}

function stateText({ recomputed }: Explanation): string {
  const { change } = recomputed.judgement;
  if (change?.looksNormal) return 'it holds still there: "tidemark accept" would take it for normal';
  if (change?.state === 'recovered') return 'back at its old level';
  return change?.state === 'accepted' ? 'this is its new level from now on' : '';
}

function differenceText({ row, differs }: Explanation): string {
  if (differs.length > 0) return `what is stored differs (${oneLine(differs.join(', '))})`;
  return row.baseline === null ? '' : 'judged again from the same runs it is the same';
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
  differs,
  since,
}: Explanation): object {
  const { verdict, lower, upper, baselineN, p, change } = recomputed.judgement;
  return {
    metric: row.metricName,
    demand,
    recomputed: { verdict, lower, upper, baseline_n: baselineN },
    same_as_stored: differs.length === 0,
    differs,
    expected,
    as_bad: p ?? null,
    state: change?.state ?? null,
    changed_since: since,
    baseline_stored: row.baseline,
    baseline: baseline.map(({ runId, value }) => ({ run_id: runId, value })),
  };
}
