import { networkFailure, RemoteFailure } from '../remote/failure.ts';
import { WAIT_LIMITS, type WaitLimits, Waits } from '../remote/waits.ts';
import { failureOf } from './answer.ts';
import { googleToken, type TokenSource } from './token.ts';

/** How Cloud Storage is reached. */
export interface GcsConnection {
  /** Base URL of the JSON API; Google's unless said. Elsewhere no token is sent unless `token` is given. */
  readonly endpoint?: string;
  readonly token?: TokenSource;
  readonly limits?: WaitLimits;
  readonly fetch?: typeof fetch;
}

/** One request; `path` includes the query. */
export interface Call {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const GOOGLE = 'https://storage.googleapis.com';
/** More than any error of the service has. */
const MOST_ERROR_CHARACTERS = 20_000;

/**
 * The JSON API of Cloud Storage by `fetch`. Google's own client is not used: on Node 24 its retry of a download
 * ends the process, and it reads at a third of the speed.
 */
export class GcsHttp {
  private readonly endpoint: string;
  private readonly token: TokenSource | null;
  private readonly limits: WaitLimits;
  private readonly request: typeof fetch;

  constructor(connection: GcsConnection) {
    this.endpoint = (connection.endpoint ?? GOOGLE).replace(/\/+$/, '');
    this.token = connection.token ?? (connection.endpoint === undefined ? googleToken() : null);
    this.limits = connection.limits ?? WAIT_LIMITS;
    this.request = connection.fetch ?? fetch;
  }

  /** Limits for one request; `waitMs` may narrow what is usual. */
  waits({ waitMs = this.limits.waitMs }: { readonly waitMs?: number } = {}): Waits {
    return new Waits({ ...this.limits, waitMs: Math.min(waitMs, this.limits.waitMs) });
  }

  /** The answer, if it tells of success; its body is still to be read. Throws RemoteFailure. */
  async send(call: Call, waits: Waits): Promise<Response> {
    try {
      let response = await this.once(call, { waits, renew: false });
      if (response.status === 401 && this.token !== null) {
        await response.body?.cancel();
        response = await this.once(call, { waits, renew: true });
      }
      if (response.ok) return response;
      const text = (await waits.during(response.text())).slice(0, MOST_ERROR_CHARACTERS);
      throw failureOf(response.status, text, response.headers.get('retry-after'));
    } catch (error) {
      throw networkFailure(error);
    }
  }

  /** The same, with its body read: an object of JSON. */
  async json(call: Call, waits = this.waits()): Promise<Answer> {
    try {
      const response = await this.send(call, waits);
      const body: unknown = await waits.during(response.json());
      return { body, date: Date.parse(response.headers.get('date') ?? '') };
    } catch (error) {
      if (error instanceof SyntaxError) throw new RemoteFailure('transient', 'the answer is cut or no JSON');
      throw networkFailure(error);
    } finally {
      waits.end();
    }
  }

  /** For answers whose body says nothing. */
  async done(call: Call, waits = this.waits()): Promise<void> {
    try {
      const response = await this.send(call, waits);
      await waits.during(response.arrayBuffer());
    } catch (error) {
      throw networkFailure(error);
    } finally {
      waits.end();
    }
  }

  private async once(call: Call, { waits, renew }: { waits: Waits; renew: boolean }): Promise<Response> {
    const { path, method = 'GET', headers = {}, body } = call;
    const token = this.token === null ? null : await waits.during(this.token({ renew }));
    return waits.during(
      this.request(`${this.endpoint}${path}`, {
        method,
        // Compressed on the way, a body has another length than the object.
        headers: {
          'accept-encoding': 'identity',
          ...headers,
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        ...(body === undefined ? {} : { body }),
        redirect: 'error',
        signal: waits.signal,
      }),
    );
  }
}

/** A body of JSON, and the server's time in milliseconds since the epoch; NaN when it did not say. */
export interface Answer {
  readonly body: unknown;
  readonly date: number;
}
