import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type GateDeps, handleGate, MOST_BODY } from './handler.ts';
import type { GateResponse } from './http.ts';

const HEADERS_MS = 5000;
const REQUEST_MS = 10_000;
const KEPT_OPEN_MS = 15_000;
const MOST_HEADERS = 16 * 1024;
/** More callers than any team has; who comes on top of them waits in the kernel. */
const MOST_CONNECTIONS = 2048;

/** The gate as a server of this process, for one machine. A caller who is slow to ask is cut off. */
export function gateServer(deps: GateDeps): Server {
  const server = createServer(
    {
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: KEPT_OPEN_MS,
      maxHeaderSize: MOST_HEADERS,
      connectionsCheckingInterval: HEADERS_MS / 2,
    },
    (request, response) => void answer(request, response, deps),
  );
  server.maxConnections = MOST_CONNECTIONS;
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse, deps: GateDeps): Promise<void> {
  const body = await bodyOf(request);
  // Who went away, or was too slow, hears nothing.
  if (body === null) return;
  const { method = 'GET', url = '/', headers } = request;
  send(response, await handleGate({ method, url, headers, body }, deps));
  // The rest of a body that is too large is not waited for.
  if (!request.complete) request.destroy();
}

/** At most one byte more than is allowed, so that who looks sees that it is too much; null: the caller went away. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MOST_BODY) break;
    }
  } catch {
    return null;
  }
  return Buffer.concat(chunks, Math.min(size, MOST_BODY + 1));
}

function send(response: ServerResponse, { status, headers, body }: GateResponse): void {
  const length = status === 304 ? {} : { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...headers, ...length });
  response.end(body);
}
