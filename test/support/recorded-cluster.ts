import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { RECORDINGS, recordedAnswer } from './kubernetes-recordings.ts';
import { TEST_CERTIFICATE, TEST_KEY } from './smtp-certificate.ts';

/** One request as the server got it. */
export interface SeenRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
}

/** Answers in place of the server, or not (null): then it lists. `count`: requests so far, this one included. */
export type Fault = (
  response: ServerResponse,
  request: SeenRequest,
  count: number,
) => Promise<true> | true | null;

interface Lists {
  readonly jobs: { readonly items: readonly Record<string, unknown>[] };
  readonly pods: { readonly items: readonly Record<string, unknown>[] };
  /** Where there are none the cluster knows no JobSets. */
  readonly jobsets?: { readonly items: readonly Record<string, unknown>[] };
}

/** A server that lists what was recorded, a page at a time, each scenario in the namespace of its name. */
export interface RecordedServer {
  readonly endpoint: string;
  readonly seen: readonly SeenRequest[];
  /** What it lists, by namespace; at first every recording. */
  readonly namespaces: Map<string, Lists>;
  fault: Fault | null;
  close(): Promise<void>;
}

/**
 * Starts one on a free port of this machine. `tls`: with the certificate of the tests; `mutual`: which clients
 * have to show too.
 */
export async function startRecordedServer({ tls = false, mutual = false } = {}): Promise<RecordedServer> {
  const seen: SeenRequest[] = [];
  const namespaces: RecordedServer['namespaces'] = new Map(RECORDINGS);
  const handle = (incoming: IncomingMessage, response: ServerResponse) => {
    const url = new URL(incoming.url ?? '/', 'http://server');
    const { authorization } = incoming.headers;
    const request = { path: url.pathname, query: url.searchParams, authorization };
    seen.push(request);
    if ((recorded.fault?.(response, request, seen.length) ?? null) !== null) return;
    const answer = answerTo(request, namespaces);
    send(response, answer.status, answer.body);
  };
  const server = tls
    ? createTlsServer(
        { cert: TEST_CERTIFICATE, key: TEST_KEY, ca: TEST_CERTIFICATE, requestCert: mutual },
        handle,
      )
    : createServer(handle);
  await listening(server);
  const { port } = server.address() as AddressInfo;
  const recorded: RecordedServer = {
    endpoint: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    seen,
    namespaces,
    fault: null,
    close: () => closed(server),
  };
  return recorded;
}

/** Answers with JSON, or with a text as it is. */
export function send(response: ServerResponse, status: number, body: unknown): true {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json' }).end(text);
  return true;
}

const LISTS =
  /^\/(?:apis\/batch\/v1|api\/v1|apis\/jobset\.x-k8s\.io\/v1alpha2)\/namespaces\/([^/]+)\/(jobs|pods|jobsets)$/;

function answerTo({ path, query }: SeenRequest, namespaces: RecordedServer['namespaces']) {
  const [, namespace = '', kind] = LISTS.exec(path) ?? [];
  if (kind === undefined) return recordedAnswer('wrong-path');
  const listed = namespaces.get(namespace);
  if (kind === 'jobsets' && listed?.jobsets === undefined) return recordedAnswer('wrong-path');
  if (kind === 'jobsets') return page('JobSetList', listed?.jobsets?.items ?? [], query);
  if (kind === 'pods') return page('PodList', podsIn(listed?.pods.items ?? [], query), query);
  return page('JobList', listed?.jobs.items ?? [], query);
}

function podsIn(pods: readonly Record<string, unknown>[], query: URLSearchParams) {
  const [, label = '', values = ''] = /^(\S+) in \((.*)\)$/.exec(query.get('labelSelector') ?? '') ?? [];
  const wanted = values.split(',');
  return pods.filter(({ metadata }) => {
    const { labels } = metadata as { labels: Record<string, string> };
    return wanted.includes(String(labels[label]));
  });
}

function page(kind: string, items: readonly unknown[], query: URLSearchParams) {
  const from = Number(query.get('continue') ?? 0);
  const to = from + Number(query.get('limit'));
  const rest = to < items.length ? { continue: String(to) } : {};
  return { status: 200, body: { kind, metadata: rest, items: items.slice(from, to) } };
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
