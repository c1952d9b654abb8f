import type { AlertItem } from '../core/alert-item.ts';
import { webAddress } from './html.ts';
import { formatDuration, formatNumber, formatValue } from './number.ts';
import { cut, plain } from './plain.ts';
import { isJob, measured } from './sentence.ts';

/** One line of what is known, the same in text and HTML. */
export interface Fact {
  readonly label: string;
  /** Parts that belong together: lines in HTML, joined by commas in text. */
  readonly parts: readonly string[];
}

/** A place to look further. */
export interface Place {
  readonly label: string;
  readonly url: string;
}

/** An item fit for eyes: every text from outside is one line of bounded length, links are web addresses or null. */
export function tidy(item: AlertItem): AlertItem {
  return {
    ...item,
    testName: cut(plain(item.testName), 160),
    runId: cut(plain(item.runId), 120),
    outcome: cut(plain(item.outcome), 40),
    signal: cut(plain(item.signal), 160),
    reason: cut(plain(item.reason), 400),
    demand: cut(plain(item.demand), 300),
    lastGood: item.lastGood && { ...item.lastGood, runId: cut(plain(item.lastGood.runId), 120) },
    logsLink: item.logsLink && webAddress(item.logsLink),
    workloadLink: item.workloadLink && webAddress(item.workloadLink),
    modelDir: item.modelDir && cut(plain(item.modelDir), 300),
  };
}

/** The facts of one tidied item, in reading order. */
export function factsOf(item: AlertItem): Fact[] {
  return [
    ...(isJob(item) ? [] : valueFacts(item)),
    { label: 'Streak', parts: [streakText(item.streak)] },
    { label: 'Last good run', parts: lastGoodParts(item) },
    { label: 'This run', parts: runParts(item) },
    ...(item.modelDir === null ? [] : [{ label: 'Files', parts: [item.modelDir] }]),
  ];
}

function valueFacts(item: AlertItem): Fact[] {
  const { value, valueKind, lower, upper } = item;
  const shown = value === null ? formatValue(null, valueKind) : measured(item, value);
  const facts = [{ label: 'Value', parts: [shown] }];
  if (!hasBounds(item)) return facts;
  const low = lower === null ? 'no lower bound' : `lower ${measured(item, lower)}`;
  const high = upper === null ? 'no upper bound' : `upper ${measured(item, upper)}`;
  const text = lower !== null && lower === upper ? `exactly ${measured(item, lower)}` : `${low}, ${high}`;
  return [...facts, { label: 'Bounds', parts: [text] }, { label: 'Bounds from', parts: [boundsFrom(item)] }];
}

function hasBounds({ lower, upper }: AlertItem): boolean {
  return lower !== null || upper !== null;
}

/** Where the bounds came from, in words that fit behind "from". */
function boundsFrom({ baselineN }: AlertItem): string {
  if (baselineN <= 0) return 'a fixed threshold';
  return `${formatNumber(baselineN)} earlier successful run${baselineN === 1 ? '' : 's'}`;
}

function streakText(streak: number): string {
  return streak <= 1 ? 'first failing run' : `${formatNumber(streak)} failing runs in a row`;
}

function lastGoodParts(item: AlertItem): string[] {
  const { lastGood } = item;
  if (lastGood === null) return ['none known'];
  const gap = (item.finishedAt - lastGood.finishedAt) / 1000;
  const value = lastGood.value === null || isJob(item) ? [] : [measured(item, lastGood.value)];
  const summary = [...value, ...(gap > 0 ? [`${formatDuration(gap)} earlier`] : [])];
  const place = `${lastGood.runId}, ${timeText(lastGood.finishedAt)}`;
  return summary.length === 0 ? [place] : [summary.join(', '), place];
}

function runParts({ runId, attempt, outcome, finishedAt }: AlertItem): string[] {
  const tries = attempt > 1 ? ` (attempt ${formatNumber(attempt)})` : '';
  return [`${runId}${tries}`, `${outcome}, ended ${timeText(finishedAt)}`];
}

/** `2026-08-01 02:15 UTC`. */
export function timeText(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return 'at an unknown time';
  return `${date.toISOString().slice(0, -8).replace('T', ' ')} UTC`;
}

/** Links of a tidied item. */
export function placesOf(item: AlertItem): Place[] {
  const places: Place[] = [];
  if (item.logsLink !== null) places.push({ label: 'Logs', url: item.logsLink });
  if (item.workloadLink !== null) places.push({ label: 'Workload', url: item.workloadLink });
  return places;
}

/** The facts of an item in one line, for long lists. */
export function shortFacts(item: AlertItem): string {
  const bounds = isJob(item) || !hasBounds(item) ? [] : [`bounds from ${boundsFrom(item)}`];
  const lastGood =
    item.lastGood === null ? 'no good run known' : `last good run ${lastGoodParts(item).join(', ')}`;
  return [...bounds, streakText(item.streak), lastGood, `this run ${item.runId}`].join(' · ');
}
