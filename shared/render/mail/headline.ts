import type { Notice } from '../../core/episodes/notice.ts';
import { pointsOf } from '../chart/points.ts';
import { formatDuration } from '../number.ts';
import { happening, withUnit } from './happening.ts';
import { levelOf, levelText, phasesOf } from './level.ts';
import { capital, counted, dayText, nameOf, runsCounted, shown, timeText } from './words.ts';

/** What a notice says on one line of a list, without its state: `accuracy fell to 0.79 (−15.1 %)`. */
export function shortHeadline(notice: Notice): string {
  const { kind, episode } = notice;
  if (kind === 'recovered') return backAgain(notice);
  if (kind === 'closed')
    return `${nameOf(episode.signal)}: ${CLOSED.get(episode.closedReason ?? '') ?? 'closed'}`;
  return happening(notice).short;
}

/** The top line of a notice: one or two sentences a person can act on. */
export function headline(notice: Notice): string {
  const { episode } = notice;
  const { sentence } = happening(notice);
  switch (notice.kind) {
    case 'recovered':
      return recovered(notice);
    case 'closed':
      return closed(notice);
    case 'new_normal':
      return newNormal(notice);
    case 'flapping':
      return `${sentence} It seemed over ${counted(episode.flaps, 'time')} and was not, so from now on it takes ${counted(episode.recoverAfter, 'good run')} in a row to close it.`;
    case 'again':
      return `It had recovered and is bad again${episode.reopened > 1 ? ` (${counted(episode.reopened, 'time')} by now)` : ''}: ${sentence}`;
    case 'escalated':
      return `This got worse and is now ${episode.severity}: ${sentence}`;
    case 'reminder':
      return `${sentence} It began ${openFor(notice)} and ${runsCounted(episode)} ago.`;
    case 'ack_ended':
      return `${acknowledged(notice)} ${sentence}`;
    case 'acknowledged':
      return `${shown(notice.actor ?? 'Somebody', 80)} has seen it: ${sentence}`;
    case 'silence_ended':
      return `A silence over this has ended, and it is still so: ${sentence}`;
    default:
      return sentence;
  }
}

/** `3 d 2 h`, since the first bad run. */
function openFor({ at, episode }: Notice): string {
  return formatDuration(Math.max(0, at - episode.firstBad.at) / 1000);
}

/** Signals without a value, when all is well with them again. */
const BACK: ReadonlyMap<string, string> = new Map([
  ['job', 'the job succeeds again'],
  ['schedule', 'runs come and end again'],
  ['infra', 'the job gets machines again'],
  ['metrics', 'the metrics are reported again'],
  ['pipeline', 'Tidemark does its work again'],
]);

/** That something is over, without how long it took. */
function backAgain({ episode: { signal, polarity } }: Notice): string {
  const known = BACK.get(signal);
  if (known !== undefined) return known;
  return `${nameOf(signal)} is back ${polarity === 'good' ? 'where it was before it got better' : 'to normal'}`;
}

function recovered(notice: Notice): string {
  const { episode, evidence } = notice;
  const after = levelOf(phasesOf(pointsOf({ episode, evidence }), episode).after);
  const name = nameOf(episode.signal);
  const value = after === null ? '' : ` at ${withUnit(name, levelText(after))}`;
  const text = backAgain(notice);
  // The name of a metric is written as it is.
  const begin = BACK.has(episode.signal) ? capital(text) : text;
  return `${begin}${value}, after ${runsCounted(episode)} in ${openFor(notice)}.`;
}

const CLOSED: ReadonlyMap<string, string> = new Map([
  ['noise', 'it was noise'],
  ['accepted', 'accepted as the new normal'],
  ['config_changed', 'its condition was changed and now holds'],
  ['test_removed', 'the test is no longer in the configuration'],
  ['series_gone', 'it is no longer reported'],
  ['expired', 'the test has not run for long'],
  ['dismissed', 'ended by hand'],
]);

function closed({ episode, actor, note }: Notice): string {
  const name = nameOf(episode.signal);
  const why = CLOSED.get(episode.closedReason ?? '') ?? 'closed';
  const by = actor === null ? '' : ` by ${shown(actor, 80)}`;
  const said =
    note === null || note.trim() === '' ? '' : ` They said: "${shown(note, 400).replace(/\.$/, '')}".`;
  return `The episode of ${name} is closed: ${why}${by}.${said}`;
}

function newNormal({ episode, evidence }: Notice): string {
  const name = nameOf(episode.signal);
  const level = levelOf(phasesOf(pointsOf({ episode, evidence }), episode).during);
  const at = level === null ? 'at a level of its own' : `at ${withUnit(name, levelText(level))}`;
  const since = dayText(episode.firstBad.at);
  return `${name} has settled ${at} since ${since}, ${counted(episode.badTotal, 'run')} ago. If that is how it is to be, accept it as the new normal with the command below; nobody does it for you.`;
}

function acknowledged({ episode }: Notice): string {
  const { ack } = episode;
  if (ack === null) return 'An acknowledgement of this has run out, and it is still so:';
  return `The acknowledgement by ${shown(ack.by, 80)} ran out ${timeText(ack.until)}, and it is still so:`;
}

/** What a notice says in a list of mails, beside the subject. */
export function preheaderOf(notice: Notice, state: string): string {
  const { episode, kind } = notice;
  const since = ` since ${dayText(episode.firstBad.at)}`;
  if (kind === 'recovered')
    return `${state}: ${shortHeadline(notice)}, after ${runsCounted(episode)} in ${openFor(notice)}`;
  if (kind === 'closed') return `${state}: ${shortHeadline(notice)}`;
  const streak = episode.badTotal > 1 ? `, ${runsCounted(episode)}` : '';
  return `${state}: ${shortHeadline(notice)}${streak}${since}`;
}
