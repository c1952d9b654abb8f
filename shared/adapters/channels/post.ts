import { type IncomingHttpHeaders, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { SendResult } from '../../ports/mailer.ts';
import { guardedLookup, isPrivate } from './private.ts';

/** How one message is handed over. */
export interface Posting {
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Texts that must stand in no result: a secret, or an address that is one. */
  readonly secrets: readonly string[];
  /** Refuses addresses of private networks, whatever the name of the host says. */
  readonly publicOnly?: boolean;
  /** Whether the other side knows a message that comes twice; else nobody may send one twice. */
  readonly knowsTwice: boolean;
  readonly signal: AbortSignal;
  /** Milliseconds for the whole of it. */
  readonly timeout?: number;
}

const TIMEOUT = 15_000;
/** More of an answer is not read. */
const MOST_ANSWER = 4_096;
const MOST_DETAIL = 300;

/** What came of a posting, and how long the other side asks to be left alone, in milliseconds, where it says. */
export type Posted = SendResult & { readonly retryAfter?: number };

/**
 * Posts JSON and sorts what came of it. Not `fetch`: the address that a name stands for has to be looked at by the
 * connection itself, or it may be another one by then. Follows no redirect. Never throws for what the other side does.
 */
export async function post(url: URL, posting: Posting): Promise<Posted> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (posting.publicOnly && isPrivate(host))
    return {
      kind: 'unreachable',
      detail: `${host} is an address of a private network; set allow_private to allow it`,
    };
  try {
    const { status, text, retryAfter } = await answerTo(url, posting);
    const wish = retryAfter === null ? '' : ` (asks to wait ${Math.ceil(retryAfter / 1000)} s)`;
    const result = sorted(status, `${cleaned(`${status} ${text}`, posting)}${wish}`);
    return retryAfter === null ? result : { ...result, retryAfter };
  } catch (error) {
    return {
      kind: kindOf(error as NodeJS.ErrnoException, posting),
      detail: cleaned((error as Error).message, posting),
    };
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: number | null;
}

function answerTo(
  url: URL,
  { body, headers = {}, signal, timeout = TIMEOUT, publicOnly = false }: Posting,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const send = url.protocol === 'https:' ? tlsRequest : plainRequest;
  const sent = send(url, {
    method: 'POST',
    // A connection that was kept may be dead by now, and nobody could say what became of the message.
    agent: false,
    headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
    ...(publicOnly ? { lookup: guardedLookup } : {}),
  });
  // Stays on for good: a connection that breaks later would end the process else.
  sent.on('error', reject);
  sent.once('response', (response) => {
    const status = response.statusCode ?? 0;
    const retryAfter = wantsToWait(status, response.headers);
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > MOST_ANSWER) response.destroy();
    });
    // The status is the answer; a body that breaks off changes nothing of it.
    response.on('error', () => resolve({ status, text, retryAfter }));
    response.on('close', () => resolve({ status, text, retryAfter }));
  });
  sent.end(body);
  return promise;
}

/** RFC 9110 §10.2.3: seconds, or a date, which is held against that of the answer. Null: it does not ask. */
function wantsToWait(status: number, headers: IncomingHttpHeaders): number | null {
  const wish = headers['retry-after'];
  if (wish === undefined || (status !== 429 && status !== 503)) return null;
  const ms = /^\d{1,9}$/.test(wish) ? 1000 * Number(wish) : Date.parse(wish) - Date.parse(headers.date ?? '');
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

/** The secret, or the address, is wrong, or there are too many at once: no other message would get through now. */
const CLOSED: ReadonlySet<number> = new Set([401, 402, 403, 404, 405, 407, 429]);
/** It was not taken, and may be later. */
const LATER: ReadonlySet<number> = new Set([408, 421, 425]);

function sorted(status: number, detail: string): SendResult {
  if (status >= 200 && status < 300) return { kind: 'sent', detail, refused: [] };
  if (status < 400) return { kind: 'unreachable', detail: `${detail} (it redirects, which is not followed)` };
  if (CLOSED.has(status)) return { kind: 'unreachable', detail };
  return { kind: LATER.has(status) || status >= 500 ? 'retry' : 'failed', detail };
}

/** Codes of failures before anything was handed over. */
const NOT_BEGUN: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPRIVATE',
  'EPROTO',
]);

function kindOf({ code = '', message }: NodeJS.ErrnoException, { knowsTwice }: Posting) {
  if (NOT_BEGUN.has(code) || /CERT|SSL|TLS/.test(code) || /certificate|self.signed/i.test(message))
    return 'unreachable';
  return knowsTwice ? 'retry' : 'uncertain';
}

function cleaned(text: string, { secrets }: Posting): string {
  let clean = text;
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, '***');
  return clean
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, MOST_DETAIL);
}
