import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TEST_CERTIFICATE, TEST_KEY } from '../../../test/support/smtp-certificate.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { PortError } from '../../ports/error.ts';
import { kubeconfigAccess } from './kubeconfig.ts';

const folder = temporaryFolder();
const path = join(folder, 'kubeconfig');
const base64 = (text: string) => Buffer.from(text).toString('base64');

type Entry = Readonly<Record<string, unknown>>;

function kubeconfig(cluster: Entry, user: Entry, more: Entry = {}) {
  return {
    clusters: [
      { name: 'far', cluster: { server: 'https://far.example.com' } },
      { name: 'near', cluster: { server: 'https://near.example.com:6443', ...cluster } },
    ],
    users: [{ name: 'me', user }],
    contexts: [
      { name: 'there', context: { cluster: 'far', user: 'me' } },
      { name: 'here', context: { cluster: 'near', user: 'me' } },
    ],
    'current-context': 'here',
    ...more,
  };
}

const open = (content: unknown, context: string | null = null) =>
  kubeconfigAccess({ path, content, context });

describe('a kubeconfig gives', () => {
  test('the server and token of its current context, or of the one named', async () => {
    const content = kubeconfig({}, { token: 't0ken' });
    const access = await open(content);
    expect(access.endpoint.href).toBe('https://near.example.com:6443/');
    expect(await access.credentials.token()).toBe('t0ken');
    expect((await open(content, 'there')).endpoint.href).toBe('https://far.example.com/');
  });

  test('certificates and keys, in the file or beside it', async () => {
    writeFileSync(join(folder, 'ca.crt'), TEST_CERTIFICATE);
    const cluster = { 'certificate-authority': 'ca.crt', 'tls-server-name': 'inner.example.com' };
    const user = {
      'client-certificate-data': base64(TEST_CERTIFICATE),
      'client-key-data': base64(TEST_KEY),
    };
    const access = await open(kubeconfig(cluster, user));
    expect(access).toMatchObject({
      ca: TEST_CERTIFICATE,
      cert: TEST_CERTIFICATE,
      key: TEST_KEY,
      servername: 'inner.example.com',
    });
    expect(await access.credentials.token()).toBeNull();
  });

  test('a token file before a token, relative to itself', async () => {
    writeFileSync(join(folder, 'token'), 'from-file\n');
    const access = await open(kubeconfig({}, { token: 'old', tokenFile: 'token' }));
    expect(await access.credentials.token()).toBe('from-file');
  });
});

const GOOD = kubeconfig({}, { token: 't' });
test.each<[string, unknown, RegExp]>([
  ['a text', 'hello', /is not a kubeconfig/],
  ['nothing', null, /is not a kubeconfig/],
  ['no current context', { ...GOOD, 'current-context': '' }, /has no current-context: name one/],
  ['a context that is not there', { ...GOOD, 'current-context': 'x' }, /has no context "x"/],
  ['contexts that are no list', { ...GOOD, contexts: 7 }, /has no context "here"/],
  ['no cluster', { ...GOOD, clusters: [] }, /has no cluster for context "here"/],
  ['no user', { ...GOOD, users: [null] }, /has no user for context "here"/],
  ['plain HTTP', kubeconfig({ server: 'http://near.example.com' }, {}), /has no server .* https:/],
  ['a server with a password', kubeconfig({ server: 'https://a:b@near.example.com' }, {}), /has no server/],
  ['certificates that are not checked', kubeconfig({ 'insecure-skip-tls-verify': true }, {}), /not to check/],
  ['a proxy', kubeconfig({ 'proxy-url': 'http://p' }, {}), /goes through a proxy/],
  [
    'a program to run',
    kubeconfig({}, { exec: { command: 'rm' } }),
    /program to run \(exec\): use token_file/,
  ],
  ['an auth-provider', kubeconfig({}, { 'auth-provider': {} }), /logs in by an auth-provider/],
  ['a password', kubeconfig({}, { username: 'u', password: 'p4ss' }), /logs in by a user name and password/],
  ['a certificate that is not there', kubeconfig({ 'certificate-authority': 'gone' }, {}), /gone": ENOENT/],
])('refused: %s', async (_, content, words) => {
  const failure = await open(content).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(PortError);
  expect((failure as PortError).message).toMatch(words);
  expect((failure as PortError).message).not.toContain('p4ss');
});
