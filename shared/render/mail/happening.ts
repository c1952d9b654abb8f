import type { Notice } from '../../core/episodes/notice.ts';
import { isOfTidemark } from '../../core/episodes/tidemark-itself.ts';
import { splitReason } from '../../core/reason.ts';
import { pointsOf } from '../chart/points.ts';
import { formatDuration, formatNumber } from '../number.ts';
import { type Level, levelOf, levelText, percentText, phasesOf, valueBeside } from './level.ts';
import { pipelineHappening } from './pipeline-words.ts';
import { capital, counted, nameOf, shown, timeText } from './words.ts';

/** What is wrong, in the words that the sentences of a mail are made of. */
export interface Happening {
  /** For lists and preheaders: `accuracy fell to 0.79 (−15.1 %)`. */
  readonly short: string;
  /** A whole sentence: what it is, and what it has been. */
  readonly sentence: string;
}

/** What an episode's newest bad run says of its signal. */
export function happening(notice: Notice): Happening {
  const { signal } = notice.episode;
  if (signal.startsWith('metric:')) return ofMetric(notice);
  if (signal === 'job') return ofJob(notice);
  if (signal === 'schedule') return ofSchedule(notice);
  return isOfTidemark(notice.episode) ? pipelineHappening(notice) : ofOther(notice);
}

function ofMetric(notice: Notice): Happening {
  const { episode, evidence } = notice;
  const name = nameOf(episode.signal);
  const { value, valueKind } = episode.lastBad;
  const level = levelOf(phasesOf(pointsOf({ episode, evidence }), episode).before);
  const usual = usually(level);
  if (value === null) {
    const short = `${name} ${withoutValue(episode.reason, valueKind)}`;
    return { short, sentence: `${short}${because(episode.reason)}${usual === null ? '' : `; ${usual}`}.` };
  }
  const shownValue = withUnit(name, valueBeside(value, level));
  const reference = level?.centre ?? null;
  const verb = reference === null || value === reference ? 'is' : value < reference ? 'fell to' : 'rose to';
  const percent = reference === null ? null : percentText(value, reference);
  return {
    short: `${name} ${verb} ${shownValue}${percent === null ? '' : ` (${percent})`}`,
    sentence: `${name} ${verb} ${shownValue}${because(episode.reason)}${usual === null ? beyond(notice, value) : `; ${usual}`}.`,
  };

  function usually(known: Level | null): string | null {
    if (known === null) return null;
    const text = withUnit(name, levelText(known));
    if (known.count === 1) return `it was ${text} in the run before`;
    if (known.spread === 0) return `it has been ${text} in each of ${known.count} runs`;
    return `it has been ${text} over ${known.count} runs`;
  }
}

/** Without earlier runs the bound is all there is to compare with. */
function beyond({ episode }: Notice, value: number): string {
  const { frozen } = episode;
  const name = nameOf(episode.signal);
  if (frozen?.lower != null && value < frozen.lower)
    return `, below its bound of ${withUnit(name, formatNumber(frozen.lower))}`;
  if (frozen?.upper != null && value > frozen.upper)
    return `, above its bound of ${withUnit(name, formatNumber(frozen.upper))}`;
  return '';
}

function withoutValue(reason: string, kind: string | null): string {
  const known = NOT_FINITE.get(kind ?? '');
  if (known !== undefined) return known;
  return NO_VALUE.get(splitReason(reason).word) ?? 'is missing';
}

const NOT_FINITE: ReadonlyMap<string, string> = new Map([
  ['nan', 'became NaN'],
  ['posinf', 'became infinite'],
  ['neginf', 'became minus infinite'],
]);

const NO_VALUE: ReadonlyMap<string, string> = new Map([
  ['clock', 'is missing, because the run ended before it started'],
  ['not_reached', 'has no value, because the target was never reached'],
  ['config', 'could not be judged, because the configuration is invalid'],
]);

function because(reason: string): string {
  const { detail } = splitReason(reason);
  return detail === '' ? '' : ` (${shown(detail, 300).replace(/\.$/, '')})`;
}

const ENDS: ReadonlyMap<string, string> = new Map([
  ['failure', 'failed'],
  ['timeout', 'ran past its deadline'],
  ['oom', 'ran out of memory'],
  ['lost', 'was lost: its end was never reported'],
  ['missed', 'never started'],
  ['cancelled', 'was cancelled'],
  ['preempted', 'was preempted'],
]);

function ofJob({ episode }: Notice): Happening {
  const { lastBad, lastGood, badStreak, reason } = episode;
  const end = ENDS.get(lastBad.outcome ?? '') ?? `ended as ${shown(lastBad.outcome ?? 'unknown', 40)}`;
  const again = badStreak > 1 ? `, ${counted(badStreak, 'run')} in a row` : '';
  const gap = lastGood === null ? 0 : (lastBad.at - lastGood.at) / 1000;
  const before =
    lastGood === null
      ? '; no earlier run of it is known to have succeeded'
      : gap > 0
        ? `; it last succeeded ${formatDuration(gap)} before`
        : '';
  return { short: `job ${end}${again}`, sentence: `The job ${end}${because(reason)}${again}${before}.` };
}

function ofSchedule({ episode }: Notice): Happening {
  const { lastBad, lastGood, badStreak, reason } = episode;
  const { word } = splitReason(reason);
  if (word === 'overrun') {
    const run = shown(lastBad.runId, 120);
    const sentence = `Run ${run} has not ended${because(reason)}; it began ${timeText(lastBad.at)}.`;
    return { short: 'a run does not end', sentence };
  }
  const times = badStreak > 1 ? `${counted(badStreak, 'run')} did not come` : 'a run did not come';
  const last =
    lastGood === null ? '' : `; the last one was ${shown(lastGood.runId, 120)}, ${timeText(lastGood.at)}`;
  return {
    short: times,
    sentence: `${capital(times)}: one was expected ${timeText(lastBad.at)}${because(reason)}${last}.`,
  };
}

function ofOther({ episode }: Notice): Happening {
  const short = OTHER.get(episode.signal) ?? `${nameOf(episode.signal)} failed`;
  return { short, sentence: `${capital(short)}${because(episode.reason)}.` };
}

const OTHER: ReadonlyMap<string, string> = new Map([
  ['metrics', 'half or more of the demanded metrics are missing'],
  ['infra', 'the job got no machine that lasted'],
]);

const IN_SECONDS: ReadonlySet<string> = new Set(['total_wall_time', 'time_to_accuracy']);

/** A number of this metric with its unit, where Tidemark computes the metric itself and so knows it. */
export function withUnit(name: string, text: string): string {
  return IN_SECONDS.has(name) ? `${text} s` : text;
}

/** A value with its unit, and from a minute on also in larger units: `4812 s (1 h 20 min)`. */
export function measured(name: string, value: number): string {
  const text = withUnit(name, formatNumber(value));
  const long = IN_SECONDS.has(name) && Number.isFinite(value) && Math.abs(value) >= 60;
  return long ? `${text} (${formatDuration(value)})` : text;
}
