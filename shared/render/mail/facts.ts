import type { RunPoint } from '../../core/episodes/episode.ts';
import type { Notice } from '../../core/episodes/notice.ts';
import { isOfTidemark } from '../../core/episodes/tidemark-itself.ts';
import { pointsOf } from '../chart/points.ts';
import { webAddress } from '../html.ts';
import { formatDuration, formatNumber, formatValue } from '../number.ts';
import type { Fact, Place, TableBlock } from './document.ts';
import { measured, withUnit } from './happening.ts';
import { type Level, levelOf, levelText, percentText, phasesOf } from './level.ts';
import { pipelineFacts } from './pipeline-words.ts';
import { capital, counted, nameOf, shown, timeText } from './words.ts';

/** What is known of an episode, in reading order. */
export function factsOf(notice: Notice, { sameRuns = false }: { readonly sameRuns?: boolean } = {}): Fact[] {
  const { episode, evidence, kind } = notice;
  if (kind === 'closed') return [];
  const over = kind === 'recovered';
  const good = episode.polarity === 'good';
  const { oneIn, modelDir } = evidence;
  const isTidemark = isOfTidemark(episode);
  return [
    ...(isTidemark && !over ? pipelineFacts(episode) : []),
    ...(episode.signal.startsWith('metric:') ? valueFacts(notice, { over }) : []),
    ...(episode.badTotal > 1 && !over
      ? [{ label: good ? 'Better runs' : isTidemark ? 'Bad ticks' : 'Bad runs', parts: streakParts(notice) }]
      : []),
    ...(over || sameRuns ? [] : [...newest(notice), ...saidOfEnd(notice), ...labelsOf(notice)]),
    ...(oneIn === null || oneIn < WORTH_TELLING || over
      ? []
      : [{ label: 'Chance', parts: [chanceText(oneIn)] }]),
    ...(modelDir === null || sameRuns ? [] : [{ label: 'Files', parts: [shown(modelDir, 300)] }]),
  ];
}

/** What happens more often than that is no reason to look. */
const WORTH_TELLING = 20;
/** Beyond this no distribution that was assumed is to be trusted. */
const RAREST = 1e6;

function chanceText(oneIn: number): string {
  if (oneIn > RAREST) return 'fewer than one in a million ordinary runs are as far off';
  return `one in ${formatNumber(oneIn, { digits: 2 })} ordinary runs is as far off`;
}

/** Between which runs it happened: the first question of whoever looks for the cause. */
export function runsText({ episode, kind }: Notice): string {
  const { firstBad, lastBad, lastGood, lastRun, polarity, signal } = episode;
  // The sentence above it has said when it was expected, or since when nothing works.
  if (signal === 'schedule' || isOfTidemark(episode)) return '';
  const bad = polarity === 'good' ? 'better' : 'bad';
  const first = `First ${bad} run ${runText(firstBad)}`;
  if (kind === 'recovered' || kind === 'closed') {
    const last = lastBad.uuid === firstBad.uuid ? null : `last ${bad} run ${runText(lastBad)}`;
    const now = kind === 'closed' || lastRun.at <= lastBad.at ? null : `newest run ${runText(lastRun)}`;
    return sentenceOf([first, last, now]);
  }
  return sentenceOf([
    first,
    lastGood === null ? 'no good run before it is known' : beforeText(episode, lastGood),
  ]);
}

function sentenceOf(parts: readonly (string | null)[]): string {
  const text = parts.filter((part) => part !== null).join('; ');
  return text === '' ? '' : `${capital(text)}.`;
}

function runText({ runId, at }: RunPoint): string {
  return `${shown(runId, 120)}, ${timeText(at)}`;
}

function beforeText({ firstBad, signal, polarity }: Notice['episode'], lastGood: RunPoint): string {
  const gap = (firstBad.at - lastGood.at) / 1000;
  // Kept on one line: a number without its unit says nothing.
  const earlier = gap > 0 ? `, ${formatDuration(gap).replaceAll(' ', '\u00a0')} earlier` : '';
  const isMetric = signal.startsWith('metric:') && lastGood.value !== null;
  const value = isMetric ? `, at ${measured(nameOf(signal), lastGood.value!)}` : '';
  const word = polarity === 'good' ? 'last run before' : 'last good run';
  return `${word} ${shown(lastGood.runId, 120)}${earlier}${value}`;
}

function valueFacts({ episode, evidence }: Notice, { over }: { readonly over: boolean }): Fact[] {
  const name = nameOf(episode.signal);
  const { value, valueKind } = episode.lastBad;
  const level = levelOf(phasesOf(pointsOf({ episode, evidence }), episode).before);
  const facts: Fact[] = over ? [] : [valueFact({ name, value, valueKind, level })];
  if (!over && episode.worst !== null && episode.worst !== value)
    facts.push({ label: 'Worst so far', parts: [measured(name, episode.worst)] });
  const bounds = boundsText(name, episode.frozen);
  if (bounds !== null) facts.push({ label: 'Bounds', parts: bounds });
  if (episode.demand !== '') facts.push({ label: 'Demanded', parts: [shown(episode.demand, 300)] });
  return facts;
}

function valueFact({ name, value, valueKind, level }: Measured): Fact {
  if (value === null) return { label: 'Value', parts: [formatValue(null, valueKind)] };
  const percent = level === null ? null : percentText(value, level.centre);
  const sigmas =
    level?.spread == null || level.spread === 0 ? null : Math.abs(value - level.centre) / level.spread;
  const far =
    sigmas !== null && sigmas < 1000
      ? `${formatNumber(sigmas, { digits: 2 })} standard deviations off`
      : null;
  const change = [percent === null ? null : `${percent} of the usual`, far]
    .filter((part) => part !== null)
    .join(', ');
  return { label: 'Value', parts: [measured(name, value), ...(change === '' ? [] : [change])] };
}

interface Measured {
  readonly name: string;
  readonly value: number | null;
  readonly valueKind: string | null;
  readonly level: Level | null;
}

function boundsText(name: string, frozen: Notice['episode']['frozen']): string[] | null {
  if (frozen === null || (frozen.lower === null && frozen.upper === null)) return null;
  const { lower, upper, baselineN } = frozen;
  const text = rangeText(name, { lower, upper });
  const from =
    baselineN <= 0
      ? 'a fixed threshold'
      : `from ${counted(baselineN, 'earlier run')}, as they were when this opened`;
  return [text, from];
}

/** `3,642 … 4,012`, `at least 0.96`, `at most 0.1`, `exactly 5`; of two bounds that are open, `none`. */
export function rangeText(
  name: string,
  { lower, upper }: { readonly lower: number | null; readonly upper: number | null },
  written: (name: string, value: number) => string = measured,
): string {
  if (lower !== null && upper !== null)
    return lower === upper
      ? `exactly ${written(name, lower)}`
      : `${written(name, lower)} … ${written(name, upper)}`;
  if (lower !== null) return `at least ${written(name, lower)}`;
  return upper === null ? 'none' : `at most ${written(name, upper)}`;
}

function streakParts(notice: Notice): string[] {
  const { episode, evidence } = notice;
  const { badStreak, badTotal, signal } = episode;
  const all = formatNumber(badTotal);
  const text =
    badStreak === badTotal ? `${all} in a row` : `${all} in all, ${formatNumber(badStreak)} in a row`;
  const level = levelOf(phasesOf(pointsOf({ episode, evidence }), episode).during);
  if (!signal.startsWith('metric:') || level === null || level.count < 2) return [text];
  return [text, `at ${withUnit(nameOf(signal), levelText(level))}`];
}

function newest({ episode, evidence: { outcome, attempt } }: Notice): Fact[] {
  const { lastBad, signal, polarity } = episode;
  if (signal === 'schedule') return [];
  if (isOfTidemark(episode))
    return [{ label: 'Newest bad tick', parts: [shown(lastBad.runId, 120), timeText(lastBad.at)] }];
  const tries = attempt !== null && attempt > 1 ? ` (attempt ${formatNumber(attempt)})` : '';
  const end = outcome === null ? '' : `${outcome}, `;
  return [
    {
      label: polarity === 'good' ? 'Newest run' : 'Newest bad run',
      parts: [`${shown(lastBad.runId, 120)}${tries}`, `${end}${timeText(lastBad.at)}`],
    },
  ];
}

/** Signals that are about how a run ended, or that it did not come. */
const OF_ENDS: ReadonlySet<string> = new Set(['job', 'infra', 'schedule']);

function saidOfEnd({ episode, evidence: { message = null } }: Notice): Fact[] {
  if (message === null || message.trim() === '' || !OF_ENDS.has(episode.signal)) return [];
  return [{ label: episode.signal === 'schedule' ? 'To look at' : 'It said', parts: [shown(message, 400)] }];
}

/** What a run tells of itself in columns of its own. */
const NO_LABELS: ReadonlySet<string> = new Set(['accelerator', 'framework_version', 'test_type', 'cluster']);
const MOST_LABELS = 8;

/** Whose run it was, and what for; what differs from the last good run stands in a table of its own. */
function labelsOf({ episode: { signal, lastBad, lastGood } }: Notice): Fact[] {
  if (!OF_ENDS.has(signal)) return [];
  const isTold = (name: string, value: string) => lastGood !== null && lastGood.facts[name] !== value;
  const labels = Object.entries(lastBad.facts).filter(
    ([name, value]) => !NO_LABELS.has(name) && !isTold(name, value),
  );
  const texts = labels.slice(0, MOST_LABELS).map(([name, value]) => shown(`${name}=${value}`, 120));
  const rest = labels.length - texts.length;
  if (texts.length === 0) return [];
  return [{ label: 'Labels', parts: rest > 0 ? [...texts, `and ${rest} more`] : texts }];
}

/** Links of a notice; what is no web address is left out. */
export function placesOf({ evidence }: Pick<Notice, 'evidence'>): Place[] {
  const found = [
    { label: 'Logs', url: evidence.logsLink },
    { label: 'Workload', url: evidence.workloadLink },
  ];
  return found.flatMap(({ label, url }) => {
    const address = url === null ? null : webAddress(url);
    return address === null ? [] : [{ label, url: address }];
  });
}

/** Of a metric that is back to normal: what it was before, meanwhile, and after. */
export function beforeDuringAfter(notice: Notice): TableBlock | null {
  const { episode, evidence } = notice;
  if (!episode.signal.startsWith('metric:')) return null;
  const { before, during, after } = phasesOf(pointsOf({ episode, evidence }), episode);
  const name = nameOf(episode.signal);
  const rows = [
    ['Before', before],
    ['Meanwhile', during],
    ['After', after],
  ] as const;
  return {
    kind: 'table',
    caption: 'Before, meanwhile, after',
    head: ['', 'Mean', 'Lowest', 'Highest', 'Runs'],
    rows: rows.map(([label, points]) => {
      const values = points.flatMap(({ value }) => (value !== null && Number.isFinite(value) ? [value] : []));
      const level = levelOf(points);
      const numbers =
        level === null
          ? ['–', '–', '–']
          : [level.centre, Math.min(...values), Math.max(...values)].map((value) => numberText(name, value));
      return [label, ...numbers, formatNumber(points.length)];
    }),
    rest: 0,
  };
}

/** A number of this metric for a table, with its unit where it has one. */
export function numberText(name: string, value: number): string {
  return withUnit(name, formatNumber(value, { digits: 5 }));
}

/** The same of bounds; see `rangeText`. */
export function shortRange(name: string, bounds: Parameters<typeof rangeText>[1]): string {
  return rangeText(name, bounds, numberText);
}
