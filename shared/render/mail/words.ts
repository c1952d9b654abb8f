import type { Episode, NoticeKind, Signal } from '../../core/episodes/episode.ts';
import { isOfTidemark } from '../../core/episodes/tidemark-itself.ts';
import { formatNumber } from '../number.ts';
import { cut, plain } from '../plain.ts';
import type { Tone } from './document.ts';

/** Text from outside as a mail shows it: one line without tricks, at most `max` characters. */
export function shown(text: string, max = 160): string {
  const line = cut(plain(text), max).trim();
  return line === '' ? '(no name)' : line;
}

/** `2026-08-01 02:15 UTC`. */
export function timeText(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return 'an unknown time';
  return `${date.toISOString().slice(0, -8).replace('T', ' ')} UTC`;
}

/** `2026-08-01`. */
export function dayText(ms: number): string {
  return timeText(ms).slice(0, 10);
}

/** `1 run`, `3 runs`. */
export function counted(count: number, word: string): string {
  return `${formatNumber(count)} ${word}${count === 1 ? '' : 's'}`;
}

/** What an incident is of, in the words of a person: its test, or Tidemark itself. */
export function subjectName(episode: Pick<Episode, 'signal' | 'testName'>, max = 160): string {
  return isOfTidemark(episode) ? 'Tidemark' : shown(episode.testName, max);
}

/** `3 tests`; with Tidemark itself among them `Tidemark itself and 3 tests`. */
export function subjectsCounted(episodes: readonly Pick<Episode, 'signal' | 'testName'>[]): string {
  const ofTests = episodes.filter((episode) => !isOfTidemark(episode));
  const tests = counted(new Set(ofTests.map(({ testName }) => testName)).size, 'test');
  if (ofTests.length === episodes.length) return tests;
  return ofTests.length === 0 ? 'Tidemark itself' : `Tidemark itself and ${tests}`;
}

/** `3 bad runs`; of an improvement better ones, of a schedule those that did not come or end; of Tidemark itself ticks. */
export function runsCounted({
  badTotal,
  polarity,
  signal,
}: Pick<Episode, 'badTotal' | 'polarity' | 'signal'>): string {
  if (signal === 'schedule') return counted(badTotal, 'missed or late run');
  if (isOfTidemark({ signal })) return counted(badTotal, 'bad tick');
  return counted(badTotal, polarity === 'good' ? 'better run' : 'bad run');
}

/** The metric's name; of the other signals, what a person calls them. */
export function nameOf(signal: Signal): string {
  if (signal.startsWith('metric:')) return shown(signal.slice('metric:'.length), 120);
  return SIGNAL_NAMES.get(signal) ?? shown(signal, 120);
}

const SIGNAL_NAMES: ReadonlyMap<string, string> = new Map([
  ['metrics', 'metrics'],
  ['job', 'job'],
  ['infra', 'machines'],
  ['schedule', 'schedule'],
  ['pipeline', 'Tidemark'],
]);

/** A first letter fit for the begin of a sentence; names of metrics stay as they are. */
export function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

const STATES: Readonly<Record<NoticeKind, readonly [word: string, tone: Tone]>> = {
  firing: ['FIRING', 'bad'],
  escalated: ['WORSE', 'bad'],
  again: ['FIRING AGAIN', 'bad'],
  flapping: ['BACK AND FORTH', 'bad'],
  new_normal: ['A NEW NORMAL?', 'warn'],
  recovered: ['RECOVERED', 'good'],
  closed: ['CLOSED', 'quiet'],
  reminder: ['STILL FIRING', 'warn'],
  ack_ended: ['STILL FIRING', 'warn'],
  silence_ended: ['STILL FIRING', 'warn'],
  acknowledged: ['ACKNOWLEDGED', 'quiet'],
};

/** The state as a word, so that it never hangs on a colour alone, and the colour. */
export function stateOf(kind: NoticeKind, episode: Pick<Episode, 'polarity'>): { word: string; tone: Tone } {
  const [word, tone] = STATES[kind];
  if (episode.polarity === 'good' && kind === 'firing') return { word: 'BETTER', tone: 'good' };
  if (episode.polarity === 'good' && kind === 'recovered') return { word: 'BACK TO BEFORE', tone: 'quiet' };
  return { word, tone };
}
