import { digestOf } from './digest.ts';
import { canonicalJson } from './json.ts';
import { DECISION_KINDS, type DecisionKind, type RunEvent } from './run-event.ts';
import { formatTime } from './time.ts';

/** What was decided of versions and runs, by the type of the CloudEvent that tells it. */
export const DECISION_TYPES = {
  /** A promotion was allowed or refused. */
  verdict: 'io.tidemark.verdict.decided.v1',
  /** Two versions were held against each other. */
  comparison: 'io.tidemark.comparison.decided.v1',
  /** A registry announced a version that wants to be promoted. */
  candidate: 'io.tidemark.candidate.registered.v1',
} as const satisfies Record<DecisionKind, string>;

/**
 * A decision that is kept: it never changes, and outlives what it was made from. It travels over the queue, so that
 * whoever decides needs no right to write to the history; a tick records it in `run_events`.
 */
export interface Decision {
  readonly kind: DecisionKind;
  /** Digest of kind, subject and data: the same decision made twice is one. */
  readonly id: string;
  /** The test it is about; of outputs in a database the column. */
  readonly subject: string;
  /** When it was first made, milliseconds since the epoch. */
  readonly at: number;
  /** All it was made from and what came out, as JSON; `schema` is its version. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Makes a decision of what is known; `at` is no part of what it is. */
export function decisionOf(made: Omit<Decision, 'id'>): Decision {
  return { ...made, id: decisionId(made) };
}

function decisionId({ kind, subject, data }: Omit<Decision, 'id' | 'at'>): string {
  return digestOf('decision', kind, subject, canonicalJson(data));
}

/** Its CloudEvent, as it goes over the queue. */
export function decisionEvent({ kind, id, subject, at, data }: Decision) {
  return {
    specversion: '1.0',
    type: DECISION_TYPES[kind],
    source: DECISION_SOURCE,
    id,
    time: formatTime(at),
    subject,
    datacontenttype: 'application/json',
    data,
  } as const;
}

/** One for all, so that the same decision has one key whoever made it. */
const DECISION_SOURCE = '//tidemark/decisions';

/** The kind of a CloudEvent by its type; null for other types. */
export function decisionKindOf(type: unknown): DecisionKind | null {
  return DECISION_KINDS.find((kind) => DECISION_TYPES[kind] === type) ?? null;
}

/** The row that records it. It is about no run: its thread is its own. */
export function decisionRow(decision: Decision): RunEvent {
  const { kind, id, subject, at, data } = decision;
  return {
    eventKey: digestOf('event', DECISION_SOURCE, id),
    thread: `decision:${id}`,
    kind,
    testName: subject,
    source: DECISION_SOURCE,
    id,
    time: at,
    publishTime: at,
    body: canonicalJson(data),
  };
}

/** Back from its row. */
export function decisionOfRow({ kind, id, testName, time, body }: RunEvent): Decision {
  const data = JSON.parse(body) as Decision['data'];
  return { kind: kind as DecisionKind, id, subject: testName, at: time, data };
}
