import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An object as a test gives it; `metadata.uid` tells two of one name apart. */
export interface ClusterObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

export type Resource = 'jobs' | 'jobsets' | 'pods';

/** One request as the server got it. */
export interface Requested {
  readonly resource: Resource | null;
  readonly isWatch: boolean;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
}

/** Answers in place of the server (true), or not. */
export type ClusterFault = (response: ServerResponse, request: Requested) => boolean;

/**
 * An API server whose lists and watches are those of `resourceVersion`: pages of one moment, watches that go on from
 * any version that is not forgotten, and 410 for the others. Checked against the real one by the live tests, which run
 * the same watch.
 */
export interface WatchedCluster {
  readonly endpoint: string;
  /** Kinds it does not know. */
  readonly absent: Set<Resource>;
  fault: ClusterFault | null;
  readonly counts: { lists: number; watches: number; refusals: number; gone: number };
  /** Adds or changes. */
  put(resource: Resource, object: ClusterObject): void;
  remove(resource: Resource, uid: string): void;
  /** Breaks every watch, in the middle of a line where it says so. */
  disconnect(how?: 'clean' | 'half-line'): void;
  /** Forgets what happened so far: watches from before are 410. */
  compact(): void;
  bookmark(): void;
  /** Writes a text into every watch. */
  say(text: string): void;
  /** How many watches stand now. */
  readonly standing: number;
  close(): Promise<void>;
}

interface Change {
  readonly version: number;
  readonly resource: Resource;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly line: string;
}

interface Standing {
  readonly response: ServerResponse;
  readonly wants: (change: Change) => boolean;
  readonly resource: Resource;
}

const PLACE =
  /^\/(?:apis\/batch\/v1|apis\/jobset\.x-k8s\.io\/v1alpha2|api\/v1)(?:\/namespaces\/([^/]+))?\/(jobs|jobsets|pods)$/;
const LISTS = { jobs: 'JobList', jobsets: 'JobSetList', pods: 'PodList' } as const;

/** Starts one on a free port of this machine. */
export async function startWatchedCluster(): Promise<WatchedCluster> {
  const objects = { jobs: new Map(), jobsets: new Map(), pods: new Map() } as Record<
    Resource,
    Map<string, ClusterObject>
  >;
  const snapshots = new Map<string, readonly ClusterObject[]>();
  const standing = new Set<Standing>();
  let changes: Change[] = [];
  let version = 1000;
  let forgotten = 1000;

  const cluster: WatchedCluster = {
    endpoint: '',
    absent: new Set(),
    fault: null,
    counts: { lists: 0, watches: 0, refusals: 0, gone: 0 },
    put(resource, object) {
      const { uid } = object.metadata;
      const type = objects[resource].has(uid) ? 'MODIFIED' : 'ADDED';
      objects[resource].set(uid, change(type, resource, object));
    },
    remove(resource, uid) {
      const object = objects[resource].get(uid);
      if (object === undefined) throw new Error(`There is no ${uid} among the ${resource}`);
      objects[resource].delete(uid);
      change('DELETED', resource, object);
    },
    disconnect(how = 'clean') {
      for (const { response } of standing) {
        if (how === 'half-line') response.write('{"type":"MODIFIED","object":{"metadata":{"na');
        response.socket?.destroy();
      }
      standing.clear();
    },
    compact() {
      changes = [];
      snapshots.clear();
      forgotten = ++version;
    },
    bookmark() {
      version++;
      for (const one of standing) {
        const object = { kind: one.resource, metadata: { resourceVersion: String(version) } };
        one.response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
      }
    },
    say(text) {
      for (const { response } of standing) response.write(text);
    },
    get standing() {
      return standing.size;
    },
    close: () => closed(server),
  };
  const server = createServer((incoming, response) => handle(incoming, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return Object.assign(cluster, { endpoint: `http://127.0.0.1:${port}` });

  function change(type: string, resource: Resource, given: ClusterObject): ClusterObject {
    const metadata = { ...given.metadata, resourceVersion: String(++version) };
    const object = { ...given, metadata };
    const { namespace, labels = {} } = metadata;
    const made = { version, resource, namespace, labels, line: `${JSON.stringify({ type, object })}\n` };
    changes.push(made);
    for (const one of standing) if (one.wants(made)) one.response.write(made.line);
    return object;
  }

  function handle(incoming: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams: query } = new URL(incoming.url ?? '/', 'http://server');
    const [, namespace = null, name] = PLACE.exec(pathname) ?? [];
    const resource = (name ?? null) as Resource | null;
    const isWatch = query.has('watch');
    const request = { resource, isWatch, query, authorization: incoming.headers.authorization };
    if (cluster.fault?.(response, request)) {
      cluster.counts.refusals++;
      return;
    }
    if (resource === null || cluster.absent.has(resource)) {
      answer(response, 404, '404 page not found\n');
      return;
    }
    const wants = (one: Omit<Change, 'line' | 'version'>) =>
      one.resource === resource &&
      (namespace === null || one.namespace === namespace) &&
      selects(query.get('labelSelector') ?? '', one.labels);
    if (isWatch) watch(response, { resource, query, wants });
    else list(response, { resource, query, wants });
  }

  function list(response: ServerResponse, { resource, query, wants }: Asked): void {
    cluster.counts.lists++;
    const position = query.get('continue');
    const [at = '', from = '0'] = position?.split(':') ?? [String(version), '0'];
    const kept = position === null ? chosen(resource, wants) : snapshots.get(`${resource}:${at}`);
    if (kept === undefined) {
      answer(response, 410, gone('The provided continue parameter is too old'));
      return;
    }
    const to = Number(from) + Number(query.get('limit') ?? kept.length);
    const hasMore = to < kept.length;
    if (hasMore) snapshots.set(`${resource}:${at}`, kept);
    const metadata = { resourceVersion: at, ...(hasMore ? { continue: `${at}:${to}` } : {}) };
    answer(response, 200, { kind: LISTS[resource], metadata, items: kept.slice(Number(from), to) });
  }

  function chosen(resource: Resource, wants: Asked['wants']): ClusterObject[] {
    return [...objects[resource].values()].filter(({ metadata: { namespace, labels = {} } }) =>
      wants({ resource, namespace, labels }),
    );
  }

  function watch(response: ServerResponse, { resource, query, wants }: Asked): void {
    const from = Number(query.get('resourceVersion'));
    cluster.counts.watches++;
    if (from < forgotten) cluster.counts.gone++;
    response.writeHead(200, { 'content-type': 'application/json' });
    // The real one answers so, and in other versions with the status itself.
    if (from < forgotten) {
      response.end(`${JSON.stringify({ type: 'ERROR', object: gone('too old resource version') })}\n`);
      return;
    }
    response.flushHeaders();
    for (const one of changes) if (one.version > from && wants(one)) response.write(one.line);
    const entry = { response, wants, resource };
    standing.add(entry);
    const timer = setTimeout(() => response.end(), Number(query.get('timeoutSeconds') ?? 300) * 1000);
    response.on('close', () => {
      clearTimeout(timer);
      standing.delete(entry);
    });
  }
}

interface Asked {
  readonly resource: Resource;
  readonly query: URLSearchParams;
  readonly wants: (one: Omit<Change, 'line' | 'version'>) => boolean;
}

function gone(message: string) {
  return { kind: 'Status', status: 'Failure', message, reason: 'Expired', code: 410 };
}

/** `key` and `key in (a,b)`. */
function selects(selector: string, labels: Readonly<Record<string, string>>): boolean {
  const [, key = '', values] = /^(\S+)(?: in \((.*)\))?$/.exec(selector) ?? [];
  if (selector === '') return true;
  if (values !== undefined) return values.split(',').includes(labels[key] ?? '');
  return Object.hasOwn(labels, key);
}

/** Answers with JSON, or with a text as it is. */
export function answer(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
}

function closed(server: Server): Promise<void> {
  const done = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  return done;
}
