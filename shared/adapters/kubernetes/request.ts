import { type Agent, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';

/** What a server said. */
export interface Answer {
  readonly status: number;
  /** How long it wants to be left alone, milliseconds; null when it does not say. */
  readonly retryAfterMs: number | null;
  readonly body: string;
}

/** How one request is made. */
export interface Asking {
  readonly headers: Readonly<Record<string, string>>;
  /** Brings the certificates. */
  readonly agent: Agent;
  readonly signal: AbortSignal;
  /** JSON to POST; without it the request is a GET. */
  readonly body?: string | undefined;
  /** Bytes of the body that are read at most; with one more the request fails with `TooLarge`. */
  readonly mostBytes: number;
}

/** The other side sends more than it may. */
export class TooLarge extends Error {}

/** The other side took longer than it may. */
export class TooSlow extends Error {}

/**
 * One request. Not `fetch`: that one takes the authority of a private certificate only through a package of its own.
 * Follows no redirect. Rejects when there is no whole answer: no connection, a cut body, too large, too slow.
 */
export async function ask(url: URL, asking: Asking): Promise<Answer> {
  try {
    return await answerOf(await responseTo(url, asking), asking.mostBytes);
  } catch (error) {
    // In the middle of a body the signal looks like a connection that broke.
    throw asking.signal.aborted && !(error instanceof TooLarge) ? new TooSlow() : error;
  }
}

/** A response that was begun, read to its end. */
export async function answerOf(response: IncomingMessage, mostBytes: number): Promise<Answer> {
  const body = await bodyOf(response, mostBytes);
  const retryAfterMs = secondsOf(response.headers['retry-after']);
  return { status: response.statusCode ?? 0, retryAfterMs, body };
}

/** Makes one request; resolves as soon as the other side begins to answer. Rejects when there is no connection. */
export function responseTo(url: URL, asking: Asking): Promise<IncomingMessage> {
  const { agent, signal, body } = asking;
  const send = url.protocol === 'https:' ? tlsRequest : plainRequest;
  const written = body === undefined ? {} : { 'content-type': 'application/json' };
  const headers = { accept: 'application/json', ...written, ...asking.headers };
  const sent = send(url, { method: body === undefined ? 'GET' : 'POST', headers, agent, signal });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  sent.once('response', resolve);
  // Stays on for good: a connection that breaks later would end the process else.
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

async function bodyOf(response: IncomingMessage, mostBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop destroys the connection, so nothing more is taken in.
    if (bytes > mostBytes) throw new TooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** API servers write seconds; the other form, a date, is not worth a second clock. */
function secondsOf(retryAfter: string | undefined): number | null {
  return retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) * 1000 : null;
}
