import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { due, errorBody, type Fault, type FaultRule, type SeenRequest } from './fault-rules.ts';

/** A proxy in front of a stand-in that does what no stand-in does: fail as the service would. */
export interface FaultProxy {
  /** What the client under test is given as its endpoint: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Every request since the start or the last `use`, in the order of arrival. */
  readonly requests: readonly SeenRequest[];
  /** How many of them have this method and a path that fits. */
  count(method: string, path: RegExp): number;
  /** Takes other rules from now on and forgets the requests, so that counting starts again. */
  use(rules: readonly FaultRule[]): void;
  close(): Promise<void>;
}

type Seen = { -readonly [K in keyof SeenRequest]: SeenRequest[K] };

/** Where the proxy stands: what it stands before, its own address, its rules and what came so far. */
interface State {
  readonly target: string;
  url: string;
  rules: readonly FaultRule[];
  requests: Seen[];
  times: Map<FaultRule, number>;
}

/** Starts a proxy for `target`, a base URL without a path; what no rule touches is passed on unchanged. */
export async function faultProxy(options: {
  readonly target: string;
  readonly rules?: readonly FaultRule[];
}): Promise<FaultProxy> {
  const { target, rules = [] } = options;
  const state: State = { target, url: '', rules, requests: [], times: new Map() };
  // Node ends an idle connection after 5 s. A client in the same busy process then meets one that is just being ended.
  const server = createServer({ keepAliveTimeout: 0 }, (incoming, response) => {
    void answer(state, incoming, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: state.url,
    get requests() {
      return state.requests;
    },
    count: (method, path) =>
      state.requests.filter((seen) => seen.method === method && path.test(seen.path)).length,
    use(others) {
      Object.assign(state, { rules: others, requests: [], times: new Map() });
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function answer(state: State, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const seen: Seen = {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    body: await bytesOf(incoming),
    status: null,
    upstream: null,
    wasForwarded: false,
  };
  const fault = await faultOf(state, seen);
  if (fault?.kind === 'hang') return;
  if (fault?.kind === 'reset') return reset(response);
  if (fault?.kind === 'status') {
    seen.status = fault.status;
    response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
    response.end(errorBody(fault));
    return;
  }
  if (fault?.kind === 'delay') await sleep(fault.ms);
  seen.wasForwarded = true;
  const upstream = await forward(state.target, incoming, seen.body);
  seen.upstream = upstream.statusCode ?? null;
  if (fault?.kind === 'lost') {
    await bytesOf(upstream);
    return reset(response);
  }
  seen.status = seen.upstream;
  const headers = ownHeaders(upstream, state);
  if (fault === null || fault.kind === 'delay') {
    response.writeHead(upstream.statusCode ?? 502, headers);
    await pipeline(upstream, response);
  } else await spoil(await bytesOf(upstream), response, { fault, headers, status: seen.status });
}

/** Notes the request, and gives the fault of the first rule that has one for it. */
async function faultOf(state: State, seen: Seen): Promise<Fault | null> {
  const earlier = [...state.requests];
  state.requests.push(seen);
  const rules = state.rules.filter(({ method }) => method === undefined || method === seen.method);
  for (const { fault } of due(rules, { path: seen.path, times: state.times })) {
    if (typeof fault !== 'function') return fault;
    const decided = await fault(seen, { earlier, target: state.target });
    if (decided !== null) return decided;
  }
  return null;
}

async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

function forward(target: string, incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  const { 'transfer-encoding': _chunked, connection: _kept, ...headers } = incoming.headers;
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(target), {
      method: incoming.method,
      path: incoming.url,
      headers: { ...headers, host: new URL(target).host, 'content-length': body.length },
      // A connection of its own: one that was kept may be ended by the stand-in while it is taken up again.
      agent: false,
    });
    outgoing.on('response', resolve).on('error', reject);
    outgoing.end(body);
  });
}

/** An upload goes on at the address that it is given here, and has to pass this proxy again. */
function ownHeaders({ headers }: IncomingMessage, { target, url }: State): IncomingHttpHeaders {
  return headers.location === undefined
    ? headers
    : { ...headers, location: headers.location.replace(target, url) };
}

/** Hands on the body of an answer with what the fault does to it. */
async function spoil(
  body: Buffer,
  response: ServerResponse,
  how: { readonly fault: Fault; readonly headers: IncomingHttpHeaders; readonly status: number | null },
): Promise<void> {
  const { fault } = how;
  const headers = { ...how.headers };
  if (fault.kind === 'wrong-length') {
    delete headers['transfer-encoding'];
    headers['content-length'] = String(Math.max(0, body.length + fault.by));
  }
  response.writeHead(how.status ?? 502, headers);
  response.flushHeaders();
  if (fault.kind === 'cut') {
    response.write(body.subarray(0, fault.after), () => response.destroy());
  } else if (fault.kind === 'wrong-length') {
    response.write(body, () => response.socket?.end());
  } else if (fault.kind === 'trickle') {
    for (let from = 0; from < body.length && !response.destroyed; from += fault.bytes) {
      await sleep(fault.ms);
      response.write(body.subarray(from, from + fault.bytes));
    }
    response.end();
  }
}
