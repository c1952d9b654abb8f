import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MAIL, mailerContract } from '../../../test/contracts/mailer.ts';
import { TEST_CERTIFICATE } from '../../../test/support/smtp-certificate.ts';
import { type SmtpScript, startSmtpServer } from '../../../test/support/smtp-server.ts';
import { type SmtpOptions, smtpMailer } from './mailer.ts';

const LOGIN = { user: 'alerts@example.com', password: 'p4ss word/ä' };

/** A scripted server and a mailer for it; `host` 0.0.0.0 reaches this machine without being its loopback name. */
async function start(script: SmtpScript, options: Partial<SmtpOptions> & { host?: string } = {}) {
  const { host = '127.0.0.1', ...rest } = options;
  const server = await startSmtpServer(script);
  onTestFinished(server.close);
  const user = script.login === undefined ? '' : `${encodeURIComponent(script.login.user)}@`;
  const url = `${script.tls === 'implicit' ? 'smtps' : 'smtp'}://${user}${host}:${server.port}`;
  const mailer = smtpMailer({ url, ...rest });
  onTestFinished(() => mailer.close());
  return { server, mailer };
}

mailerContract('smtp', async () => {
  const { server, mailer } = await start({ tls: 'starttls' });
  return { mailer, arrived: async () => server.received.map(({ raw }) => raw), keepsCopies: true };
});

describe('a mail arrives', () => {
  test('after a login over STARTTLS with a certificate that is trusted', async () => {
    const trusted = { password: LOGIN.password, tls: { ca: TEST_CERTIFICATE }, host: '0.0.0.0' };
    const { server, mailer } = await start({ tls: 'starttls', login: LOGIN }, trusted);
    expect(await mailer.send(MAIL)).toMatchObject({ kind: 'sent', refused: [] });
    expect(server.received).toMatchObject([{ from: MAIL.from, to: MAIL.to }]);
  });

  test('over smtps', async () => {
    const { server, mailer } = await start({ tls: 'implicit' }, { tls: { ca: TEST_CERTIFICATE } });
    expect((await mailer.send(MAIL)).kind).toBe('sent');
    expect(server.received).toHaveLength(1);
  });

  test('in plain text on this machine, and with a certificate nobody signed', async () => {
    for (const tls of ['none', 'starttls'] as const) {
      const { mailer } = await start({ tls });
      expect((await mailer.send(MAIL)).kind).toBe('sent');
    }
  });

  test('without its pictures, where it is too large with them', async () => {
    const picture = {
      cid: 'chart@example.com',
      filename: 'chart-1.png',
      contentType: 'image/png',
      content: 'A'.repeat(40_000),
    };
    const { server, mailer } = await start({ data: (raw) => (raw.length > 40_000 ? 552 : null) });
    expect((await mailer.send({ ...MAIL, attachments: [picture] })).kind).toBe('sent');
    const [whole, lean] = server.received.map(({ raw }) => raw.toString('latin1'));
    expect([whole!.includes('image/png'), lean!.includes('image/png')]).toEqual([true, false]);
    const id = /^Message-ID: .*$/im;
    expect(id.exec(lean!)?.[0]).toBe(id.exec(whole!)?.[0]);
  });

  test('for those who were not refused', async () => {
    const recipient = (address: string) => (address === MAIL.to[0] ? 550 : null);
    const { server, mailer } = await start({ recipient, words: 'no such user' });
    expect(await mailer.send(MAIL)).toMatchObject({
      kind: 'sent',
      refused: [MAIL.to[0]],
      detail: expect.stringContaining('no such user'),
    });
    expect(server.received[0]?.to).toEqual([MAIL.to[1]]);
  });
});

describe('a mail surely did not go, and may later', () => {
  type Case = [string, SmtpScript, (Partial<SmtpOptions> & { host?: string })?];
  const retry: Case[] = [
    ['every recipient is put off', { recipient: () => 450 }],
    ['the message is put off', { data: 451 }],
  ];
  const unreachable: Case[] = [
    ['the password is wrong', { login: LOGIN }, { password: 'old' }],
    ['a login is wanted and there is no password', { login: LOGIN }],
    ['the certificate is not trusted', { tls: 'implicit' }],
    ['the certificate of STARTTLS is not trusted', { tls: 'starttls' }, { host: '0.0.0.0' }],
    ['the server of another machine offers no encryption', { tls: 'none' }, { host: '0.0.0.0' }],
  ];
  const cases = [
    ...retry.map(([when, script, options]) => ({ kind: 'retry', when, script, options })),
    ...unreachable.map(([when, script, options]) => ({ kind: 'unreachable', when, script, options })),
  ];
  test.each(cases)('$kind, when $when', async ({ kind, script, options = {} }) => {
    const { server, mailer } = await start(script, options);
    const result = await mailer.send(MAIL);
    expect(result.kind).toBe(kind);
    expect(result.detail).not.toBe('');
    // A 451 is an answer to a message that the server has read.
    if (script.data === undefined) expect(server.received).toEqual([]);
  });

  test('when nobody listens, nor would any other mail', async () => {
    const server = await startSmtpServer();
    await server.close();
    expect(await smtpMailer({ url: `smtp://127.0.0.1:${server.port}` }).send(MAIL)).toMatchObject({
      kind: 'unreachable',
    });
  });

  test('when the server takes the connection and says nothing, nor would any other mail', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    const mailer = smtpMailer({ url: `smtp://127.0.0.1:${port}`, timeouts: { greeting: 150 } });
    expect(await mailer.send(MAIL)).toMatchObject({ kind: 'unreachable' });
  });

  test('when the mailer was closed', async () => {
    const { server, mailer } = await start({});
    await mailer.close();
    expect((await mailer.send(MAIL)).kind).toBe('retry');
    expect(server.received).toEqual([]);
  });
});

describe('a mail never goes', () => {
  test.each([
    ['every recipient is refused', { recipient: () => 550 }],
    ['the message is refused', { data: 554 }],
    ['the message is too large', { data: 552 }],
  ] satisfies [string, SmtpScript][])('when %s', async (_, script) => {
    const { mailer } = await start({ ...script, words: 'because' });
    expect(await mailer.send(MAIL)).toMatchObject({
      kind: 'failed',
      detail: expect.stringContaining('because'),
    });
  });

  test('to more than 50 recipients', async () => {
    const { server, mailer } = await start({});
    const to = Array.from({ length: 51 }, (_, index) => `p${index}@example.com`);
    expect((await mailer.send({ ...MAIL, to })).kind).toBe('failed');
    expect(server.received).toEqual([]);
    expect((await mailer.send({ ...MAIL, to: to.slice(1) })).kind).toBe('sent');
  });
});

describe('nobody knows whether a mail went', () => {
  test('when the connection breaks after the message', async () => {
    const { server, mailer } = await start({ data: 'drop' });
    expect((await mailer.send(MAIL)).kind).toBe('uncertain');
    expect(server.received).toHaveLength(1);
  });

  test.each(['idle', 'total'] as const)(
    'when the server is silent after the message, by the %s time',
    async (which) => {
      const { server, mailer } = await start({ data: 'silence' }, { timeouts: { [which]: 600 } });
      expect((await mailer.send(MAIL)).kind).toBe('uncertain');
      expect(server.received).toHaveLength(1);
    },
  );
});

test('the password stands in no result, even if the server repeats it', async () => {
  const password = 'hunter2 secret';
  const echo = `bad ${password} ${Buffer.from(`\0${LOGIN.user}\0${password}`).toString('base64')}`;
  const { mailer } = await start({ login: LOGIN, words: echo }, { password });
  const result = await mailer.send(MAIL);
  expect(result).toMatchObject({ kind: 'unreachable', detail: expect.stringContaining('***') });
  expect(JSON.stringify(result)).not.toContain('hunter2');
  expect(JSON.stringify(result)).not.toContain(Buffer.from(password).toString('base64').slice(4, 14));
});
