import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Credentials } from './credentials.ts';
import type { Address } from './url.ts';

/** What is signed; `path` and the query as they stand in the URL. */
export interface Unsigned {
  readonly method: string;
  readonly address: Address;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly region: string;
  /** When it is signed; now unless said. */
  readonly at?: Date;
}

/** The headers of a request without a body, with its signature (AWS Signature Version 4). */
export async function signed(
  { method, address, path, query, headers, region, at }: Unsigned,
  credentials: Credentials,
): Promise<Record<string, string>> {
  const { protocol, host, hostname, port } = new URL(address.origin);
  const signer = new SignatureV4({
    service: 's3',
    region,
    credentials,
    sha256: Sha256,
    // S3 alone signs paths as they are sent.
    uriEscapePath: false,
  });
  const request = {
    method,
    protocol,
    hostname,
    ...(port === '' ? {} : { port: Number(port) }),
    path: `${address.base}${path}`,
    query: { ...query },
    headers: { ...headers, host },
  };
  const { headers: all } = await signer.sign(request, at === undefined ? {} : { signingDate: at });
  // `fetch` gives the host itself and lets nobody else.
  const { host: _given, ...rest } = all;
  return rest;
}

/** Node's SHA-256, in the form that the signer asks for. */
class Sha256 {
  private hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.hash.digest());
  }

  reset(): void {
    this.hash = createHash('sha256');
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
