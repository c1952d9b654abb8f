import {
  type CloudEvent,
  EVENT_TYPES,
  envelope,
  type RunKey,
  type RunRef,
  runKey,
  type SharedFields,
} from './event-envelope.ts';
import { formatTime } from './time.ts';
import { withoutAbsent } from './without-absent.ts';

/** A run that somebody has asked for and that has to start. Times are milliseconds since the epoch. */
export interface ExpectedFields extends Pick<SharedFields, 'labels' | 'links'> {
  readonly expectedAt: number;
  readonly startBy: number;
  /** Any run of the test that begins in that time will do. */
  readonly anyRun: boolean;
  /** What to look at when it does not start: a sentence for people. */
  readonly hint?: string | undefined;
}

export interface ExpectedData extends RunKey {
  readonly start_by: string;
  readonly any_run?: boolean;
  readonly hint?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly links?: readonly string[];
}

/** Tells that a run has to start. */
export function expectedEvent(run: RunRef, fields: ExpectedFields): CloudEvent<ExpectedData> {
  const data = withoutAbsent({
    ...runKey(run),
    start_by: formatTime(fields.startBy),
    any_run: fields.anyRun || undefined,
    hint: fields.hint,
    labels: fields.labels,
    links: fields.links,
  });
  return envelope(run, { type: EVENT_TYPES.expected, word: 'expected', time: fields.expectedAt, data });
}
