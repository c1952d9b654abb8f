import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterAll } from 'vitest';

/** A message as it came over Pub/Sub's REST interface. */
export interface Published {
  readonly topic: string;
  readonly authorization: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Metadata server and Pub/Sub on one port of the loopback interface. */
export interface FakePubSub {
  /** `HOST:PORT`. */
  readonly address: string;
  readonly published: Published[];
  /** Paths of all requests, in their order. */
  readonly asked: string[];
  /** Answers with this status while it is set, before anything is done. */
  refuse: ((path: string) => number | undefined) | undefined;
  /** The environment in which a publisher takes this one for Google. */
  readonly env: { readonly GCE_METADATA_HOST: string; readonly TIDEMARK_PUBSUB_ENDPOINT: string };
  /** Forgets what it saw, and refuses nothing. */
  renew(): void;
}

type State = Pick<FakePubSub, 'published' | 'asked' | 'refuse'>;

/** What the metadata server of the tutorial's cluster says. */
const METADATA: Readonly<Record<string, string>> = {
  'project/project-id': 'p1',
  'instance/zone': 'projects/123/zones/us-central1-b',
  'instance/attributes/cluster-name': 'tutorial-cluster',
  'instance/service-accounts/default/token': '{"access_token":"t-1","expires_in":3599,"token_type":"Bearer"}',
};

/** Starts it; it stops with the tests of the importing file. Topics but `metrics-written` do not exist. */
export async function fakePubSub(): Promise<FakePubSub> {
  const state: State = { published: [], asked: [], refuse: undefined };
  const server = createServer((request, response) => void answer(state, request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = `127.0.0.1:${(server.address() as { port: number }).port}`;
  return Object.assign(state, {
    address,
    env: { GCE_METADATA_HOST: address, TIDEMARK_PUBSUB_ENDPOINT: `http://${address}` },
    renew() {
      state.refuse = undefined;
      state.published.length = 0;
      state.asked.length = 0;
    },
  });
}

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '';
  state.asked.push(path);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const refused = state.refuse?.(path);
  if (refused !== undefined) return end(response, refused, '{"error":{"message":"refused by the test"}}');
  const asked = /^\/computeMetadata\/v1\/(.*)$/.exec(path)?.[1];
  if (asked !== undefined) {
    const value = request.headers['metadata-flavor'] === 'Google' ? METADATA[asked] : undefined;
    return end(response, value === undefined ? 404 : 200, value ?? '');
  }
  const topic = /^\/v1\/projects\/p1\/topics\/([^:]+):publish$/.exec(path)?.[1];
  if (topic === undefined || topic === 'wrong-topic') {
    return end(response, 404, '{"error":{"code":404,"message":"Resource not found","status":"NOT_FOUND"}}');
  }
  const { messages } = JSON.parse(Buffer.concat(chunks).toString()) as {
    messages: { data: string; attributes: Record<string, string> }[];
  };
  const { authorization } = request.headers;
  for (const { data, attributes } of messages) {
    state.published.push({ topic, authorization, attributes, body: Buffer.from(data, 'base64') });
  }
  end(response, 200, `{"messageIds": ["${state.published.length}"]}`);
}

function end(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body);
}
