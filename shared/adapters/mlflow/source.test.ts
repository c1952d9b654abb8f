import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { remoteSourceContract } from '../../../test/contracts/remote-source.ts';
import { ROOT } from '../../../test/support/repository.ts';
import type { SourcePoint } from '../../core/sources/reading.ts';
import type { RemoteRequest } from '../../ports/source.ts';
import { mlflowChecks } from './check.ts';
import { type MlflowOptions, mlflowSource } from './source.ts';

type Answer = (asked: { readonly url: URL; readonly init: RequestInit }) => Response | Promise<Response>;

/** A source whose server answers by these functions, by the last part of the path. */
function made(answers: Readonly<Record<string, Answer>>, more: Partial<MlflowOptions> = {}) {
  const asked: { readonly url: URL; readonly init: RequestInit }[] = [];
  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const one = { url: new URL(String(input)), init };
    asked.push(one);
    const answer = answers[one.url.pathname.split('/').slice(-2).join('/')];
    return answer === undefined ? new Response('<h1>Not Found</h1>', { status: 404 }) : answer(one);
  };
  const retry = { attempts: 3, sleep: async () => {} };
  const options = { name: 'tracking', url: 'http://mlflow.test', authorization: null, fetch, retry, ...more };
  return { asked, options, source: mlflowSource(options) };
}

const json = (value: unknown, init: ResponseInit = {}) =>
  new Response(JSON.stringify(value), { headers: { 'content-type': 'application/json' }, ...init });
const run = (id: string): RemoteRequest => ({ kind: 'mlflow', connection: 'tracking', run: id });
const infoOf = (keys: readonly string[], info: object = {}) => ({
  run: {
    info: { run_id: 'r1', status: 'FINISHED', lifecycle_stage: 'active', ...info },
    data: { metrics: keys.map((key) => ({ key, value: 0, timestamp: 0, step: 0 })) },
  },
});
const noRun = () =>
  json({ error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'Run not found' }, { status: 404 });

/** What a server with these points in one run answers, a page of two at a time. */
function serverOf(points: readonly SourcePoint[]): Record<string, Answer> {
  const wire = (value: number) => (Number.isFinite(value) ? value : String(value));
  return {
    'runs/get': ({ url }) =>
      url.searchParams.get('run_id') === 'r1'
        ? json(infoOf([...new Set(points.map(({ name }) => name))]))
        : noRun(),
    'metrics/get-history': ({ url }) => {
      const mine = points.filter(({ name }) => name === url.searchParams.get('metric_key'));
      const from = Number(url.searchParams.get('page_token') ?? 0);
      const metrics = mine.slice(from, from + 2).map(({ name, step, wallTime, value }) => ({
        key: name,
        step,
        timestamp: wallTime * 1000,
        value: wire(value),
      }));
      return json({ metrics, ...(from + 2 < mine.length ? { next_page_token: String(from + 2) } : {}) });
    },
  };
}

remoteSourceContract('MLflow as this project understands it', async (points) => {
  const { source } = made(serverOf(points));
  const down = () => Promise.reject(new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }));
  const secret = 'geheim-77';
  const refusing = { 'runs/get': () => json({ message: 'who?' }, { status: 401 }) };
  return {
    source,
    connection: 'tracking',
    request: run('r1'),
    missing: run('r2'),
    refused: { kind: 'sql', connection: 'tracking', query: 'select 1', parameters: [] },
    unreachable: made({ 'runs/get': down }).source,
    stranger: { source: made(refusing, { authorization: `Bearer ${secret}` }).source, secret },
  };
});

/** What the real server answered, by name of the file. */
function recorded(name: string): Response {
  const text = readFileSync(join(ROOT, `test/fixtures/mlflow/${name}.json`), 'utf8');
  const document = JSON.parse(text) as { status: number; text: string };
  return new Response(document.text, {
    status: document.status,
    headers: { 'content-type': 'application/json' },
  });
}

const RECORDED: Readonly<Record<string, Answer>> = {
  'runs/get': () => recorded('run'),
  'runs/search': () => recorded('search'),
  'experiments/get-by-name': () => recorded('experiment'),
  'metrics/get-history': ({ url: { searchParams } }) => {
    const key = searchParams.get('metric_key');
    if (key === 'loss') return recorded(searchParams.has('page_token') ? 'history-2' : 'history-1');
    return recorded({ grad_norm: 'history-nan', peak: 'history-infinity' }[key!] ?? 'history-none');
  },
};
const LOSSES = [0.9, 0.5, 0.4, 0.35, 0.3].map((value, step) => ({
  name: 'loss',
  step,
  wallTime: 1_700_000_000 + step,
  value,
}));

test('a real run is read with both pages of its history, NaN, and the infinity that its database has lost', async () => {
  const { source, asked } = made(RECORDED);
  const { points, notes } = await source.read(run('any'));
  expect(points.filter(({ name }) => name === 'loss')).toEqual(LOSSES);
  expect(points.find(({ name }) => name === 'grad_norm')?.value).toBeNaN();
  expect(points.find(({ name }) => name === 'peak')?.value).toBe(Number.POSITIVE_INFINITY);
  expect(notes).toEqual([expect.stringMatching(/^MLflow's run "[0-9a-f]{32}" is "FAILED"$/)]);
  expect(
    asked.find(({ url }) => url.searchParams.has('page_token'))?.url.searchParams.get('page_token'),
  ).toBe('eyJvZmZzZXQiOiAzfQ==');
});

test('the newest run of an experiment that the filter lets through is asked for by name and filter', async () => {
  const { source, asked } = made(RECORDED);
  const request = {
    kind: 'mlflow',
    connection: 'tracking',
    experiment: 'Größe 1',
    filter: "tags.v = '2'",
  } as const;
  expect((await source.read(request)).points).toHaveLength(7);
  expect(asked[0]?.url.search).toBe('?experiment_name=Gr%C3%B6%C3%9Fe+1');
  expect(JSON.parse(String(asked[1]?.init.body))).toMatchObject({
    filter: "tags.v = '2'",
    order_by: ['attributes.start_time DESC'],
    max_results: 1,
  });
});

test.each([
  ['no-run', 'not-found', 'RESOURCE_DOES_NOT_EXIST: Run with id=none not found'],
  ['bad-filter', 'invalid', 'INVALID_PARAMETER_VALUE'],
])('what the real server says in %s is %s', async (name, code, words) => {
  const { source } = made({ 'runs/get': () => recorded(name) });
  await expect(source.read(run('none'))).rejects.toMatchObject({
    code,
    message: expect.stringContaining(words),
  });
});

test('points come in the order in which MLflow takes the last one, wherever they were logged', async () => {
  const at = (step: number, timestamp: number, value: number | string) => ({
    key: 'm',
    step,
    timestamp,
    value,
  });
  const metrics = [at(2, 5, 1), at(1, 9, 2), at(1, 3, 4), at(1, 3, 3), at(1, 3, 'NaN'), at(0, 0, 5)];
  const { source } = made({
    'runs/get': () => json(infoOf(['m'])),
    'metrics/get-history': () => json({ metrics }),
  });
  const { points } = await source.read(run('r1'));
  expect(points.map(({ value }) => value)).toEqual([5, Number.NaN, 3, 4, 2, 1]);
  expect(points[0]?.wallTime).toBeNaN();
});

test.each([
  ['RUNNING', 'is RUNNING still: what it logs from now on is not seen'],
  ['KILLED', 'is "KILLED"'],
])('a run that is %s is read with a note', async (status, words) => {
  const { source } = made({ 'runs/get': () => json(infoOf([], { status })) });
  expect(await source.read(run('r1'))).toEqual({
    values: [],
    points: [],
    notes: [`MLflow's run "r1" ${words}`],
  });
});

test('a run that was deleted is not there', async () => {
  const { source } = made({ 'runs/get': () => json(infoOf([], { lifecycle_stage: 'deleted' })) });
  await expect(source.read(run('r1'))).rejects.toMatchObject({
    code: 'not-found',
    message: 'Cannot read the run "r1" from the connection tracking: run "r1" was deleted',
  });
});

test.each<[string, Answer, string, string]>([
  ['nothing of the kind', () => json([]), 'invalid', 'the answer is not what MLflow gives'],
  ['null', () => json(null), 'invalid', 'the answer is not what MLflow gives'],
  ['metrics that are none', () => json({ metrics: { loss: 1 } }), 'invalid', 'not what MLflow gives'],
  [
    'a value that is a word',
    () => json({ metrics: [{ value: 'many' }] }),
    'invalid',
    'not what MLflow gives',
  ],
  [
    'a step without end',
    () => new Response('{"metrics":[{"value":1,"timestamp":1,"step":1e999}]}'),
    'invalid',
    'not what MLflow gives',
  ],
  [
    'the page of a login',
    () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
    'invalid',
    'no JSON',
  ],
  [
    'half an answer',
    () =>
      json({}, {})
        .text()
        .then((text) => new Response(text.slice(0, 1), { headers: { 'content-type': 'application/json' } })),
    'unavailable',
    'cut or no JSON',
  ],
  ['a 404 that is not of MLflow', () => new Response('nginx', { status: 404 }), 'invalid', 'answered 404'],
  ['503', () => new Response('', { status: 503 }), 'unavailable', 'answered 503'],
  ['403', () => json({}, { status: 403 }), 'denied', 'whoever the token belongs to may not read it'],
  ['401', () => json({}, { status: 401 }), 'denied', 'check the credentials'],
])('a history that is %s is told', async (_what, history, code, words) => {
  const { source } = made({ 'runs/get': () => json(infoOf(['m'])), 'metrics/get-history': history });
  await expect(source.read(run('r1'))).rejects.toMatchObject({
    code,
    message: expect.stringContaining(words),
  });
});

test('a redirect is not followed, so that no other host sees the token', async () => {
  const elsewhere = () => new Response(null, { status: 302, headers: { location: 'https://evil.test/' } });
  const { source, asked } = made({ 'runs/get': elsewhere }, { authorization: 'Bearer geheim' });
  await expect(source.read(run('r1'))).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining('answered 302 and points elsewhere, which is not followed'),
  });
  expect(asked).toHaveLength(1);
});

test('an answer without end is given up', async () => {
  const piece = new Uint8Array(1 << 20).fill(32);
  const endless = () => new Response(new ReadableStream({ pull: (to) => to.enqueue(piece) }));
  await expect(made({ 'runs/get': endless }).source.read(run('r1'))).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining('longer than 33554432 bytes'),
  });
});

test('pages without end, metrics without number and points without number are given up', async () => {
  const full = { metrics: Array.from({ length: 20_000 }, () => ({ value: 1, timestamp: 1, step: 1 })) };
  const given = (keys: readonly string[], history: unknown) =>
    made({ 'runs/get': () => json(infoOf(keys)), 'metrics/get-history': () => json(history) }).source.read(
      run('r1'),
    );
  await expect(given(['m'], { metrics: [], next_page_token: 'on' })).rejects.toThrow('does not end');
  await expect(given(['m'], { ...full, next_page_token: 'on' })).rejects.toThrow('more than 1000000 points');
  const many = Array.from({ length: 2001 }, (_, at) => `m${at}`);
  await expect(given(many, { metrics: [] })).rejects.toThrow('it has 2001 metrics; 2000 are the most');
});

test('a server that takes its time at every page is left in the end', async () => {
  let now = 0;
  const slow = {
    'runs/get': () => json(infoOf(['m'])),
    'metrics/get-history': () => json({ next_page_token: 'on' }),
  };
  const { source } = made(slow, { clock: () => (now += 10_000) });
  await expect(source.read(run('r1'))).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('it took longer than 120 s'),
  });
});

test('busy once is tried again', async () => {
  let times = 0;
  const { source } = made({
    'runs/get': () => (++times === 1 ? new Response('', { status: 429 }) : json(infoOf([]))),
  });
  expect((await source.read(run('r1'))).points).toEqual([]);
  expect(times).toBe(2);
});

test.each<[string, Answer, string, string]>([
  ['has experiments', () => json({ experiments: [{}] }), 'ok', 'answers, and has experiments'],
  ['shows none', () => json({}), 'note', 'shows no experiment'],
  ['refuses', () => json({}, { status: 401 }), 'bad', 'check the token or password of the connection'],
  ['is none', () => new Response('hello'), 'bad', 'no JSON'],
])('doctor: a server that %s', async (_what, answer, state, words) => {
  const { options } = made({ 'experiments/search': answer });
  expect(await mlflowChecks(options)).toEqual([
    { what: 'connection tracking', state, detail: expect.stringContaining(words) },
  ]);
});
