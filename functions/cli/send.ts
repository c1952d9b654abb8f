import type { Unsent } from '../../shared/adapters/unsent/store.ts';
import type { CloudEvent } from '../../shared/core/event-envelope.ts';
import type { Environment } from '../../shared/core/run-identity.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Queue } from '../../shared/ports/queue.ts';

/** What the publishing commands are given. */
export interface ProducerDeps {
  readonly queue: Queue;
  readonly unsent: Unsent;
  readonly env: Environment;
  readonly clock: Clock;
  readonly randomId: () => string;
  readonly hostname: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

export interface OutgoingMessage {
  readonly body: Uint8Array;
  readonly name: string;
  /** Milliseconds since the epoch; what is delivered later keeps it. */
  readonly time: number;
}

export type Sent =
  | { readonly kind: 'published'; readonly id: string }
  | { readonly kind: 'kept'; readonly path: string; readonly why: string }
  | { readonly kind: 'lost'; readonly why: string };

/** The message of an event, named after it. */
export function eventMessage(event: CloudEvent<object>, time: number): OutgoingMessage {
  return { body: new TextEncoder().encode(JSON.stringify(event)), name: event.id, time };
}

/**
 * Publishes a message; one that the queue refuses, or does not take within `wait` milliseconds, is kept for
 * `flush`. Never rejects.
 */
export async function send(
  message: OutgoingMessage,
  deps: Pick<ProducerDeps, 'queue' | 'unsent'>,
  { wait }: { readonly wait: number },
): Promise<Sent> {
  const publishing = (async () => deps.queue.publish(message.body, message.name))();
  try {
    return { kind: 'published', id: await within(publishing, wait) };
  } catch (error) {
    return keep(message, deps.unsent, { why: reasonOf(error), publishing });
  }
}

async function keep(
  { body, name, time }: OutgoingMessage,
  unsent: Unsent,
  failure: { why: string; publishing: Promise<string> },
): Promise<Sent> {
  const { why, publishing } = failure;
  try {
    const path = await unsent.keep(body, { name, time });
    // It may only have been slow; should both copies arrive, the reader knows them for one.
    publishing.then(() => unsent.remove(path)).catch(() => {});
    return { kind: 'kept', path, why };
  } catch (error) {
    return { kind: 'lost', why: `${why}; ${reasonOf(error)}` };
  }
}

/** The promise's answer, or an error when it takes longer than that many milliseconds. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the queue did not answer within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a person is told of a message that was not published; empty when it was. */
export function unsentNotice(what: string, sent: Sent): string {
  if (sent.kind === 'published') return '';
  const failed = `tidemark: cannot publish ${what}: ${sent.why}.`;
  if (sent.kind === 'lost') return `${failed} It is lost.\n`;
  return `${failed} It waits as ${sent.path}; "tidemark flush" delivers it.\n`;
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
