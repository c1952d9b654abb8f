import { digestOf, uuidOf } from './digest.ts';

/**
 * Kinds of rows that tell of a run: messages, and `observed`, which is one in all but its producer: what a tick saw
 * of a run's Job in its cluster. Runs are made of these alone.
 */
export const MESSAGE_KINDS = [
  'v1',
  'v2',
  'expected',
  'started',
  'finished',
  'heartbeat',
  'metrics',
  'observed',
] as const;

/** Kinds of rows that are about no run: what was decided of versions, and kept (`decision-record.ts`). */
export const DECISION_KINDS = ['verdict', 'comparison', 'candidate'] as const;
export type DecisionKind = (typeof DECISION_KINDS)[number];

/**
 * What a row of `run_events` says. `outcome`, `collected` and `config` are what a tick learnt about a run,
 * `config-text` is a test's entry of the config file, stored once by digest; `sighted` is what moved an episode;
 * `met` that a run which was expected has begun under another name, `claimed` in that run's thread that it has.
 */
export type EventKind =
  | (typeof MESSAGE_KINDS)[number]
  | 'outcome'
  | 'collected'
  | 'config'
  | 'config-text'
  | 'sighted'
  | 'met'
  | 'claimed'
  | DecisionKind;

/** Whether a row tells of a run, and is not something that a tick learnt about one. */
export function isMessage({ kind }: Pick<RunEvent, 'kind'>): boolean {
  return (MESSAGE_KINDS as readonly EventKind[]).includes(kind);
}

/** A row of `run_events`: the source of truth, from which everything else can be rebuilt. */
export interface RunEvent {
  /** Equal for two deliveries of one message; digest of source and id (of heartbeats, of run and attempt). */
  readonly eventKey: string;
  /** What the event speaks of: one run, or one Job name where the message brings no run id. */
  readonly thread: string;
  readonly kind: EventKind;
  readonly testName: string;
  readonly source: string;
  readonly id: string;
  /** Milliseconds since the epoch, as its producer says. */
  readonly time: number;
  /** Milliseconds since the epoch, the smallest of all deliveries. */
  readonly publishTime: number;
  /** JSON text: of messages the data, as it was sent. */
  readonly body: string;
}

/** A message that cannot be used, kept with the reason (contracts §3). */
export interface RejectedMessage {
  readonly id: string;
  /** Machine word: `json shape v2 oversized conflict identity line`. */
  readonly reason: string;
  /** One sentence with the place, what was found and what was wanted. */
  readonly detail: string;
  /** What the transport called it. */
  readonly name: string;
  readonly publishTime: number;
  /** The message; null when it was too large to keep: then its queue has set it aside under `name`. */
  readonly body: Uint8Array | null;
}

/** The identity of a run or, with a Job name for the run id, of a Job (contracts §3). */
export interface Identity {
  readonly testName: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly runId: string;
}

export function runUuid(identity: Identity): string {
  return uuidOf(identity.testName, identity.cluster, identity.namespace, identity.runId);
}

export function runThread(identity: Identity): string {
  return `run:${runUuid(identity)}`;
}

/** The thread of messages that name only a Job: several runs may come out of it, one after the other. */
export function jobThread(identity: Identity): string {
  return `job:${runUuid(identity)}`;
}

export function isJobThread(thread: string): boolean {
  return thread.startsWith('job:');
}

export function eventKey(source: string, id: string): string {
  return digestOf('event', source, id);
}

/** Of heartbeats only the newest is kept per run and attempt: they share one key. */
export function heartbeatKey(thread: string, attempt: number): string {
  return digestOf('heartbeat', thread, String(attempt));
}

/**
 * Which of two events with one key is kept, whatever order they come in: of heartbeats the newest, of other
 * messages (two different ones that claim one id) the earliest; ties by the digest of the body.
 */
export function prefersNew(stored: RunEvent, incoming: RunEvent): boolean {
  if (incoming.time !== stored.time) {
    return stored.kind === 'heartbeat' ? incoming.time > stored.time : incoming.time < stored.time;
  }
  return digestOf(incoming.body) < digestOf(stored.body);
}
