import { digestOf } from './digest.ts';
import { prefersNew, type RejectedMessage, type RunEvent } from './run-event.ts';

/** What becomes of two events that have one key. */
export interface Kept {
  /** The stored event itself when nothing changes. */
  readonly kept: RunEvent;
  /** The other one, when it says something different and is no heartbeat. */
  readonly conflict: RejectedMessage | null;
}

/** Decides between the event that is stored and one that arrives with the same key, whatever their order. */
export function keepOne(stored: RunEvent, incoming: RunEvent): Kept {
  const [kept, other] = isPreferred(stored, incoming) ? [incoming, stored] : [stored, incoming];
  if (isSameMessage(stored, incoming)) {
    const publishTime = Math.min(stored.publishTime, incoming.publishTime);
    return { kept: publishTime === kept.publishTime ? kept : { ...kept, publishTime }, conflict: null };
  }
  return { kept, conflict: kept.kind === 'heartbeat' ? null : conflictOf(other) };
}

/** `prefersNew` has no say where two have one key, moment and body but differ in the rest. */
function isPreferred(stored: RunEvent, incoming: RunEvent): boolean {
  if (stored.time !== incoming.time || stored.body !== incoming.body) return prefersNew(stored, incoming);
  return restOf(incoming) < restOf(stored);
}

function restOf({ kind, thread, source, id }: RunEvent): string {
  return digestOf(kind, thread, source, id);
}

/** A second delivery; two heartbeats of one run that differ in time only are two messages. */
function isSameMessage(a: RunEvent, b: RunEvent): boolean {
  const alike = a.kind === b.kind && a.thread === b.thread && a.body === b.body;
  return alike && (a.kind !== 'heartbeat' || a.time === b.time);
}

/** The id under which an event is among the rejected messages when it has lost against another one. */
export function conflictId({ eventKey, kind, thread, body }: RunEvent): string {
  return digestOf('conflict', eventKey, kind, thread, body);
}

function conflictOf(other: RunEvent): RejectedMessage {
  return {
    id: conflictId(other),
    reason: 'conflict',
    detail: `Another message with source "${other.source}" and id "${other.id}" says otherwise and counts`,
    name: other.id,
    publishTime: other.publishTime,
    body: new TextEncoder().encode(other.body),
  };
}

/**
 * An event that counts after all although an earlier delivery of it has lost: it keeps the smaller publish
 * time, and its rejection is to be withdrawn.
 */
export function reinstated(event: RunEvent, rejection: RejectedMessage): RunEvent {
  return { ...event, publishTime: Math.min(event.publishTime, rejection.publishTime) };
}
