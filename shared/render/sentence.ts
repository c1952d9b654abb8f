import type { ValueKind } from '../core/metric.ts';
import { splitReason } from '../core/reason.ts';
import { formatApart, formatNumber, formatValue, pythonFloat } from './number.ts';

/** What is wrong with one run: with a number of it, or with its end. */
export interface Finding {
  /** `metric:<name>` or `job`. */
  readonly signal: string;
  /** The reason's word (`below above not_equal nonfinite missing …`), and after `: ` a detail. */
  readonly reason: string;
  readonly outcome: string;
  readonly value: number | null;
  readonly valueKind: ValueKind | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** What is known of the last good run. */
  readonly lastGood: { readonly value: number | null } | null;
}

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

const INFINITE: Readonly<Record<string, string>> = { posinf: 'infinite', neginf: 'minus infinity' };

function signalName({ signal }: Pick<Finding, 'signal'>): string {
  return signal.startsWith('metric:') ? signal.slice('metric:'.length) : signal;
}

/** Whether the item is about how the job ended and not about a number. */
function isJob({ signal, reason }: Finding): boolean {
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

function knownBefore({ lastGood }: Finding): boolean {
  return lastGood !== null && lastGood.value !== null;
}

function unit(item: Pick<Finding, 'signal'>, text: string): string {
  return IN_SECONDS.has(signalName(item)) ? `${text} s` : text;
}

/** The log line that the tutorial's readers grep for; numbers as Python prints them. */
export function outOfBoundsLine(
  item: Pick<Finding, 'signal' | 'value' | 'valueKind' | 'lower' | 'upper'> & { readonly testName: string },
): string {
  const bounds = `(${pythonFloat(item.lower ?? -Infinity)}, ${pythonFloat(item.upper ?? Infinity)})`;
  return `Metric \`${signalName(item)}\` was out of bounds for test \`${item.testName}\`. Bounds were ${bounds} and value was ${pythonValue(item)}`;
}

function pythonValue({ value, valueKind }: Pick<Finding, 'value' | 'valueKind'>): string {
  if (value !== null) return pythonFloat(value);
  const words = { nan: 'nan', posinf: 'inf', neginf: '-inf', finite: 'missing', missing: 'missing' } as const;
  return words[valueKind ?? 'missing'];
}
