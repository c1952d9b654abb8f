import { createServer, type Server } from 'node:http';
import type { Health } from './health.ts';

/** Answers probes. */
export interface HealthServer {
  /** The port that it listens on. */
  readonly port: number;
  close(): void;
}

/**
 * Serves `/healthz` and `/readyz` (200 or 503, with the whole report) and `/livez` (200 or 503). Nothing of a request
 * but its path is read. Without a host on every address of this machine. Rejects when the port is taken.
 */
export async function serveHealth(
  place: { readonly host?: string; readonly port: number },
  health: () => Health,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const answer = Object.hasOwn(ANSWERS, path) ? ANSWERS[path]!(health()) : { status: 404, body: {} };
    response.writeHead(answer.status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(`${JSON.stringify(answer.body)}\n`);
  });
  server.requestTimeout = 5_000;
  await listening(server, place);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : place.port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface Answered {
  readonly status: number;
  readonly body: object;
}

const ready = ({ isReady, report }: Health): Answered => ({ status: isReady ? 200 : 503, body: report });

const ANSWERS: Readonly<Record<string, (health: Health) => Answered>> = {
  '/healthz': ready,
  '/readyz': ready,
  '/livez': ({ isAlive }) => ({ status: isAlive ? 200 : 503, body: { alive: isAlive } }),
};

function listening(server: Server, { host, port }: { host?: string; port: number }): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
  return promise;
}
