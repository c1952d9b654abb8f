import type { Episode } from '../../core/episodes/episode.ts';
import { isOfTidemark } from '../../core/episodes/tidemark-itself.ts';
import { formatNumber } from '../number.ts';
import { cut, plain } from '../plain.ts';
import { percentText } from './level.ts';
import { troubleText } from './pipeline-words.ts';
import { nameOf, subjectName } from './words.ts';

const LONGEST = 140;

/**
 * The subject of a thread about one test: `[warning] bert-large/v5e-8 · examples_per_sec −12.3 %`. Made only of what an
 * episode never changes but its severity, which is to begin a thread of its own: mail programs keep together what has
 * one subject. So it tells neither the state nor the newest value.
 */
export function threadSubject(episode: Episode): string {
  const words = firstWords(episode);
  const what = isOfTidemark(episode) ? words : `${nameOf(episode.signal)} ${words}`.trim();
  return subjectLine(`[${episode.severity}] ${subjectName(episode, 80)} · ${what}`);
}

/** Text as a subject: one line without control or bidi characters, of bounded length. */
export function subjectLine(text: string): string {
  return cut(plain(text), LONGEST);
}

function firstWords({ signal, firstBad, frozen, lastGood }: Episode): string {
  if (isOfTidemark({ signal })) return troubleText(firstBad);
  const { outcome, value, valueKind } = firstBad;
  if (signal === 'job') return OUTCOMES.get(outcome ?? '') ?? 'failed';
  if (!signal.startsWith('metric:')) return SIGNALS.get(signal) ?? '';
  if (value === null) return KINDS.get(valueKind ?? '') ?? 'missing';
  const reference = frozen?.centre ?? lastGood?.value ?? null;
  const percent = reference === null ? null : percentText(value, reference);
  return percent ?? `at ${formatNumber(value, { digits: 4 })}`;
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['nan', 'NaN'],
  ['posinf', 'infinite'],
  ['neginf', 'minus infinite'],
  ['missing', 'missing'],
]);

const OUTCOMES: ReadonlyMap<string, string> = new Map([
  ['failure', 'failed'],
  ['timeout', 'timed out'],
  ['oom', 'out of memory'],
  ['lost', 'lost'],
  ['missed', 'never started'],
  ['preempted', 'preempted'],
  ['cancelled', 'cancelled'],
]);

const SIGNALS: ReadonlyMap<string, string> = new Map([
  ['metrics', 'missing'],
  ['infra', 'not available'],
  ['schedule', 'not kept'],
  ['pipeline', 'in trouble'],
]);
