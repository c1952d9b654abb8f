import { describe, expect, onTestFinished, test } from 'vitest';
import { modelServer } from '../../../test/support/model-server.ts';
import { mlflowRegistry, type RegistryOptions } from './registry.ts';

const PASS = { model: 'food', version: '2', key: 'validation_status', value: 'pass' } as const;

async function made(more: Partial<RegistryOptions> = {}) {
  const server = await modelServer({ model: 'food', versions: ['1', '2'] });
  onTestFinished(server.close);
  const options = { name: 'tracking', url: server.url, authorization: null, ...more };
  return { server, registry: mlflowRegistry(options) };
}

describe('the tag of a version', () => {
  test('is set where it differs, and only there', async () => {
    const { server, registry } = await made();
    expect(await registry.tag(PASS)).toBe(true);
    expect(await registry.tag(PASS)).toBe(false);
    expect(await registry.tag({ ...PASS, value: 'fail' })).toBe(true);
    expect(server.set).toEqual([
      { name: 'food', version: '2', key: 'validation_status', value: 'pass' },
      { name: 'food', version: '2', key: 'validation_status', value: 'fail' },
    ]);
  });

  test('is not asked for where the version is no number of MLflow', async () => {
    const { server, registry } = await made();
    for (const version of ['1.5', 'v2', '0', '-1', '02', '2 ', '../2', "2' or 1=1", '9'.repeat(40)])
      await expect(registry.tag({ ...PASS, version })).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringContaining("MLflow's versions are numbers such as 3"),
      });
    expect(server.asked).toEqual([]);
  });

  test('goes to the model by its name, whatever is in it', async () => {
    const { server, registry } = await made();
    const model = 'a&version=9#/../ü';
    await expect(registry.tag({ ...PASS, model })).rejects.toMatchObject({ code: 'not-found' });
    expect(new URL(server.asked[0]!, server.url).searchParams.get('name')).toBe(model);
  });

  test.each([
    ['a version that is not there', {}, { ...PASS, version: '7' }, 'not-found'],
    ['no answer', { url: 'http://127.0.0.1:1' }, PASS, 'unavailable'],
  ] as const)('%s is told in one sentence', async (_what, more, wanted, code) => {
    const { registry } = await made(more);
    await expect(registry.tag(wanted)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(
        /^Cannot tag version "\d" of the model "food" at the connection tracking: /,
      ),
    });
  });

  test.each([
    ['a token that is refused', { status: 401, body: '{}' }, 'unavailable'],
    ['a right that is missing', { status: 403, body: '{}' }, 'denied'],
    ['a server that is ill', { status: 503, body: 'x' }, 'unavailable'],
    ['a redirect', { status: 307, body: '', location: 'http://127.0.0.1:1/' }, 'invalid'],
    ['the page of a login', { status: 200, body: '<html>' }, 'invalid'],
    ['an answer of something else', { status: 200, body: '[]' }, 'invalid'],
    ['tags that are none', { status: 200, body: '{"model_version":{"tags":{}}}' }, 'invalid'],
  ])('%s sets nothing, and no message has the token', async (_what, answer, code) => {
    const { server, registry } = await made({ authorization: 'Bearer geheim-77' });
    server.answerWith(answer);
    const error = await registry.tag(PASS).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain('geheim');
    expect(server.set).toEqual([]);
  });

  test('silence ends by itself', async () => {
    const { server, registry } = await made({ limits: { waitMs: 50, requestMs: 50 } });
    server.answerWith('nothing');
    await expect(registry.tag(PASS)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
