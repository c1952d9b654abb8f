import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** Requests of one kind. */
export interface Tally {
  readonly count: number;
  /** From the request's arrival to the end of its answer, milliseconds, summed. */
  readonly ms: number;
}

/** A proxy that passes everything on as it comes and holds nothing but counts: memory and time stay as they are. */
export interface CountingProxy {
  /** What the client is given as its endpoint: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** By kind, since the start or the last `reset`. */
  tallies(): ReadonlyMap<string, Tally>;
  reset(): void;
  close(): Promise<void>;
}

export interface CountingOptions {
  /** A base URL without a path. */
  readonly target: string;
  /** The kind of a request, by the beginning of its body too. */
  readonly kindOf: (method: string, path: string, body: string) => string;
}

/** How much of a body tells what it is. */
const BEGINNING = 32 * 1024;

/** Starts one on a free port of this machine. */
export async function countingProxy({ target, kindOf }: CountingOptions): Promise<CountingProxy> {
  const agent = new Agent({ keepAlive: true });
  let tallies = new Map<string, Tally>();
  let url = '';
  const server = createServer((incoming, response) => {
    const begun = performance.now();
    const { method = '', url: path = '' } = incoming;
    const body = beginningOf(incoming);
    response.on('close', () => {
      const kind = kindOf(method, path, body());
      const { count, ms } = tallies.get(kind) ?? { count: 0, ms: 0 };
      tallies.set(kind, { count: count + 1, ms: ms + performance.now() - begun });
    });
    passOn(incoming, response, { target, url, agent });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    tallies: () => tallies,
    reset() {
      tallies = new Map();
    },
    close() {
      agent.destroy();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function beginningOf(incoming: IncomingMessage): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  incoming.on('data', (chunk: Buffer) => {
    if (bytes >= BEGINNING) return;
    // A copy, so that the rest of what was read with it can go.
    chunks.push(Buffer.from(chunk.subarray(0, BEGINNING - bytes)));
    bytes += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

interface Place {
  readonly target: string;
  readonly url: string;
  readonly agent: Agent;
}

function passOn(incoming: IncomingMessage, response: ServerResponse, place: Place): void {
  const outgoing = request(new URL(place.target), {
    agent: place.agent,
    method: incoming.method,
    path: incoming.url,
    headers: { ...incoming.headers, host: new URL(place.target).host },
  });
  outgoing.on('response', (upstream) => {
    response.writeHead(upstream.statusCode ?? 502, ownHeaders(upstream.headers, place));
    upstream.on('error', () => response.destroy());
    upstream.pipe(response);
  });
  outgoing.on('error', () => response.destroy());
  incoming.pipe(outgoing);
}

/** An upload goes on at the address that it is given here, and has to pass this proxy again. */
function ownHeaders(headers: IncomingHttpHeaders, { target, url }: Place): IncomingHttpHeaders {
  return headers.location === undefined
    ? headers
    : { ...headers, location: headers.location.replace(target, url) };
}
