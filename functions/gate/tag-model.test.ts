import { expect, onTestFinished, test } from 'vitest';
import { modelServer } from '../../test/support/model-server.ts';
import type { Kept } from './handler.ts';
import { modelTagger } from './tag-model.ts';

type Word = Kept['data']['verdict'];

/** What of a verdict is looked at. */
const decided = (verdict: Word, version = '2', test = 'load') =>
  ({ data: { test_name: test, version, verdict } }) as unknown as Kept;

async function tagger({ connection = 'tracking', env = {} }: { connection?: string; env?: object } = {}) {
  const server = await modelServer({ model: 'food', versions: ['2', '3'] });
  onTestFinished(server.close);
  const warned: string[] = [];
  const tag = modelTagger({
    tests: new Map([
      ['load', { mlflow_model: { connection, model: 'food' } }],
      ['other', {}],
    ]),
    connections: new Map([
      ['tracking', `mlflow+${server.url}`],
      ['warehouse', 'postgres://reader@127.0.0.1:1/db'],
    ]),
    env: { ...env },
    warn: (sentence) => void warned.push(sentence),
  });
  const words = () => server.set.map(({ version, value }) => `${version}: ${value}`);
  return { server, warned, tag, words };
}

test('every answer but pending is told, once until there is another about the version', async () => {
  const { tag, words, warned, server } = await tagger();
  await Promise.all([tag(decided('pass')), tag(decided('pass')), tag(decided('pass'))]);
  for (const verdict of ['pending', 'pass', 'fail', 'inconclusive', 'inconclusive', 'pass'] as const)
    await tag(decided(verdict));
  await tag(decided('fail', '3'));
  expect(words()).toEqual(['2: pass', '2: fail', '2: inconclusive', '2: pass', '3: fail']);
  expect(server.asked).toHaveLength(10);
  expect(warned).toEqual([]);
});

test('a test that names no model, and one that nobody knows, tell nothing', async () => {
  const { tag, server, warned } = await tagger();
  await tag(decided('pass', '2', 'other'));
  await tag(decided('pass', '2', 'unknown'));
  expect([server.asked, warned]).toEqual([[], []]);
});

test('what could not be told is a warning, and is told with the next answer', async () => {
  const { tag, words, warned, server } = await tagger();
  server.answerWith({ status: 503, body: '' });
  await tag(decided('fail'));
  expect(warned).toEqual([
    'MLflow was not told of a verdict: Cannot tag version "2" of the model "food" at the connection tracking: the server answered 503',
  ]);
  server.answerWith(null);
  await tag(decided('fail'));
  expect(words()).toEqual(['2: fail']);
  expect(warned).toHaveLength(1);
});

test.each([
  ['a version that is no number', decided('pass', 'v2'), {}, "MLflow's versions are numbers"],
  ['a database', decided('pass'), { connection: 'warehouse' }, 'warehouse is no server of MLflow'],
  ['no connection', decided('pass'), { connection: 'none' }, 'none is no server of MLflow'],
  [
    'a secret whose file is not there',
    decided('pass'),
    { env: { TIDEMARK_CONNECTION_TRACKING_TOKEN_FILE: '/nowhere/token' } },
    'Cannot read TIDEMARK_CONNECTION_TRACKING_TOKEN_FILE',
  ],
])('%s is a warning', async (_what, verdict, given, sentence) => {
  const { tag, warned, words } = await tagger(given);
  await tag(verdict);
  expect(warned).toEqual([expect.stringContaining(sentence)]);
  expect(words()).toEqual([]);
});
