import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { TEST_CERTIFICATE } from '../../../test/support/smtp-certificate.ts';
import { type SmtpScript, startSmtpServer } from '../../../test/support/smtp-server.ts';
import { type SmtpCheckOptions, smtpChecks } from './check.ts';

const LOGIN = { user: 'alerts@example.com', password: 'p4ss word/ä' };
const from = 'tidemark@example.com';

/** The one line on a scripted server; `host` 0.0.0.0 is this machine by another name than its loopback's. */
async function checked(script: SmtpScript, options: Partial<SmtpCheckOptions> & { host?: string } = {}) {
  const { host = '127.0.0.1', ...rest } = options;
  const server = await startSmtpServer(script);
  onTestFinished(server.close);
  const user = script.login === undefined ? '' : `${encodeURIComponent(script.login.user)}@`;
  const url = `${script.tls === 'implicit' ? 'smtps' : 'smtp'}://${user}${host}:${server.port}`;
  const [check, ...more] = await smtpChecks({ url, from, ...rest });
  expect(more).toEqual([]);
  expect(server.received).toEqual([]);
  return check!;
}

const trusted = { tls: { ca: TEST_CERTIFICATE }, host: '0.0.0.0' };

test('a login over STARTTLS is fine, and nothing was sent', async () => {
  const check = await checked({ tls: 'starttls', login: LOGIN }, { ...trusted, password: LOGIN.password });
  expect(check).toMatchObject({
    state: 'ok',
    detail: expect.stringMatching(/login of alerts@.*from tidemark@/),
  });
});

test('so is a server on this machine that asks for nothing', async () => {
  expect(await checked({})).toMatchObject({ state: 'ok', detail: expect.stringContaining('no login') });
});

test('a wrong password is bad, and is not repeated', async () => {
  const words = `wrong, ${Buffer.from('other word').toString('base64')} and other word`;
  const check = await checked(
    { tls: 'starttls', login: LOGIN, words },
    { ...trusted, password: 'other word' },
  );
  expect(check).toMatchObject({ state: 'bad', detail: expect.stringContaining('login is not accepted') });
  expect(check.detail).not.toContain('other word');
  expect(check.detail).not.toContain(Buffer.from('other word').toString('base64'));
});

test('a user without a password is a note', async () => {
  const check = await checked({ tls: 'starttls', login: LOGIN }, trusted);
  expect(check).toMatchObject({
    state: 'note',
    detail: expect.stringContaining('TIDEMARK_SMTP_PASSWORD_FILE'),
  });
});

test('a server that does not encrypt is bad', async () => {
  const check = await checked({ tls: 'none' }, { host: '0.0.0.0' });
  expect(check).toMatchObject({ state: 'bad', detail: expect.stringContaining('encrypt') });
});

test('a certificate that nobody signed is bad', async () => {
  const check = await checked({ tls: 'implicit' }, { host: '0.0.0.0' });
  expect(check).toMatchObject({
    state: 'bad',
    detail: expect.stringContaining('certificate is not trusted'),
  });
});

test('nobody who listens is bad', async () => {
  const [check] = await smtpChecks({ url: 'smtp://127.0.0.1:1', from });
  expect(check).toMatchObject({ state: 'bad', detail: expect.stringContaining('out of reach') });
});

test('a server that says nothing is given up', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as { port: number };
  const [check] = await smtpChecks({ url: `smtp://127.0.0.1:${port}`, from, timeouts: { total: 50 } });
  expect(check).toMatchObject({ state: 'bad', detail: expect.stringContaining('no end within 50 ms') });
});

test('a URL with a password in it is bad, and is not repeated', async () => {
  const [check] = await smtpChecks({ url: 'smtp://a:geheim@mail.example.com:587', from });
  expect(check).toMatchObject({ state: 'bad', detail: expect.stringContaining('holds a password') });
  expect(JSON.stringify(check)).not.toContain('geheim');
});
