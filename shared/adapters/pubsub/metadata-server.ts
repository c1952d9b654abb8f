import { PortError } from '../../ports/error.ts';
import { fetchReason, persist } from './patience.ts';

/** Not its name: looking that up can fail in the first moments of a pod, too. */
const HOST = '169.254.169.254';
const TRY_MS = 3_000;
const TOKEN = 'instance/service-accounts/default/token';

export interface MetadataOptions {
  /** `HOST:PORT`, as Google's own variable GCE_METADATA_HOST gives it. */
  readonly host?: string | undefined;
  readonly until: AbortSignal;
}

/** What a machine of Google's tells the programs on it about themselves. */
export interface MetadataServer {
  /** A value such as `project/project-id`; null where there is none, or no server. */
  value(path: string): Promise<string | null>;
  /** An access token of the service account; throws PortError `denied` or `unavailable`. */
  token(): Promise<string>;
}

class Refusal extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`it answered ${status}`);
    this.status = status;
  }
}

/**
 * The metadata server: https://cloud.google.com/compute/docs/metadata/overview. On GKE it may refuse in the first
 * seconds of a pod's life, so whatever may pass is tried again until the time is over.
 */
export function metadataServer({ host, until }: MetadataOptions): MetadataServer {
  const base = `http://${host || HOST}/computeMetadata/v1/`;
  return { value, token };

  async function value(path: string): Promise<string | null> {
    try {
      return (await read(path)).trim() || null;
    } catch {
      return null;
    }
  }

  async function token(): Promise<string> {
    try {
      const answer: unknown = JSON.parse(await read(TOKEN));
      if (typeof answer === 'object' && answer !== null && 'access_token' in answer) {
        if (typeof answer.access_token === 'string') return answer.access_token;
      }
      throw new Error('its answer holds no access token');
    } catch (error) {
      throw tokenError(error, base);
    }
  }

  function read(path: string): Promise<string> {
    const once = async (signal: AbortSignal) => {
      const response = await fetch(base + path, {
        headers: { 'metadata-flavor': 'Google' },
        redirect: 'error',
        signal,
      });
      const text = await response.text();
      if (response.ok) return text;
      throw new Refusal(response.status);
    };
    return persist(once, { until, tryMs: TRY_MS, isPassing });
  }
}

function isPassing(error: unknown): boolean {
  return !(error instanceof Refusal) || error.status === 429 || error.status >= 500;
}

function tokenError(cause: unknown, base: string): PortError {
  const said = (why: string) => `Cannot get a Google access token from ${base}: ${why}`;
  if (cause instanceof Refusal && !isPassing(cause)) {
    const why = `${cause.message}; give this pod's Kubernetes service account an identity of Google's`;
    return new PortError('denied', said(why), { cause });
  }
  return new PortError('unavailable', said(fetchReason(cause)), { cause });
}
