import type { OutgoingHttpHeaders } from 'node:http';
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { due } from './fault-rules.ts';

/** gRPC's numbers of the failures that a test may ask for. */
export const GRPC_CODES = {
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  ABORTED: 10,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** `lost`: the stand-in does as it is told and nobody hears its answer; `hang`: it is never asked. */
export type GrpcFault = keyof typeof GRPC_CODES | 'lost' | 'hang' | { readonly delayMs: number };

/** Which calls fail. Of several rules that fit the first counts. */
export interface GrpcRule {
  /** Against `/package.Service/Method`. */
  readonly path: RegExp;
  /** Which of the calls that fit, from 1; all by default. */
  readonly nth?: readonly number[];
  readonly fault: GrpcFault;
}

export interface GrpcFaultProxy {
  /** `127.0.0.1:PORT`, for PUBSUB_EMULATOR_HOST. */
  readonly address: string;
  /** Every call since the start or the last `use`: its path, and the fault it met. */
  readonly calls: readonly { readonly path: string; readonly fault: GrpcFault | null }[];
  count(path: RegExp): number;
  /** Takes other rules from now on and forgets the calls, so that counting starts again. */
  use(rules: readonly GrpcRule[]): void;
  close(): Promise<void>;
}

/** Starts a proxy for a gRPC server at `target` (`HOST:PORT`, no TLS); other calls are passed on unchanged. */
export async function grpcFaultProxy(options: {
  readonly target: string;
  readonly rules?: readonly GrpcRule[];
}): Promise<GrpcFaultProxy> {
  let rules = options.rules ?? [];
  let calls: { path: string; fault: GrpcFault | null }[] = [];
  let times = new Map<GrpcRule, number>();
  const upstream = connect(`http://${options.target}`);
  // Its calls fail one by one; the session's own error says nothing more.
  upstream.on('error', () => {});

  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {}).on('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    const path = String(headers[':path']);
    const [rule] = due(rules, { path, times });
    const fault = rule?.fault ?? null;
    calls.push({ path, fault });
    stream.on('error', () => {});
    void answer(stream, fault, () => passOn(upstream, stream, { headers, isLost: fault === 'lost' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get calls() {
      return calls;
    },
    count: (path) => calls.filter((call) => path.test(call.path)).length,
    use(others) {
      [rules, calls, times] = [others, [], new Map()];
    },
    close() {
      upstream.destroy();
      for (const session of sessions) session.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function answer(
  stream: ServerHttp2Stream,
  fault: GrpcFault | null,
  forward: () => void,
): Promise<void> {
  if (fault === 'hang') return;
  if (fault === null || fault === 'lost') return forward();
  if (typeof fault === 'object') {
    await sleep(fault.delayMs);
    return forward();
  }
  const status = {
    'grpc-status': String(GRPC_CODES[fault]),
    'grpc-message': `A fault of the test: ${fault}`,
  };
  // The request has to be read to its end: a stream that is closed over unread bytes is reset.
  stream.resume();
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...status }, { endStream: true });
}

function passOn(
  upstream: ClientHttp2Session,
  stream: ServerHttp2Stream,
  { headers, isLost }: { readonly headers: OutgoingHttpHeaders; readonly isLost: boolean },
): void {
  if (upstream.destroyed) {
    stream.close(constants.NGHTTP2_REFUSED_STREAM);
    return;
  }
  const call = upstream.request({ ...headers, ':authority': '127.0.0.1' });
  stream.pipe(call);
  stream.on('close', () => call.close(constants.NGHTTP2_CANCEL));
  call.on('error', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  if (isLost) {
    call.resume();
    call.on('end', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
    return;
  }
  let trailers: OutgoingHttpHeaders = {};
  call.on('trailers', (received) => {
    trailers = received;
  });
  call.on('response', (received, flags) => {
    if (stream.destroyed) return;
    // A call that fails at once has its status here, and nothing follows.
    const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    stream.respond(received, { endStream, waitForTrailers: !endStream });
    if (endStream) return;
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    call.pipe(stream);
  });
}
