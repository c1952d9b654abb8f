import { boundedText } from '../remote/bounded-text.ts';
import { type FailureKind, networkFailure, RemoteFailure, tame } from '../remote/failure.ts';
import { WAIT_LIMITS, type WaitLimits, Waits } from '../remote/waits.ts';

/** How a tracking server is reached. */
export interface MlflowConnection {
  /** `https://HOST` or `http://HOST`, perhaps with a path; without user, password and query. */
  readonly url: string;
  /** The value of the header `authorization`; null where nobody logs in. */
  readonly authorization: string | null;
  readonly limits?: WaitLimits;
  readonly fetch?: typeof fetch;
}

/** One question; a body makes it a POST. */
export interface Question {
  /** Such as `runs/get`. */
  readonly call: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const MOST_BYTES = 32 * 1024 * 1024;

const KINDS: Readonly<Record<number, FailureKind>> = {
  401: 'credentials',
  403: 'denied',
  408: 'transient',
  429: 'transient',
};

/** MLflow's REST API, version 2.0, by `fetch`. A redirect is not followed: the token is for this server alone. */
export class MlflowHttp {
  private readonly connection: MlflowConnection;

  constructor(connection: MlflowConnection) {
    this.connection = connection;
  }

  /** The answer, any JSON. Throws RemoteFailure; `missing` only where MLflow itself says that there is none. */
  async ask({ call, query = {}, body }: Question): Promise<unknown> {
    const { url, authorization, limits = WAIT_LIMITS, fetch: request = fetch } = this.connection;
    const waits = new Waits(limits);
    const search = new URLSearchParams(query);
    const address = `${url.replace(/\/+$/, '')}/api/2.0/mlflow/${call}${search.size === 0 ? '' : `?${search}`}`;
    try {
      const response = await waits.during(
        request(address, {
          ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
          headers: {
            accept: 'application/json',
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...(authorization === null ? {} : { authorization }),
          },
          redirect: 'manual',
          signal: waits.signal,
        }),
      );
      const text = await boundedText(response, { waits, most: MOST_BYTES });
      if (!response.ok) throw failureOf(response, text);
      return parsed(response, text);
    } catch (error) {
      throw networkFailure(error);
    } finally {
      waits.end();
    }
  }
}

function failureOf({ status, headers }: Response, text: string): RemoteFailure {
  if (status >= 300 && status < 400)
    return new RemoteFailure(
      'refused',
      `the server answered ${status} and points elsewhere, which is not followed`,
    );
  const { error_code: code, message } = fieldsOf(text);
  const said = [tame(code), tame(message)].filter((part) => part !== '').join(': ');
  const seconds = Number(headers.get('retry-after') ?? 0);
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
  const isMissing = status === 404 && code === 'RESOURCE_DOES_NOT_EXIST';
  const kind = isMissing ? 'missing' : (KINDS[status] ?? (status >= 500 ? 'transient' : 'refused'));
  return new RemoteFailure(kind, `the server answered ${status}${said === '' ? '' : ` (${said})`}`, {
    retryAfterMs,
  });
}

function fieldsOf(text: string): { error_code?: unknown; message?: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as { error_code?: unknown; message?: unknown };
  } catch {
    return {};
  }
}

function parsed({ headers }: Response, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // JSON that is cut may come whole the next time; the page of a login stays one.
    const isJson = (headers.get('content-type') ?? '').includes('json');
    throw new RemoteFailure(isJson ? 'transient' : 'refused', 'the answer is cut or no JSON');
  }
}
