import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { PortError } from '../../ports/error.ts';
import { type Asked, answerError, ClusterError, requestError } from './errors.ts';
import type { Access } from './kubeconfig.ts';
import { ask } from './request.ts';

/** How long a cluster is waited for. Milliseconds and bytes. */
export interface Patience {
  /** One request, to the last byte of its answer. */
  readonly requestMs: number;
  /** One cluster at one look, all its requests and pauses together. */
  readonly clusterMs: number;
  /** How often one request is made at most. */
  readonly attempts: number;
  /** The pause after the first failed attempt; it doubles. */
  readonly pauseMs: number;
  /** The longest pause that a server may ask for. */
  readonly longestPauseMs: number;
  /** The longest body that is read: 500 plain Jobs are 1.4 MB. */
  readonly mostBytes: number;
}

/** What is waited for unless told otherwise. */
export const PATIENCE: Patience = {
  requestMs: 15_000,
  clusterMs: 60_000,
  attempts: 3,
  pauseMs: 500,
  longestPauseMs: 5_000,
  mostBytes: 32 * 1024 * 1024,
};

/** Where to read below the endpoint, and the right that it takes. */
export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly right: string;
  /** What is asked there, as JSON, where it is no plain reading; it must change nothing. */
  readonly body?: string;
}

/** Reads from one API server. */
export interface Client {
  readonly cluster: string;
  /**
   * The JSON at a place, or the answer of a place to what is asked there. Asks again when the failure may pass; a token that is not accepted is replaced once.
   * Throws ClusterError: `denied` for a missing right, `not-found`, `invalid`, `unavailable`.
   */
  json(place: Place): Promise<unknown>;
  close(): void;
}

/** A client for as long as one look takes: its connections end with `close`. */
export function openClient(cluster: string, access: Access, patience: Patience): Client {
  const agent = agentOf(access);
  const whole = AbortSignal.timeout(patience.clusterMs);
  const overdue = rejectedAt(whole);
  return {
    cluster,
    async json({ path, query, right, body }) {
      const url = urlOf(access, { path, query });
      const context = { asked: { cluster, right }, access, agent, whole, overdue, patience, body };
      const answer = await persist(() => attempt(url, context), { patience, whole });
      return parsed(answer, cluster);
    },
    close: () => agent.destroy(),
  };
}

/** Where a place is on the server. */
export function urlOf({ endpoint }: Access, { path, query }: Pick<Place, 'path' | 'query'>): URL {
  const url = new URL(endpoint);
  url.pathname = `${url.pathname.replace(/\/$/, '')}${path}`;
  url.search = query.toString();
  return url;
}

/** Holds the connections to a server, with its certificates. */
export function agentOf({ endpoint, ca, cert, key, servername }: Access): Agent {
  const settings = { keepAlive: true, maxSockets: 2 };
  if (endpoint.protocol === 'http:') return new Agent(settings);
  return new TlsAgent({ ...settings, ca, cert, key, servername, minVersion: 'TLSv1.2' });
}

interface Context {
  readonly asked: Asked;
  readonly access: Access;
  readonly agent: Agent;
  readonly whole: AbortSignal;
  /** Rejects with `whole`. */
  readonly overdue: Promise<never>;
  readonly patience: Patience;
  readonly body: string | undefined;
}

/** Asks again while the failure is one that may pass and there is time. */
async function persist(
  once: () => Promise<string>,
  { patience, whole }: Pick<Context, 'patience' | 'whole'>,
): Promise<string> {
  for (let made = 1; ; made++) {
    try {
      return await once();
    } catch (error) {
      const isLast = made >= patience.attempts || whole.aborted;
      if (isLast || !(error instanceof ClusterError && error.isPassing)) throw error;
      const pause = error.retryAfterMs ?? patience.pauseMs * 2 ** (made - 1);
      await sleep(Math.min(pause, patience.longestPauseMs));
    }
  }
}

/** The body of a 200 or 201; asked for once more with a new token if the first one was not accepted. */
async function attempt(url: URL, context: Context, isSecond = false): Promise<string> {
  const { asked, access, patience } = context;
  const token = await tokenFor(context);
  const answer = await ask(url, asking(token, context)).catch((error: unknown) => {
    throw requestError(error, asked.cluster, patience.mostBytes);
  });
  if (answer.status === 200 || answer.status === 201) return answer.body;
  if (answer.status !== 401 || isSecond) throw answerError(answer, asked, token);
  access.credentials.renew();
  return attempt(url, context, true);
}

function asking(token: string | null, { agent, whole, patience, body }: Context) {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const signal = AbortSignal.any([whole, AbortSignal.timeout(patience.requestMs)]);
  return { headers, agent, signal, body, mostBytes: patience.mostBytes };
}

async function tokenFor({ asked, access, overdue }: Context): Promise<string | null> {
  try {
    return await Promise.race([access.credentials.token(), overdue]);
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    throw new ClusterError('invalid', `Cluster "${asked.cluster}" cannot be asked: ${error.message}`, {
      cause: error,
    });
  }
}

/** Rejects when the time is over: whoever gives tokens may be silent too. */
function rejectedAt(whole: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const words = 'it takes too long to learn as whom';
  whole.addEventListener('abort', () => reject(new PortError('unavailable', words)));
  // Nobody may be waiting for a token then.
  promise.catch(() => {});
  return promise;
}

function parsed(body: string, cluster: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    const words = `Cluster "${cluster}" answered with something that is not JSON: look at its endpoint`;
    throw new ClusterError('invalid', words, { cause: error });
  }
}
