import { writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type KnownJob, lookAt } from '../../../test/contracts/outcomes.ts';
import {
  knownJob,
  manyJobs,
  recordedAnswer,
  recording,
} from '../../../test/support/kubernetes-recordings.ts';
import {
  type Fault,
  type RecordedServer,
  type SeenRequest,
  send,
  startRecordedServer,
} from '../../../test/support/recorded-cluster.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../../../test/support/smtp-certificate.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import type { ClusterConfig } from '../../core/schema/cluster.ts';
import type { Patience } from './client.ts';
import { kubernetesOutcomes } from './outcomes.ts';

const folder = temporaryFolder();
const SECRET = 'eyJhbGciOi.secret-of-tests';
const TOKEN = fileWith('token', `${SECRET}\n`);
const JOB = knownJob(recording('failure'));

function fileWith(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

interface Settings {
  readonly cluster?: Partial<ClusterConfig>;
  readonly patience?: Partial<Patience>;
  readonly tls?: boolean;
}

async function start({ cluster, patience, tls = false }: Settings = {}) {
  const server = await startRecordedServer({ tls });
  onTestFinished(server.close);
  const main = { endpoint: server.endpoint, token_file: TOKEN, ...cluster };
  const outcomes = kubernetesOutcomes({
    clusters: { main },
    readYaml: async () => null,
    patience: { pauseMs: 1, ...patience },
  });
  const look = (job: KnownJob = JOB) => lookAt(outcomes, { ...job, location: null });
  return { server, outcomes, look };
}

/** The fault on the first requests only. */
function first(count: number, fault: (response: ServerResponse, server: RecordedServer) => true) {
  return (server: RecordedServer): Fault =>
    (response, _request, made) =>
      made <= count ? fault(response, server) : null;
}

const always = (fault: (response: ServerResponse, server: RecordedServer) => true) => first(Infinity, fault);

const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    return send(response, code, { kind: 'Status', message: `scripted ${code}` });
  };
const recorded = (name: string) => (response: ServerResponse) => {
  const answer = recordedAnswer(name);
  return send(response, answer.status, answer.body);
};
const LIST = JSON.stringify({ kind: 'JobList', metadata: {}, items: recording('failure').jobs.items });

/** Says how much comes, sends half of it and hangs up. */
function cut(response: ServerResponse): true {
  response.writeHead(200, { 'content-length': String(LIST.length) });
  response.write(LIST.slice(0, LIST.length / 2), () => response.destroy());
  return true;
}

/** Sends without end until nobody takes it. */
function flood(response: ServerResponse): true {
  const chunk = 'x'.repeat(65_536);
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
  return true;
}

describe('what passes is waited for', () => {
  test.each<[string, ReturnType<typeof first>]>([
    ['two answers of 500', first(2, status(500))],
    ['one 429 that asks for a pause', first(1, status(429, { 'retry-after': '1' }))],
    ['a 503 that asks for an hour', first(1, status(503, { 'retry-after': '3600' }))],
    ['a 503 that names a date', first(1, status(503, { 'retry-after': 'Mon, 23 Nov 2026 03:00:00 GMT' }))],
    ['a cut body', first(1, cut)],
    ['a connection that is hung up', first(2, (response) => Boolean(response.destroy()) as true)],
    ['a token that was just replaced', first(1, recorded('wrong-token'))],
  ])('%s', async (_, fault) => {
    const { server, look } = await start({ patience: { longestPauseMs: 20 } });
    server.fault = fault(server);
    expect(await look()).toMatchObject({ kind: 'ended', end: { outcome: 'failure' } });
  });

  test('a list that the server takes back is begun anew, once', async () => {
    const { server, look } = await start();
    const job = fillWith(server, 1_200).at(-1)!;
    const expire = (times: number): Fault => {
      let left = times;
      return (response, { query }) =>
        query.get('continue') === '500' && left-- > 0 ? recorded('expired-continue')(response) : null;
    };
    server.fault = expire(1);
    expect(await look(job)).toEqual({ kind: 'open' });
    expect(pagesOf(server.seen)).toEqual([null, '500', null, '500', '1000']);
    server.fault = expire(2);
    expect(await look(job)).toMatchObject({ kind: 'unknown', detail: expect.stringContaining('410') });
  });
});

describe('unknown, and never held against the Job', () => {
  test.each<[string, ReturnType<typeof first>, RegExp]>([
    ['500 for good', always(status(500)), /^Cluster "main" is in trouble \(500\); it says: scripted 500$/],
    ['429 for good', always(status(429)), /too much to do \(429\)/],
    ['cut bodies for good', always(cut), /broke off its answer/],
    [
      'an account that is not accepted',
      always(recorded('wrong-token')),
      /does not accept the account.*\(401\)/,
    ],
    [
      'a missing right',
      always(recorded('no-right')),
      /\(403\): grant list on jobs of batch in namespace "failure"/,
    ],
    [
      'another kind of server',
      always(recorded('wrong-path')),
      /has no Kubernetes API at its endpoint \(404\)/,
    ],
    ['a page of HTML', always((response) => send(response, 200, '<html>Log in</html>')), /is not JSON/],
    [
      'a JSON that is no list',
      always((response) => send(response, 200, { kind: 'Status' })),
      /is no JobList/,
    ],
    ['a JSON that is a number', always((response) => send(response, 200, 7)), /is no JobList/],
    ['rubbish without end', always(flood), /more than 1\.0 MB at once/],
    ['silence', always(() => true), /takes too long to answer/],
    [
      'a bad request',
      always(recorded('broken-continue')),
      /does not understand.*\(400\); it says: invalid continue/,
    ],
  ])('%s', async (_, fault, words) => {
    const patience = { requestMs: 250, mostBytes: 1024 * 1024, attempts: 2 };
    const { server, look } = await start({ patience });
    server.fault = fault(server);
    expect(await look()).toEqual({ kind: 'unknown', detail: expect.stringMatching(words) });
  });

  test('a server that trickles is given up in time', async () => {
    const { server, look } = await start({ patience: { requestMs: 10_000, clusterMs: 200 } });
    server.fault = (response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write(' '), 5);
      response.on('close', () => clearInterval(timer));
      return true;
    };
    expect(await look()).toMatchObject({ kind: 'unknown', detail: expect.stringContaining('too long') });
  });

  test('a list that never ends', async () => {
    const { server, look } = await start();
    server.fault = (response) =>
      send(response, 200, { kind: 'JobList', metadata: { continue: 'again' }, items: [] });
    expect(await look()).toMatchObject({ kind: 'unknown', detail: expect.stringContaining('does not end') });
    expect(server.seen).toHaveLength(1_000);
  });

  test('a redirect is not followed, so the token goes nowhere else', async () => {
    const elsewhere = await startRecordedServer();
    onTestFinished(elsewhere.close);
    for (const code of [301, 302, 307, 308]) {
      const { server, look } = await start();
      server.fault = always(status(code, { location: `${elsewhere.endpoint}/` }))(server);
      expect(await look()).toMatchObject({
        kind: 'unknown',
        detail: expect.stringContaining('not followed'),
      });
      expect(server.seen).toHaveLength(1);
    }
    expect(elsewhere.seen).toEqual([]);
  });

  test('a cluster that is down is not tried again for its other namespaces', async () => {
    const { server, outcomes } = await start({ patience: { attempts: 1 } });
    server.fault = always(status(500))(server);
    const jobs = ['a', 'b', 'c'].map((namespace) => ({ ...JOB, location: null, namespace, uuid: namespace }));
    const found = await outcomes.look(jobs);
    expect(new Set([...found.values()].map(({ kind }) => kind))).toEqual(new Set(['unknown']));
    expect(server.seen).toHaveLength(1);
  });

  test('a right that is missing in one namespace leaves the others', async () => {
    const { server, outcomes } = await start();
    server.fault = (response, { path }) =>
      path.includes('/success/') ? recorded('no-right')(response) : null;
    const jobs = ['success', 'failure'].map((name) => ({
      ...knownJob(recording(name)),
      uuid: name,
      location: null,
    }));
    const found = await outcomes.look(jobs);
    expect([found.get('success')?.kind, found.get('failure')?.kind]).toEqual(['unknown', 'ended']);
  });
});

describe('Pods', () => {
  const onPods =
    (answer: (response: ServerResponse) => true): Fault =>
    (response, { path }) =>
      path.endsWith('/pods') ? answer(response) : null;

  test('are asked for by the uid of a Job that failed, and for no other', async () => {
    const { server, look } = await start();
    await look(knownJob(recording('success')));
    await look(knownJob(recording('deadline')));
    await look(knownJob(recording('running')));
    expect(server.seen.filter(({ path }) => path.endsWith('/pods'))).toEqual([]);
    await look();
    const [pods] = server.seen.filter(({ path }) => path.endsWith('/pods'));
    expect(pods?.query.get('labelSelector')).toBe(`batch.kubernetes.io/controller-uid in (${JOB.jobUid})`);
  });

  test('that cannot be listed now leave the Job unknown', async () => {
    const { server, look } = await start({ patience: { attempts: 1 } });
    server.fault = onPods(status(503));
    expect(await look()).toMatchObject({ kind: 'unknown', detail: expect.stringContaining('503') });
  });

  test('that may never be listed leave the Job its own words', async () => {
    const { server, look } = await start();
    server.fault = onPods(recorded('no-right-on-pods'));
    expect(await look(knownJob(recording('out-of-memory')))).toMatchObject({
      kind: 'ended',
      end: {
        outcome: 'failure',
        reason: 'BackoffLimitExceeded',
        message: expect.stringMatching(/backoff limit; what its Pods say is not known: .*grant list on pods/),
      },
    });
  });

  test('of many failed Jobs are asked for in selectors of a bearable length', async () => {
    const { server, outcomes } = await start();
    const [failed] = recording('failure').jobs.items;
    const names = Array.from({ length: 100 }, (_, index) => `f-${index}`);
    const items = names.map((name) => ({
      ...failed,
      metadata: { ...failed!.metadata, name, uid: `uid-${name}` },
    }));
    server.namespaces.set('many', { jobs: { items }, pods: { items: [] } });
    const jobs = names.map((jobName) => ({
      ...JOB,
      namespace: 'many',
      jobName,
      jobUid: null,
      uuid: jobName,
      location: null,
    }));
    const found = await outcomes.look(jobs);
    expect([...found.values()].every(({ kind }) => kind === 'ended')).toBe(true);
    expect(server.seen.filter(({ path }) => path.endsWith('/pods'))).toHaveLength(3);
  });
});

describe('requests', () => {
  test('a thousand Jobs of a namespace take one list per page of 500', async () => {
    const { server, outcomes } = await start();
    const jobs = fillWith(server, 1_000).map((job, index) => ({ ...job, location: null, uuid: `${index}` }));
    const found = await outcomes.look(jobs);
    expect([...found.values()].filter(({ kind }) => kind === 'open')).toHaveLength(1_000);
    expect(pagesOf(server.seen)).toEqual([null, '500']);
    expect(server.seen.map(({ query }) => query.get('limit'))).toEqual(['500', '500']);
  });

  test('reading ends with the last Job that is asked for', async () => {
    const { server, look } = await start();
    expect(await look(fillWith(server, 2_000)[3])).toEqual({ kind: 'open' });
    expect(server.seen).toHaveLength(1);
  });

  test('the list is the newest, not one that a cache remembers', async () => {
    const { server, look } = await start();
    await look();
    expect(server.seen[0]?.query.has('resourceVersion')).toBe(false);
  });

  test('they carry the token as it stands in its file now', async () => {
    const token = fileWith('turning', 'first');
    const { server, look } = await start({ cluster: { token_file: token } });
    await look();
    writeFileSync(token, ' second\n');
    await look();
    expect(new Set(server.seen.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer first', 'Bearer second']),
    );
  });

  test('they go below the path of the endpoint', async () => {
    const server = await startRecordedServer();
    onTestFinished(server.close);
    const outcomes = kubernetesOutcomes({
      clusters: { main: { endpoint: `${server.endpoint}/v1/members/one/`, auth: 'none' } },
      readYaml: async () => null,
    });
    await lookAt(outcomes, { ...JOB, location: null });
    expect(server.seen[0]?.path).toBe('/v1/members/one/apis/batch/v1/namespaces/failure/jobs');
    expect(server.seen[0]?.authorization).toBeUndefined();
  });
});

describe('secrets and certificates', () => {
  test('the token stands in no sentence, even if the server repeats it', async () => {
    const { server, look } = await start();
    const echo = { kind: 'Status', message: `bad token ${SECRET}\r\nand more` };
    server.fault = (response) => send(response, 401, echo);
    const sighting = await look();
    expect(JSON.stringify(sighting)).not.toContain(SECRET);
    expect(sighting).toMatchObject({ detail: expect.stringContaining('bad token *** and more') });
  });

  test.each<[string, string, RegExp]>([
    ['is not there', join(folder, 'missing'), /cannot read ".*missing": ENOENT/],
    ['is empty', fileWith('empty', '\n'), /token file ".*empty" is empty/],
    ['holds two lines', fileWith('two', 'a\nb: c'), /token file ".*two" holds no token/],
  ])('a token file that %s', async (_, path, words) => {
    const { server, look } = await start({ cluster: { token_file: path } });
    expect(await look()).toEqual({ kind: 'unknown', detail: expect.stringMatching(words) });
    expect(server.seen).toEqual([]);
  });

  test('a private authority is trusted where it is named, and nowhere else', async () => {
    const ca_file = fileWith('ca.crt', TEST_CERTIFICATE);
    const trusting = await start({ tls: true, cluster: { ca_file } });
    expect(await trusting.look()).toMatchObject({ kind: 'ended' });
    const doubting = await start({ tls: true, patience: { attempts: 1 } });
    expect(await doubting.look()).toMatchObject({
      kind: 'unknown',
      detail: expect.stringMatching(/not trusted \(\w+\): name its authority with ca_file/),
    });
    expect(doubting.server.seen).toEqual([]);
  });
});

test('a kubeconfig with a client certificate opens a server that asks for one', async () => {
  const server = await startRecordedServer({ tls: true, mutual: true });
  onTestFinished(server.close);
  const data = (pem: string) => Buffer.from(pem).toString('base64');
  const cluster = { server: server.endpoint, 'certificate-authority-data': data(TEST_CERTIFICATE) };
  const holder = { 'client-certificate-data': data(TEST_CERTIFICATE), 'client-key-data': data(TEST_KEY) };
  const look = (user: Record<string, string>) => {
    const content = {
      clusters: [{ name: 'a', cluster }],
      users: [{ name: 'a', user }],
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
      'current-context': 'a',
    };
    const outcomes = kubernetesOutcomes({
      clusters: { main: { kubeconfig: join(folder, 'kubeconfig') } },
      readYaml: async () => content,
      patience: { attempts: 1 },
    });
    return lookAt(outcomes, { ...JOB, location: null });
  };
  expect(await look(holder)).toMatchObject({ kind: 'ended' });
  expect(await look({})).toMatchObject({ kind: 'unknown' });
  const broken = { ...holder, 'client-key-data': data('no key') };
  expect(await look(broken)).toEqual({ kind: 'unknown', detail: expect.stringMatching(/^Cluster "main" /) });
});

function fillWith(server: RecordedServer, count: number): readonly KnownJob[] {
  const { objects, known } = manyJobs(count);
  server.namespaces.set('many', { jobs: { items: objects }, pods: { items: [] } });
  return known;
}

function pagesOf(seen: readonly SeenRequest[]): (string | null)[] {
  return seen.map(({ query }) => query.get('continue'));
}
