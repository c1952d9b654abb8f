import { describe, expect, test } from 'vitest';
import { readSettings } from './settings.ts';

const POD = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
const MOUNTED = '/var/run/secrets/kubernetes.io/serviceaccount';

describe('settings', () => {
  test('of a pod need nothing said', () => {
    expect(readSettings([], POD)).toEqual({
      cluster: null,
      namespaces: [],
      label: 'benchmarkId',
      queue: undefined,
      state: null,
      port: 8080,
      endpoint: 'https://10.0.0.1:443',
      tokenFile: `${MOUNTED}/token`,
      caFile: `${MOUNTED}/ca.crt`,
    });
    expect(readSettings([], { KUBERNETES_SERVICE_HOST: 'fd00::1' })!.endpoint).toBe('https://[fd00::1]:443');
  });

  test('come from flags over the environment', () => {
    const env = {
      ...POD,
      CLUSTER: 'one',
      TIDEMARK_WATCH_NAMESPACES: 'a, b,,a',
      TIDEMARK_WATCH_LABEL: 'team/test',
      TIDEMARK_QUEUE: 'pubsub://p/t',
      TIDEMARK_STATE: '/state',
      TIDEMARK_WATCH_PORT: '0',
    };
    expect(readSettings([], env)).toMatchObject({
      cluster: 'one',
      namespaces: ['a', 'b'],
      label: 'team/test',
      queue: 'pubsub://p/t',
      state: '/state',
      port: 0,
    });
    const flags = [
      '--cluster',
      'two',
      '--namespace',
      'c',
      '--namespace',
      'd',
      '--label',
      'x',
      '--queue',
      'spool:q',
    ];
    expect(readSettings([...flags, '--port', '9', '--state', 's'], env)).toMatchObject({
      cluster: 'two',
      namespaces: ['c', 'd'],
      label: 'x',
      queue: 'spool:q',
      state: 's',
      port: 9,
    });
  });

  test('of another API server do not show it the token of the pod', () => {
    const other = readSettings(['--endpoint', 'https://elsewhere:6443'], POD);
    expect(other).toMatchObject({ endpoint: 'https://elsewhere:6443', tokenFile: null, caFile: null });
    const given = ['--endpoint', 'https://elsewhere', '--token-file', 't', '--ca-file', 'c'];
    expect(readSettings(given, POD)).toMatchObject({ tokenFile: 't', caFile: 'c' });
  });

  test('may be asked for', () => {
    expect(readSettings(['--help'], {})).toBeNull();
  });

  test.each<[string, readonly string[], object, RegExp]>([
    [
      'a namespace that is a path',
      ['--namespace', '../..'],
      POD,
      /^Cannot watch namespace "..\/..": it is not the name/,
    ],
    ['a label that is none', ['--label', 'a b'], POD, /^Cannot use label "a b"/],
    [
      'a port that is none',
      ['--port', '80a'],
      POD,
      /^Cannot listen on port "80a": wanted a number from 0 to 65535$/,
    ],
    ['no API server', [], {}, /^Cannot tell where the API server is: .*--endpoint/],
    [
      'an API server in plain text',
      ['--endpoint', 'http://example.com'],
      {},
      /^Cannot use endpoint "http:\/\/example.com"/,
    ],
    ['a flag that is none', ['--nmespace', 'a'], POD, /--nmespace/],
    ['several mistakes at once', ['--label', '', '--port=-1'], {}, /label[\s\S]*port[\s\S]*API server/],
  ])('%s is refused', (_, flags, env, words) => {
    expect(() => readSettings(flags, env as Record<string, string>)).toThrow(words);
  });
});
