import type { Queue } from '../ports/queue.ts';
import type { Unsent } from '../ports/unsent.ts';

/** Where messages go, and where those wait that did not get there. */
export interface SendDeps {
  readonly queue: Pick<Queue, 'publish'>;
  readonly unsent: Pick<Unsent, 'keep' | 'remove'>;
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
export function eventMessage(event: { readonly id: string }, time: number): OutgoingMessage {
  return jsonMessage(event, { name: event.id, time });
}

/** The tutorial's message, named after its Job. */
export function jobMessage(message: Readonly<Record<string, unknown>>, time: number): OutgoingMessage {
  const name = typeof message.job_name === 'string' ? message.job_name : 'message';
  return jsonMessage(message, { name, time });
}

function jsonMessage(value: object, about: Omit<OutgoingMessage, 'body'>): OutgoingMessage {
  return { body: new TextEncoder().encode(JSON.stringify(value)), ...about };
}

/**
 * Publishes a message; one that the queue refuses, or does not take within `wait` milliseconds, is kept for
 * `flush`. Never rejects.
 */
export async function send(
  message: OutgoingMessage,
  deps: SendDeps,
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
  unsent: SendDeps['unsent'],
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
  let timer: ReturnType<typeof setTimeout> | undefined;
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
