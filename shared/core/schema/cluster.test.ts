import { describe, expect, test } from 'vitest';
import { check } from '../problem.ts';
import { isEndpoint, isNamespace } from './cluster.ts';
import { ConfigFile } from './config.ts';

const PATH = 'clusters.c';

function problems(cluster: unknown): string[] {
  const checked = check(ConfigFile, { clusters: { c: cluster } });
  return checked.ok ? [] : checked.problems.map(({ path, message }) => `${path}: ${message}`);
}

describe('a cluster of the config', () => {
  test.each([
    [
      'by its endpoint and the Google account',
      { endpoint: 'https://x.us.gke.goog', auth: 'google', location: 'us' },
    ],
    ['by a token', { endpoint: 'https://10.0.0.1:6443', token_file: 't', ca_file: 'ca', namespaces: ['a'] }],
    ['by a kubeconfig', { kubeconfig: 'k', context: 'c', location: 'here' }],
    ['by a proxy on this machine', { endpoint: 'http://127.0.0.1:8001', auth: 'none' }],
    ['that is only named', null],
  ])('%s', (_, cluster) => expect(problems(cluster)).toEqual([]));

  const TWICE = 'wants one of auth: google, token_file and kubeconfig, to say as whom it is asked';
  test.each<[string, unknown, (string | RegExp)[]]>([
    ['nothing', {}, [`${PATH}: wants either an endpoint or a kubeconfig`, `${PATH}: ${TWICE}`]],
    [
      'two ways there',
      { endpoint: 'https://x', kubeconfig: 'k' },
      [`${PATH}: wants either an endpoint or a kubeconfig`],
    ],
    ['nobody who asks', { endpoint: 'https://x' }, [`${PATH}: ${TWICE}`]],
    ['two who ask', { endpoint: 'https://x', auth: 'google', token_file: 't' }, [`${PATH}: ${TWICE}`]],
    [
      'a misspelt key and a misspelt word',
      { endpont: 'https://x', auth: 'gogle' },
      [
        /^clusters\.c\.auth: must be one of google, none.*did you mean "google"/,
        `${PATH}.endpont: unknown key; did you mean "endpoint"?`,
        `${PATH}: wants either an endpoint or a kubeconfig`,
      ],
    ],
    [
      'a context of nothing',
      { endpoint: 'https://x', auth: 'google', context: 'c' },
      [/context: belongs to a kubeconfig/],
    ],
    [
      'an authority twice',
      { kubeconfig: 'k', ca_file: 'ca' },
      [`${PATH}.ca_file: comes from the kubeconfig`],
    ],
    [
      'a namespace that is a path',
      { kubeconfig: 'k', namespaces: ['a', '../b'] },
      [/namespaces\.1: is not the name of a namespace.*"\.\.\/b"/],
    ],
    ['no object', 'x', [`${PATH}: must be object: current value is "x"`]],
  ])('refused: %s', (_, cluster, expected) => {
    expect(problems(cluster)).toEqual(
      expected.map((one) => (typeof one === 'string' ? one : expect.stringMatching(one))),
    );
  });
});

test.each([
  'https://',
  'http://x',
  'http://127.0.0.1.example.com',
  'http://localhost.example.com',
  'https://a@x',
  'https://a:b@x',
  'https://x?a=1',
  'https://x#a',
  'https://x y',
  'https://x/%2e%2e',
  'ftp://x',
  '//x',
  'x',
  '',
])('no token goes to %j', (text) => expect(isEndpoint(text)).toBe(false));

test.each([
  'https://x',
  'https://X.example.com:443/v1/a-b/~c',
  'https://[::1]:6443',
  'http://[::1]',
  'http://localhost:8001/',
])('a token may go to %j', (text) => expect(isEndpoint(text) && URL.canParse(text)).toBe(true));

test('namespaces are names of one label', () => {
  expect(['a', 'a-b', '0', 'a'.repeat(63)].every(isNamespace)).toBe(true);
  expect(['', '-a', 'a-', 'A', 'a.b', 'a/b', 'a\n', 'a'.repeat(64)].some(isNamespace)).toBe(false);
});
