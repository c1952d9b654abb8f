import type { Episode } from '../../core/episodes/episode.ts';
import type { Notice } from '../../core/episodes/notice.ts';
import { isOfTidemark } from '../../core/episodes/tidemark-itself.ts';
import { formatDuration } from '../number.ts';
import { bars } from '../sparkline.ts';
import { differences, newestRuns, siblingsTable } from './differences.ts';
import type { Block, ListRow, Section } from './document.ts';
import { beforeDuringAfter, factsOf, placesOf, rangeText, runsText } from './facts.ts';
import { headline, shortHeadline } from './headline.ts';
import { counted, nameOf, runsCounted, shown, stateOf, subjectName } from './words.ts';

const BARS = 30;

/** A chart that a mail is to show. */
export interface SectionChart {
  readonly cid: string;
}

/** How much of a notice is told. */
export interface SectionOptions {
  readonly chart: SectionChart | null;
  /** What its runs are, and what differs between them, stands above it already. */
  readonly sameRuns?: boolean;
}

/** Everything about one notice. */
export function sectionOf(notice: Notice, { chart, sameRuns = false }: SectionOptions): Section {
  const { episode, kind } = notice;
  const { word, tone } = stateOf(kind, episode);
  const isOver = kind === 'recovered' || kind === 'closed';
  const places = sameRuns ? [] : placesOf(notice);
  const runs = sameRuns ? '' : runsText(notice);
  const facts = factsOf(notice, { sameRuns });
  const blocks: (Block | null)[] = [
    { kind: 'sentence', text: headline(notice) },
    runs === '' ? null : { kind: 'note', text: runs },
    saidBy(notice),
    chart === null ? null : chartBlock(notice, chart),
    kind === 'recovered' ? beforeDuringAfter(notice) : null,
    ...(sameRuns ? [] : changes(notice)),
    facts.length === 0 ? null : { kind: 'facts', facts },
    isOver ? null : newestRuns(notice),
    sameRuns || kind === 'closed' ? null : siblingsTable(notice),
    places.length === 0 ? null : { kind: 'places', places },
  ];
  const present = blocks.filter((block) => block !== null);
  const state = tone === 'bad' || tone === 'warn' ? `${word} · ${episode.severity}` : word;
  return { tone, state, heading: null, blocks: present };
}

/** What two notices share that tell of the same runs. */
export function runsKey({ kind, episode: { firstBad, lastGood, lastBad, lastRun } }: Notice): string {
  const { uuid } = kind === 'recovered' ? lastRun : lastBad;
  return JSON.stringify([kind, firstBad.uuid, lastGood?.uuid, uuid]);
}

/** What a person said who did this; a CLOSED says it in its headline. */
function saidBy({ kind, note, actor }: Notice): Block | null {
  if (kind === 'closed' || note === null || note.trim() === '') return null;
  return { kind: 'note', text: `${actor === null ? 'Note' : shown(actor, 80)}: "${shown(note, 400)}"` };
}

/** What may have broken it: last good against first bad. What may have mended it: last bad against first good. */
function changes(notice: Notice): Block[] {
  const { episode, kind } = notice;
  if (kind === 'closed' || isOfTidemark(episode)) return [];
  const good = episode.polarity === 'good';
  if (kind === 'recovered')
    return differences([episode.lastBad, episode.lastRun], {
      caption: 'What differs between the last bad run and the newest',
      head: ['Last bad', 'Newest'],
    }).filter(({ kind: block }, _index, all) => block !== 'note' || all.length > 1);
  return differences([episode.lastGood, episode.firstBad], {
    caption: good
      ? 'What differs between the last run before and the first better one'
      : 'What differs between the last good run and the first bad one',
    head: good ? ['Before', 'First better'] : ['Last good', 'First bad'],
  });
}

function chartBlock({ episode, evidence }: Notice, { cid }: SectionChart): Block {
  const name = nameOf(episode.signal);
  const { frozen } = episode;
  const lower = frozen?.lower ?? evidence.points.at(-1)?.lower ?? null;
  const upper = frozen?.upper ?? evidence.points.at(-1)?.upper ?? null;
  const shownBars = bars(
    evidence.points.map(({ value }) => value),
    { width: BARS, lower, upper },
  );
  return {
    kind: 'chart',
    cid,
    alt: chartAlt({ episode, evidence }),
    bars: shownBars,
    caption: `${name}, last ${counted(shownBars.length, 'run')}`,
  };
}

/** The picture in words: `accuracy, 60 runs: bounds at least 0.96, last 0.79, bad for 3 runs`. */
export function chartAlt({ episode, evidence }: Pick<Notice, 'episode' | 'evidence'>): string {
  const name = nameOf(episode.signal);
  const last = evidence.points.at(-1);
  const range = rangeText(name, episode.frozen ?? { lower: last?.lower ?? null, upper: last?.upper ?? null });
  const newest = last?.value ?? null;
  const value = newest === null ? 'missing or not finite' : String(Number(newest.toPrecision(6)));
  const word = episode.polarity === 'good' ? 'better' : 'bad';
  const state = episode.state === 'closed' ? 'over' : `${word} for ${counted(episode.badStreak, 'run')}`;
  return `${name}, ${counted(evidence.points.length, 'run')}: bounds ${range}, last ${value}, ${state}`;
}

/** A notice as a row of a long list. */
export function rowOf(notice: Notice): ListRow {
  const { episode, evidence, at } = notice;
  const { word, tone } = stateOf(notice.kind, episode);
  const name = nameOf(episode.signal);
  const bounds =
    episode.frozen === null || !episode.signal.startsWith('metric:')
      ? ''
      : `bounds ${rangeText(name, episode.frozen)} · `;
  const open = formatDuration(Math.max(0, at - episode.firstBad.at) / 1000);
  const age = episode.badTotal > 1 ? `${runsCounted(episode)} in ${open}` : 'first run of it';
  return {
    tone,
    state: word,
    name: subjectName(episode),
    headline: shortHeadline(notice),
    small: `${bounds}${age} · ${isOfTidemark(episode) ? 'tick' : 'run'} ${shown(episode.lastBad.runId, 120)}`,
    places: placesOf({ evidence }),
  };
}

/** An episode that is still open and not told of anew, on one line. */
export function stillOpenLine(episode: Episode): string {
  const since = new Date(episode.firstBad.at).toISOString().slice(0, 10);
  const ack = episode.ack === null ? '' : `, acknowledged by ${shown(episode.ack.by, 80)}`;
  return `${nameOf(episode.signal)}: ${runsCounted(episode)} since ${since}${ack}`;
}
