import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { MAIL, mailerContract } from '../../../test/contracts/mailer.ts';
import { ROOT } from '../../../test/support/repository.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../../../test/support/smtp-certificate.ts';
import { aiosmtpdPython, describeWith } from '../../../test/support/stand-ins.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { smtpMailer } from './mailer.ts';

const LOGIN = { user: 'alerts@example.com', password: 'p4ss word/ä' };

interface Taken {
  readonly from: string;
  readonly to: readonly string[];
  readonly content: string;
}

/** A server of another maker, that wants STARTTLS and a login. */
async function startServer(): Promise<{ readonly port: number; taken(): readonly Taken[] }> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'certificate.pem'), TEST_CERTIFICATE);
  writeFileSync(join(folder, 'key.pem'), TEST_KEY);
  const script = join(ROOT, 'test/support/aiosmtpd-server.py');
  const child = spawn(aiosmtpdPython(), [script, folder, LOGIN.user, LOGIN.password], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    child.kill();
    await once(child, 'exit');
  });
  const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const mails = () => readdirSync(folder).filter((name) => name.startsWith('mail-'));
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Taken;
  return { port: Number(port), taken: () => mails().sort().map(read) };
}

async function start(password: string | null) {
  const { port, taken } = await startServer();
  const user = password === null ? '' : `${encodeURIComponent(LOGIN.user)}@`;
  const mailer = smtpMailer({
    url: `smtp://${user}127.0.0.1:${port}`,
    ...(password === null ? {} : { password }),
    tls: { ca: TEST_CERTIFICATE },
  });
  onTestFinished(() => mailer.close());
  return { mailer, taken };
}

describeWith(['aiosmtpd'], 'a mail server of another maker', () => {
  mailerContract('smtp to aiosmtpd', async () => {
    const { mailer, taken } = await start(LOGIN.password);
    const arrived = async () => taken().map(({ content }) => Buffer.from(content, 'base64'));
    return { mailer, arrived, keepsCopies: true };
  });

  test('gets the envelope as it was meant', async () => {
    const { mailer, taken } = await start(LOGIN.password);
    expect((await mailer.send(MAIL)).kind).toBe('sent');
    expect(taken()).toMatchObject([{ from: MAIL.from, to: MAIL.to }]);
  });

  test.each([
    ['a wrong password', 'wrong', /535|auth/i],
    ['no login where one is wanted', null, /530|auth/i],
  ])('refuses %s, and the mail waits', async (_, password, said) => {
    const { mailer, taken } = await start(password);
    const result = await mailer.send(MAIL);
    expect(result.kind).not.toBe('sent');
    expect(result.detail).toMatch(said);
    expect(result.detail).not.toContain('wrong');
    expect(taken()).toEqual([]);
  });
});
