import { beginningOf } from '../remote/bounded-text.ts';
import { networkFailure } from '../remote/failure.ts';
import { WAIT_LIMITS, type WaitLimits, Waits } from '../remote/waits.ts';
import { failureOf, regionIn } from './answer.ts';
import { awsCredentials, type CredentialSource } from './credentials.ts';
import { signed } from './sign.ts';
import { addressOf, escaped, escapedPath } from './url.ts';

/** How S3 is reached. */
export interface S3Connection {
  /** Base URL of a server that speaks S3; Amazon's unless said. */
  readonly endpoint?: string;
  /** Where a bucket is looked for first; us-east-1 unless said. Where it is another, the answer says so. */
  readonly region?: string;
  readonly credentials?: CredentialSource;
  readonly limits?: WaitLimits;
  readonly fetch?: typeof fetch;
}

/** One request on a bucket or, with a name, on an object. */
export interface Call {
  readonly bucket: string;
  readonly name?: string;
  readonly method?: 'GET' | 'HEAD';
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** More than any error of the service has. */
const MOST_ERROR_BYTES = 20_000;
/** A first answer may name another region, a second one that the key has ended. */
const MOST_TURNS = 3;

/** The REST API of S3 by `fetch`, signed. Amazon's client is not used: ARCHITECTURE.md says why. */
export class S3Http {
  private readonly endpoint: string | undefined;
  private readonly region: string;
  private readonly credentials: CredentialSource;
  private readonly limits: WaitLimits;
  private readonly request: typeof fetch;
  /** Where buckets turned out to be. */
  private readonly regions = new Map<string, string>();

  constructor(connection: S3Connection) {
    this.endpoint = connection.endpoint;
    this.region = connection.region ?? 'us-east-1';
    this.credentials = connection.credentials ?? awsCredentials();
    this.limits = connection.limits ?? WAIT_LIMITS;
    this.request = connection.fetch ?? fetch;
  }

  waits(): Waits {
    return new Waits(this.limits);
  }

  /** The answer, if it tells of success; its body is still to be read. Throws RemoteFailure. */
  async send(call: Call, waits: Waits): Promise<Response> {
    try {
      let renew = false;
      for (let turn = 1; ; turn++) {
        const region = this.regions.get(call.bucket) ?? this.region;
        const response = await this.once(call, { waits, renew, region });
        if (response.ok) return response;
        const { status, headers } = response;
        const body = await beginningOf(response, { waits, most: MOST_ERROR_BYTES });
        const failure = failureOf(status, body, headers.get('retry-after'));
        const told = regionIn(status, headers, body);
        const isElsewhere = told !== null && told !== region;
        const isOld = failure.kind === 'credentials' && !renew;
        if (turn === MOST_TURNS || !(isElsewhere || isOld)) throw failure;
        if (isElsewhere) this.regions.set(call.bucket, told);
        else renew = true;
      }
    } catch (error) {
      throw networkFailure(error);
    }
  }

  private async once(
    { bucket, name, method = 'GET', query = {}, headers = {} }: Call,
    { waits, renew, region }: { waits: Waits; renew: boolean; region: string },
  ): Promise<Response> {
    const credentials = await waits.during(this.credentials({ renew }));
    const address = addressOf(bucket, { endpoint: this.endpoint, region });
    const path = name === undefined ? '/' : `/${escapedPath(name)}`;
    const search = Object.entries(query).map(([key, value]) => `${escaped(key)}=${escaped(value)}`);
    const url = `${address.origin}${address.base}${path}${search.length === 0 ? '' : `?${search.join('&')}`}`;
    const own = await signed({ method, address, path, query, headers, region }, credentials);
    return waits.during(
      this.request(url, {
        method,
        // Packed on the way, a body has another length than the object. It is not signed: for ranges `fetch` adds it itself.
        headers: { ...own, 'accept-encoding': 'identity' },
        // An answer may name another region, never another host.
        redirect: 'manual',
        signal: waits.signal,
      }),
    );
  }
}
