import type { AlertItem } from '../core/alert-item.ts';
import { splitReason } from '../core/reason.ts';
import { formatApart, formatDuration, formatNumber, formatValue, pythonFloat } from './number.ts';

/** The parts of an item that say what is wrong with one number. */
export type Finding = Pick<
  AlertItem,
  'signal' | 'reason' | 'outcome' | 'value' | 'valueKind' | 'lower' | 'upper' | 'lastGood' | 'demand'
>;

/** Metrics that Tidemark computes itself and whose unit it therefore knows. */
const IN_SECONDS: ReadonlySet<string> = new Set(['total_wall_time', 'time_to_accuracy']);

const ENDED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    failure: 'failed',
    timeout: 'ran past its deadline',
    oom: 'ran out of memory',
    lost: 'was lost: its end was never reported',
    missed: 'never started',
    cancelled: 'was cancelled',
    preempted: 'was preempted',
  }),
);

const END_WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    failure: 'job failed',
    timeout: 'timed out',
    oom: 'out of memory',
    lost: 'job lost',
    missed: 'never started',
  }),
);

const STATE_WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    below: 'below its bound',
    above: 'above its bound',
    not_equal: 'not equal',
    changed: 'changed for the worse',
    nonfinite: 'not a finite number',
    not_reached: 'target not reached',
    clock: 'clock error',
    config: 'config error',
  }),
);

const INFINITE: Readonly<Record<string, string>> = { posinf: 'infinite', neginf: 'minus infinity' };

/** The metric's name, or `job`. */
export function signalName({ signal }: Pick<AlertItem, 'signal'>): string {
  return signal.startsWith('metric:') ? signal.slice('metric:'.length) : signal;
}

/** The state as a word or two, so that it never hangs on a colour alone. */
export function stateWord(item: Finding): string {
  const { word } = splitReason(item.reason);
  if (isJob(item)) return END_WORDS.get(item.outcome) ?? `job ${item.outcome}`;
  return STATE_WORDS.get(word) ?? word.replaceAll('_', ' ');
}

/** Whether the item is about how the job ended and not about a number. */
export function isJob({ signal, reason }: Finding): boolean {
  const { word } = splitReason(reason);
  return !signal.startsWith('metric:') && (word === 'outcome' || ENDED.has(word));
}

/** What is wrong in a few words, for subjects and lists: `accuracy_final fell to 0.79 (below 0.96)`. */
export function headline(item: Finding): string {
  return `${signalName(item)} ${happened(item)}`;
}

function happened(item: Finding): string {
  const bound = boundCrossed(item);
  if (bound !== null) {
    const [value, limit] = formatApart(bound.value, bound.limit);
    return `${moved(item, bound)} ${unit(item, value)} (${bound.side} ${unit(item, limit)})`;
  }
  return withoutBound(item);
}

function withoutBound(item: Finding): string {
  const { word } = splitReason(item.reason);
  if (isJob(item)) return ended(item.outcome);
  const value = unit(item, formatValue(item.value, item.valueKind));
  switch (word) {
    case 'not_equal':
      return item.lower === null
        ? `is ${value}`
        : `is ${value} (not ${unit(item, formatNumber(item.lower))})`;
    case 'changed':
      return `is ${value}; its level has changed for the worse`;
    case 'nonfinite':
      return `${knownBefore(item) ? 'became' : 'is'} ${INFINITE[item.valueKind ?? ''] ?? 'NaN'}`;
    case 'missing':
      return 'is missing';
    case 'clock':
      return 'is missing (the run ended before it started)';
    case 'not_reached':
      return 'has no value (the target was never reached)';
    case 'outcome':
      return `was not judged: the job ${ended(item.outcome)}`;
    case 'config':
      return 'could not be judged: the configuration is invalid';
    default:
      return item.value === null ? `failed (${word})` : `is ${value} (${word})`;
  }
}

function ended(outcome: string): string {
  return ENDED.get(outcome) ?? `ended as ${outcome}`;
}

/** One or two whole sentences: what happened, by how much, why, and what was demanded. */
export function sentence(item: Finding): string {
  const { detail } = splitReason(item.reason);
  const bound = boundCrossed(item);
  const name = isJob(item) ? 'The job' : signalName(item);
  const what = `${name} ${bound === null ? happened(item) : beyond(item, bound)}`;
  const because = detail === '' ? '' : `: ${detail.replace(/\.$/, '')}`;
  const demanded = item.demand === '' || isJob(item) ? '' : ` It must be ${item.demand.replace(/\.$/, '')}.`;
  return `${what}${because}.${demanded}`;
}

interface Crossed {
  readonly side: 'below' | 'above';
  readonly value: number;
  readonly limit: number;
}

function boundCrossed(item: Finding): Crossed | null {
  const { word } = splitReason(item.reason);
  if (word !== 'below' && word !== 'above') return null;
  const limit = word === 'below' ? item.lower : item.upper;
  return item.value === null || limit === null ? null : { side: word, value: item.value, limit };
}

/** "Fell" and "rose" are said only of a number that a good run had on the other side. */
function moved(item: Finding, { side, value }: Crossed): string {
  const before = item.lastGood?.value ?? null;
  if (side === 'below' && before !== null && before > value) return 'fell to';
  return side === 'above' && before !== null && before < value ? 'rose to' : 'is';
}

function beyond(item: Finding, bound: Crossed): string {
  const [value, limit] = formatApart(bound.value, bound.limit);
  const difference = Math.abs(bound.value - bound.limit);
  const share = (difference / Math.abs(bound.limit)) * 100;
  const percent = share >= 0.1 && share < 1000 ? ` (${formatNumber(share, { digits: 3 })} %)` : '';
  const amount = difference === 0 ? '' : `${unit(item, formatNumber(difference))}${percent} `;
  const kind = bound.side === 'below' ? 'lower' : 'upper';
  return `${moved(item, bound)} ${unit(item, value)}, ${amount}${bound.side} its ${kind} bound of ${unit(item, limit)}`;
}

function knownBefore({ lastGood }: Finding): boolean {
  return lastGood !== null && lastGood.value !== null;
}

function unit(item: Pick<AlertItem, 'signal'>, text: string): string {
  return IN_SECONDS.has(signalName(item)) ? `${text} s` : text;
}

/** A value of this metric with its unit, and from a minute on also in larger units: `4812 s (1 h 20 min)`. */
export function measured(item: Pick<AlertItem, 'signal'>, value: number): string {
  const text = unit(item, formatNumber(value));
  const long = IN_SECONDS.has(signalName(item)) && Number.isFinite(value) && Math.abs(value) >= 60;
  return long ? `${text} (${formatDuration(value)})` : text;
}

/** The log line that the tutorial's readers grep for; numbers as Python prints them. */
export function outOfBoundsLine(
  item: Pick<AlertItem, 'signal' | 'testName' | 'value' | 'valueKind' | 'lower' | 'upper'>,
): string {
  const bounds = `(${pythonFloat(item.lower ?? -Infinity)}, ${pythonFloat(item.upper ?? Infinity)})`;
  return `Metric \`${signalName(item)}\` was out of bounds for test \`${item.testName}\`. Bounds were ${bounds} and value was ${pythonValue(item)}`;
}

function pythonValue({ value, valueKind }: Pick<AlertItem, 'value' | 'valueKind'>): string {
  if (value !== null) return pythonFloat(value);
  const words = { nan: 'nan', posinf: 'inf', neginf: '-inf', finite: 'missing', missing: 'missing' } as const;
  return words[valueKind ?? 'missing'];
}
