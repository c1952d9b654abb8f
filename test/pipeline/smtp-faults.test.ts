import { createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { memoryHistory } from '../../shared/adapters/memory/history.ts';
import { type SmtpOptions, smtpMailer } from '../../shared/adapters/smtp/mailer.ts';
import type { Ports } from '../../shared/pipeline/context.ts';
import { sendMails } from '../../shared/pipeline/send-mails.ts';
import { MAIL_STATUSES, type OutboxEntry } from '../../shared/ports/history.ts';
import { day, entry } from '../support/history-rows.ts';
import { TEST_CERTIFICATE } from '../support/smtp-certificate.ts';
import { type SmtpScript, startSmtpServer } from '../support/smtp-server.ts';
import { keptLog, settingsOf } from '../support/world.ts';

const LOGIN = { user: 'alerts@example.com', password: 'p4ss word/ä' };

type Options = Partial<SmtpOptions> & { readonly host?: string };

/** An outbox with some mails, its way out through a real server, and passes over it. */
async function stage(url: string, options: Omit<Options, 'host'>, names: readonly string[]) {
  const history = memoryHistory();
  const entries = names.map((name): OutboxEntry => {
    const one = entry(`${name.padEnd(8, '0')}`, { address: `${name}@example.com`, alertIds: [name] });
    return { ...one, mail: { ...one.mail, to: [one.address] } };
  });
  await history.addMails(entries, {});
  const log = keptLog();
  const settings = settingsOf({}, { policy: { fallback: ['boss@example.com'] } });
  const pass = async (hours = 0) => {
    const mailer = smtpMailer({ url, ...options });
    const ports = {
      history,
      mailer,
      log,
      clock: { now: () => day(1) + hours * 3_600_000 },
    } as unknown as Ports;
    await sendMails(ports, settings);
    await mailer.close();
    const rows = await history.mails(MAIL_STATUSES);
    return rows.map(({ address, status }) => `${address.split('@')[0]} ${status}`).sort();
  };
  const details = async () => (await history.mails(MAIL_STATUSES)).map(({ detail }) => detail ?? '');
  return { pass, details, log };
}

async function withServer(
  script: SmtpScript,
  { host = '127.0.0.1', ...rest }: Options = {},
  names = ['ann', 'bob'],
) {
  const server = await startSmtpServer(script);
  onTestFinished(server.close);
  const user = script.login === undefined ? '' : `${encodeURIComponent(script.login.user)}@`;
  const url = `${script.tls === 'implicit' ? 'smtps' : 'smtp'}://${user}${host}:${server.port}`;
  return { server, ...(await stage(url, rest, names)) };
}

describe('a way out that is closed keeps everything, and says why', () => {
  // 0.0.0.0 is this machine by another name than its loopback's: as any other machine it has to encrypt.
  test.each([
    [
      'the password is refused',
      { tls: 'starttls', login: LOGIN, words: 'no such login' },
      { password: 'old', tls: { ca: TEST_CERTIFICATE }, host: '0.0.0.0' },
      /no such login/,
    ],
    ['there is no STARTTLS', { tls: 'none' }, { host: '0.0.0.0' }, /STARTTLS/],
    ['the certificate is of nobody', { tls: 'starttls' }, { host: '0.0.0.0' }, /certificate/],
    ['the certificate of smtps is of nobody', { tls: 'implicit' }, {}, /certificate/],
  ] as const)('%s', async (_, script, options, why) => {
    const { server, pass, details, log } = await withServer(script, options);
    expect(await pass()).toEqual(['ann pending', 'bob pending']);
    expect((await details())[0]).toMatch(why);
    expect(log.words.map(({ message }) => message).join('\n')).toMatch(why);
    expect(server.received).toEqual([]);
    // Also after days: nothing is given up for a password that was changed.
    expect(await pass(72)).toEqual(['ann pending', 'bob pending']);
  });

  test('nobody listens', async () => {
    const { pass, details } = await stage('smtp://127.0.0.1:1', {}, ['ann']);
    expect(await pass()).toEqual(['ann pending']);
    expect((await details())[0]).toMatch(/ECONNREFUSED/);
  });
});

test('a server that offers no STARTTLS hears nothing of the mail, the login or the password', async () => {
  let heard = '';
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.write('220 plain.example.com ESMTP\r\n');
    socket.on('data', (bytes) => {
      heard += bytes.toString('latin1');
      socket.write(
        /^EHLO/m.test(bytes.toString('latin1'))
          ? '250-plain.example.com\r\n250 AUTH PLAIN LOGIN\r\n'
          : '250 ok\r\n',
      );
    });
  }).listen(0, '0.0.0.0');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const url = `smtp://${encodeURIComponent(LOGIN.user)}@0.0.0.0:${port}`;
  const { pass } = await stage(url, { password: LOGIN.password }, ['ann']);
  expect(await pass()).toEqual(['ann pending']);
  expect(heard).toMatch(/^EHLO /);
  expect(heard).not.toMatch(/AUTH|MAIL|RCPT|DATA|ann|alerts|loss/i);
  expect(heard).not.toContain(Buffer.from(LOGIN.password).toString('base64').slice(0, 8));
});

describe('a server that answers', () => {
  test('after a login over STARTTLS gets each mail once', async () => {
    const script = { tls: 'starttls', login: LOGIN } as const;
    const { server, pass } = await withServer(script, {
      password: LOGIN.password,
      tls: { ca: TEST_CERTIFICATE },
      host: '0.0.0.0',
    });
    expect(await pass()).toEqual(['ann sent', 'bob sent']);
    expect(await pass()).toEqual(['ann sent', 'bob sent']);
    expect(server.received.map(({ to }) => to)).toEqual([['ann@example.com'], ['bob@example.com']]);
  });

  test('4xx first and 5xx then: what failed goes to the fallback', async () => {
    const script: SmtpScript = { data: (_, index) => [451, 451, 554, null][index] ?? null };
    const { pass, server } = await withServer(script, {}, ['ann', 'bob']);
    expect(await pass()).toEqual(['ann pending', 'bob pending']);
    expect(await pass(1)).toEqual(['ann failed', 'bob sent', 'boss sent']);
    const raw = server.received.map((mail) => mail.raw.toString('latin1'));
    // The same bytes, however often it was tried.
    expect(raw[2]).toBe(raw[0]);
    expect(raw[4]).toContain('This could not be delivered to ann@example.com');
  });

  test('5xx to one recipient keeps no other from his mail', async () => {
    const { pass, server } = await withServer({
      recipient: (address) => (address.startsWith('ann') ? 550 : null),
    });
    expect(await pass()).toEqual(['ann failed', 'bob sent', 'boss sent']);
    expect(server.received.map(({ to }) => to)).toEqual([['bob@example.com'], ['boss@example.com']]);
  });

  test('4xx to one recipient: he alone is tried again, with the same bytes', async () => {
    let greylisted = true;
    const recipient = (address: string) => (address.startsWith('ann') && greylisted ? 450 : null);
    const { pass, server } = await withServer({ recipient });
    expect(await pass()).toEqual(['ann pending', 'bob sent']);
    greylisted = false;
    expect(await pass(1)).toEqual(['ann sent', 'bob sent']);
    expect(server.received).toHaveLength(2);
  });

  test('with a hang: the mail waits, is tried once more, and the rest of the outbox with it', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    const { pass } = await stage(`smtp://127.0.0.1:${port}`, { timeouts: { greeting: 100 } }, ['ann', 'bob']);
    expect(await pass()).toEqual(['ann pending', 'bob pending']);
  });

  test('by hanging up behind DATA: the same bytes come once more, and then no more', async () => {
    const { pass, server, details } = await withServer({ data: 'drop' }, {}, ['ann']);
    expect(await pass()).toEqual(['ann uncertain']);
    expect(await pass(1)).toEqual(['ann uncertain']);
    expect(await pass(2)).toEqual(['ann uncertain']);
    expect(server.received).toHaveLength(2);
    expect(server.received[1]!.raw.equals(server.received[0]!.raw)).toBe(true);
    expect((await details())[0]).not.toBe('');
  });
});
