import type { RunPoint } from '../../core/episodes/episode.ts';
import type { Notice } from '../../core/episodes/notice.ts';
import { webAddress } from '../html.ts';
import { formatDuration, formatNumber, formatValue } from '../number.ts';
import type { Fact, Place, TableBlock } from './document.ts';
import { measured } from './happening.ts';
import { levelOf, percentText, phasesOf } from './level.ts';
import { counted, nameOf, shown, timeText } from './words.ts';

/** What is known of an episode, in reading order. */
export function factsOf(notice: Notice): Fact[] {
  const { episode, evidence } = notice;
  const isMetric = episode.signal.startsWith('metric:');
  const good = episode.polarity === 'good';
  return [
    ...(isMetric && notice.kind !== 'recovered' ? valueFacts(notice) : []),
    { label: good ? 'First better run' : 'First bad run', parts: runParts(episode.firstBad) },
    { label: 'Last run before', parts: episode.lastGood === null ? ['none known'] : beforeParts(notice) },
    { label: good ? 'Better runs' : 'Bad runs', parts: [streakText(notice)] },
    ...(notice.kind === 'recovered'
      ? [{ label: 'Over since', parts: runParts(episode.lastRun) }]
      : newest(notice)),
    ...(evidence.oneIn === null || evidence.oneIn < 2
      ? []
      : [
          {
            label: 'Chance',
            parts: [
              `one in ${formatNumber(Math.round(evidence.oneIn), { digits: 2 })} ordinary runs is as far off`,
            ],
          },
        ]),
    ...(evidence.modelDir === null ? [] : [{ label: 'Files', parts: [shown(evidence.modelDir, 300)] }]),
  ];
}

function valueFacts({ episode, evidence }: Notice): Fact[] {
  const name = nameOf(episode.signal);
  const { value, valueKind } = episode.lastBad;
  const level = levelOf(phasesOf(evidence.points, episode).before);
  const facts: Fact[] = [];
  if (value === null) facts.push({ label: 'Value', parts: [formatValue(null, valueKind)] });
  else {
    const percent = level === null ? null : percentText(value, level.centre);
    const sigmas =
      level?.spread == null || level.spread === 0 ? null : Math.abs(value - level.centre) / level.spread;
    const far =
      sigmas === null || !Number.isFinite(sigmas) || sigmas >= 1000
        ? []
        : [`${formatNumber(sigmas, { digits: 2 })} standard deviations off`];
    const change = [...(percent === null ? [] : [`${percent} of the usual`]), ...far].join(', ');
    facts.push({
      label: 'Value',
      parts: change === '' ? [measured(name, value)] : [measured(name, value), change],
    });
  }
  if (episode.worst !== null && episode.worst !== value)
    facts.push({ label: 'Worst so far', parts: [measured(name, episode.worst)] });
  const bounds = boundsText(name, episode.frozen);
  if (bounds !== null) facts.push({ label: 'Bounds', parts: bounds });
  if (episode.demand !== '') facts.push({ label: 'Demanded', parts: [shown(episode.demand, 300)] });
  return facts;
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
): string {
  if (lower !== null && upper !== null)
    return lower === upper
      ? `exactly ${measured(name, lower)}`
      : `${measured(name, lower)} … ${measured(name, upper)}`;
  if (lower !== null) return `at least ${measured(name, lower)}`;
  return upper === null ? 'none' : `at most ${measured(name, upper)}`;
}

function runParts({ runId, at }: RunPoint): string[] {
  return [shown(runId, 120), timeText(at)];
}

function beforeParts({ episode: { lastGood, firstBad, signal } }: Notice): string[] {
  if (lastGood === null) return [];
  const gap = (firstBad.at - lastGood.at) / 1000;
  const value =
    lastGood.value === null || !signal.startsWith('metric:')
      ? []
      : [measured(nameOf(signal), lastGood.value)];
  const summary = [...value, ...(gap > 0 ? [`${formatDuration(gap)} earlier`] : [])].join(', ');
  const place = `${shown(lastGood.runId, 120)}, ${timeText(lastGood.at)}`;
  return summary === '' ? [place] : [summary, place];
}

function streakText({ episode: { badStreak, badTotal } }: Notice): string {
  if (badTotal <= 1) return 'this one';
  if (badStreak === badTotal) return `${formatNumber(badTotal)} in a row`;
  return `${formatNumber(badTotal)} in all, ${formatNumber(badStreak)} in a row`;
}

function newest({ episode: { lastBad, firstBad }, evidence: { outcome, attempt } }: Notice): Fact[] {
  const tries = attempt !== null && attempt > 1 ? ` (attempt ${formatNumber(attempt)})` : '';
  const end = outcome === null ? '' : `${outcome}, `;
  if (lastBad.runId === firstBad.runId && lastBad.at === firstBad.at && tries === '' && end === '') return [];
  return [
    {
      label: 'Newest bad run',
      parts: [`${shown(lastBad.runId, 120)}${tries}`, `${end}${timeText(lastBad.at)}`],
    },
  ];
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
  const { before, during, after } = phasesOf(evidence.points, episode);
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

function numberText(name: string, value: number): string {
  const unit = measured(name, value).includes(' s') ? ' s' : '';
  return `${formatNumber(value, { digits: 5 })}${unit}`;
}
