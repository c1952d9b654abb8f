import { canonicalJson, type JsonNumber } from './json.ts';
import type { Outcome } from './outcome.ts';
import { show } from './problem.ts';
import { Name } from './schema/scalars.ts';
import { formatTime, fromUnixSeconds } from './time.ts';

/**
 * Reads the bytes of a v2 message, `TestCompletedEvent` of schemas/test-completed-event.proto, or says in a few words
 * why they are none. Injected, because what reads protobuf is no part of core. Never throws.
 */
export type DecodeV2 = (
  body: Uint8Array,
) => { readonly ok: true; readonly value: TestCompleted } | { readonly ok: false; readonly problem: string };

/** A moment or a span as protobuf has them; a whole number of 64 bits is a text. */
export interface ProtoTime {
  readonly seconds?: string;
  readonly nanos?: number;
}

/** A word of an enum, or the number of one that the schema does not know. */
type EnumWord = string | number;

/** A v2 message as it is recorded; a field that was not sent is absent, or has its empty value. */
export interface TestCompleted {
  readonly benchmark_id?: string;
  readonly output_path?: string;
  readonly status?: EnumWord;
  readonly num_attempts?: number;
  readonly start_time?: ProtoTime;
  readonly duration?: ProtoTime;
  readonly debug_info?: {
    readonly logs_link?: string;
    readonly logs_download_command?: string;
    readonly details_link?: string;
  };
  readonly metric_collection_config?: CollectionV2;
  readonly extras?: Readonly<Record<string, JsonNumber>>;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface CollectionV2 {
  readonly sources?: readonly SourceV2[];
  readonly compare_to_benchmark_id?: string;
  readonly silence_alerts?: boolean;
}

/** Has one of its keys; none, where the schema does not know which it is. */
export interface SourceV2 {
  readonly tensorboard?: TensorBoardV2;
  readonly literals?: { readonly assertions?: Readonly<Record<string, AssertionV2>> };
  readonly perfzero?: { readonly assertions?: Readonly<Record<string, AssertionV2>> };
}

export interface TensorBoardV2 {
  readonly merge_runs?: boolean;
  readonly include_tags?: readonly {
    readonly tag_pattern?: string;
    readonly strategies?: readonly EnumWord[];
  }[];
  readonly exclude_tags?: readonly string[];
  readonly aggregate_assertions?: readonly {
    readonly tag?: string;
    readonly strategy?: EnumWord;
    readonly assertion?: AssertionV2;
  }[];
}

/** Has one of its first four keys; none, where the schema does not know which it is. */
export interface AssertionV2 {
  readonly fixed_value?: { readonly comparison?: EnumWord; readonly value?: JsonNumber };
  readonly within_bounds?: { readonly upper_bound?: JsonNumber; readonly lower_bound?: JsonNumber };
  readonly std_devs_from_mean?: { readonly comparison?: EnumWord; readonly std_devs?: number };
  readonly percent_difference?: {
    readonly comparison?: EnumWord;
    /** A fraction. */
    readonly percent?: JsonNumber;
    /** What it is a fraction of; without it, of the mean of the runs before. */
    readonly value?: JsonNumber;
  };
  readonly inclusive_bounds?: boolean;
  readonly wait_for_n_data_points?: number;
  readonly time_window?: ProtoTime;
  readonly min_timestamp?: ProtoTime;
}

/** What a v2 message says of its run. Times are milliseconds since the epoch. */
export interface RunV2 {
  readonly testName: string;
  readonly runId: string;
  readonly outcome: Outcome;
  /** Null when the message does not say. */
  readonly startedAt: number | null;
  /** Null when the message does not say how long the run took: then it had ended when this was published. */
  readonly finishedAt: number | null;
}

const OUTCOMES: ReadonlyMap<EnumWord, Outcome> = new Map([
  ['COMPLETED', 'success'],
  ['FAILED', 'failure'],
  ['TIMEOUT', 'timeout'],
  ['MISSED', 'missed'],
]);

// What a few bytes may unfold to: two make an empty source, which takes three in JSON and many in memory.
const MOST_JSON = 2 * 1024 * 1024;

/** The run of a message, or in a few words why it names none. */
export function runOfV2(message: TestCompleted): RunV2 | string {
  const { benchmark_id: testName = '', status = 'COMPLETED', start_time: start, duration } = message;
  if (testName === '') return 'names no test: benchmark_id is missing';
  const outcome = OUTCOMES.get(status);
  if (outcome === undefined) {
    return `status must be one of ${[...OUTCOMES.keys()].join(', ')}: current value is ${show(status)}`;
  }
  const startedAt = start === undefined ? null : fromUnixSeconds(secondsOf(start));
  if (start !== undefined && startedAt === null)
    return `start_time is beyond the years 1 to 9999: ${show(start)}`;
  const finishedAt =
    startedAt === null || duration === undefined
      ? null
      : fromUnixSeconds(startedAt / 1000 + secondsOf(duration));
  if (startedAt !== null && duration !== undefined && finishedAt === null) {
    return `the end, start_time and duration, is beyond the years 1 to 9999: ${show(duration)}`;
  }
  const runId = runIdOf(message, startedAt);
  if (runId === null) return 'names no run: output_path and start_time are both missing';
  for (const name of [testName, runId]) {
    if (!Name.safeParse(name).success) return `a name of ${name.length} characters is too long`;
  }
  return { testName, runId, outcome, startedAt, finishedAt };
}

/** The last segment of the output path; without one, test and start (contracts §3). */
function runIdOf({ output_path: path = '', benchmark_id: test }: TestCompleted, startedAt: number | null) {
  // A bucket is no segment: all runs have it.
  const segments = path.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '').split('/');
  const last = segments.filter((segment) => segment !== '').at(-1);
  if (last !== undefined) return last;
  return startedAt === null ? null : `${test}@${formatTime(startedAt)}`;
}

/** Whole and parts of a second together. */
export function secondsOf({ seconds = '0', nanos = 0 }: ProtoTime): number {
  return Number(seconds) + nanos / 1e9;
}

/** The message as its row holds it, or null where so little said too much. */
export function recordedV2(message: TestCompleted): string | null {
  const body = canonicalJson(message);
  return body.length > MOST_JSON ? null : body;
}
