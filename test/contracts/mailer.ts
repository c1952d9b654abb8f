import PostalMime, { type Email } from 'postal-mime';
import { describe, expect, test } from 'vitest';
import type { MailAttachment } from '../../shared/core/mail.ts';
import type { Mail, Mailer } from '../../shared/ports/mailer.ts';

/** A mailer and what has come out at its other end. */
export interface MailerUnderTest {
  readonly mailer: Mailer;
  /** RFC 5322 bytes, oldest first; null where the adapter keeps no bytes and `sent` tells instead. */
  readonly arrived: (() => Promise<readonly Uint8Array[]>) | null;
  readonly sent?: () => readonly Mail[];
  /** Whether the same mail sent twice lies there twice, or once because it is the same file. */
  readonly keepsCopies: boolean;
}

/** An ordinary mail with everything that often goes wrong: accents, emoji, long lines, dots, quoted-printable. */
export const MAIL: Mail = {
  key: '5f2b8c1d9e4a7f60b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0',
  from: 'tidemark@alerts.example.com',
  to: ['ml-infra@example.com', 'perf+night@example.org'],
  subject:
    '[tidemark] modèle 🧪: accuracy fell to 0.79 (below 0.96) and a subject longer than one header line',
  text: `Headline ▇▆▁\n\n.\n..dots\nFrom the start = ${'long '.repeat(300)}\nhttps://example.com/?a=b&c==3D\n-- \nwhy\n`,
  html: '<!doctype html>\n<html lang="en"><body><h1>é ▇▆▁ &lt;</h1>\n.\n</body></html>\n',
  date: Date.UTC(2026, 7, 1, 2, 30),
  headers: { 'Auto-Submitted': 'auto-generated', 'List-Id': 'Tidemark alerts <tidemark.alerts.example.com>' },
};

/** Bytes that no text encoding leaves as they are. */
function picture(n: number): MailAttachment {
  const content = Buffer.from(
    Uint8Array.from({ length: 3_000 }, (_, index) => (index * 7 + n) % 256),
  ).toString('base64');
  return { cid: `chart${n}.5f2b@tidemark`, filename: `chart-${n}.png`, contentType: 'image/png', content };
}

/** What `Mailer` promises, to be run against every adapter. */
export function mailerContract(name: string, make: () => Promise<MailerUnderTest>): void {
  describe(`${name} as Mailer`, () => {
    test('takes a mail, and all of it arrives', async () => {
      const { mailer, arrived, sent } = await make();
      expect(await mailer.send(MAIL)).toMatchObject({ kind: 'sent', refused: [] });
      if (arrived === null) expect(sent?.()).toEqual([MAIL]);
      else await expectMail(await arrived(), MAIL);
    });

    test('gives the same bytes for the same mail, however often', async () => {
      const { mailer, arrived, keepsCopies, sent } = await make();
      await mailer.send(MAIL);
      const before = await arrived?.();
      expect((await mailer.send(MAIL)).kind).toBe('sent');
      const after = await arrived?.();
      if (before === undefined || after === undefined) return expect(sent?.()).toEqual([MAIL, MAIL]);
      expect(after).toHaveLength(keepsCopies ? 2 : 1);
      expect(Buffer.from(after.at(-1)!).equals(before[0]!)).toBe(true);
    });

    test('sends to each address once', async () => {
      const { mailer, arrived } = await make();
      await mailer.send({ ...MAIL, to: ['a@example.com', 'b@example.com', 'a@example.com'] });
      if (arrived === null) return;
      const { to } = await parse((await arrived())[0]!);
      expect(to?.map(({ address }) => address)).toEqual(['a@example.com', 'b@example.com']);
    });

    test('lets no line break out of a subject or a header', async () => {
      const { mailer, arrived } = await make();
      const hostile = 'x\r\nBcc: evil@example.com\r\n\r\nbody';
      const result = await mailer.send({ ...MAIL, subject: hostile, headers: { 'List-Id': hostile } });
      expect(result.kind).toBe('sent');
      if (arrived === null) return;
      const mail = await parse((await arrived())[0]!);
      expect(mail.bcc ?? []).toEqual([]);
      expect(mail.headers.map(({ key }) => key)).not.toContain('bcc');
      expect(mail.html).toContain('é ▇▆▁');
    });

    test.each([
      ['a second recipient behind a comma', { to: ['a@example.com,evil@example.com'] }],
      ['a header behind a recipient', { to: ['a@example.com\r\nBcc: evil@example.com'] }],
      ['one bad recipient among good ones', { to: ['a@example.com', 'Evil <e@example.com>'] }],
      ['no recipient', { to: [] }],
      ['a sender that is no address', { from: 'tidemark' }],
      ['a key that is no digest', { key: '../../etc/passwd' }],
      ['a date that is no time', { date: Number.NaN }],
      ['a content id with a line break', { attachments: [{ ...picture(1), cid: 'a@b>\r\nX-Evil: 1' }] }],
      ['a file name with a folder', { attachments: [{ ...picture(1), filename: '../a.png' }] }],
      ['a picture that is not base64', { attachments: [{ ...picture(1), content: 'not base64!' }] }],
    ] satisfies [string, Partial<Mail>][])('refuses for good, and sends nothing: %s', async (_, change) => {
      const { mailer, arrived, sent } = await make();
      const result = await mailer.send({ ...MAIL, ...change });
      expect(result.kind).toBe('failed');
      expect(result.detail).not.toBe('');
      expect((await arrived?.()) ?? sent?.()).toEqual([]);
    });

    test('brings pictures along, inside what shows them', async () => {
      const { mailer, arrived, sent } = await make();
      const mail = { ...MAIL, attachments: [picture(1), picture(2)] };
      expect((await mailer.send(mail)).kind).toBe('sent');
      if (arrived === null) return expect(sent?.()).toEqual([mail]);
      const [bytes] = await arrived();
      await expectMail([bytes!], mail);
      const { attachments } = await parse(bytes!);
      expect(
        attachments.map(({ contentId, mimeType, disposition, related, content }) => [
          contentId,
          mimeType,
          disposition,
          related,
          Buffer.from(content as ArrayBuffer).toString('base64'),
        ]),
      ).toEqual(
        mail.attachments.map(({ cid, content }) => [`<${cid}>`, 'image/png', 'inline', true, content]),
      );
      const kinds = [
        ...Buffer.from(bytes!)
          .toString('latin1')
          .matchAll(/^Content-Type: ([a-z/]+)/gm),
      ];
      const related = ['multipart/related', 'text/html', 'image/png', 'image/png'];
      expect(kinds.map(([, kind]) => kind)).toEqual(['multipart/alternative', 'text/plain', ...related]);
    });

    test('lets nobody hide a text in another one', async () => {
      const { mailer, arrived } = await make();
      const hidden = '=?utf-8?Q?=0D=0ABcc:_evil@example.com?=';
      await mailer.send({ ...MAIL, subject: `test ${hidden}`, headers: { 'X-Tidemark-Test': hidden } });
      if (arrived === null) return;
      const mail = await parse((await arrived())[0]!);
      expect(mail.subject).toBe(`test ${hidden.replace('=?', '= ?')}`);
      expect(mail.headers.find(({ key }) => key === 'x-tidemark-test')?.value).toBe(
        hidden.replace('=?', '= ?'),
      );
    });

    test('can be closed twice', async () => {
      const { mailer } = await make();
      await mailer.close();
      await mailer.close();
    });
  });
}

function parse(bytes: Uint8Array): Promise<Email> {
  return PostalMime.parse(bytes);
}

async function expectMail(messages: readonly Uint8Array[], mail: Mail): Promise<void> {
  expect(messages).toHaveLength(1);
  const raw = Buffer.from(messages[0]!);
  const found = await parse(raw);
  expect(found.from?.address).toBe(mail.from);
  expect(found.to?.map(({ address }) => address)).toEqual(mail.to);
  expect(found.subject).toBe(mail.subject);
  expect(found.messageId).toBe(`<${mail.key}@alerts.example.com>`);
  expect(found.date).toBe(new Date(mail.date).toISOString());
  // The line break before a MIME boundary may or may not count as the text's own.
  expect(found.text?.replaceAll('\r\n', '\n').replace(/\n+$/, '\n')).toBe(mail.text);
  expect(found.html?.replaceAll('\r\n', '\n').replace(/\n+$/, '\n')).toBe(mail.html);
  for (const [header, value] of Object.entries(mail.headers)) {
    expect(found.headers.find(({ key }) => key === header.toLowerCase())?.value).toBe(value);
  }
  expectWellFormed(raw.toString('latin1'));
}

/** RFC 5322 §2.1.1 and RFC 2046 §5.1.1: line ends, line lengths, boundary. */
function expectWellFormed(raw: string): void {
  expect(raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  expect(raw).toMatch(/^[\0-\x7f]*$/);
  for (const line of raw.split('\r\n')) expect(line.length).toBeLessThanOrEqual(998);
  const boundary = /boundary="([^"]+)"/.exec(raw)?.[1] ?? '';
  expect(boundary.length).toBeGreaterThan(0);
  expect(boundary.length).toBeLessThanOrEqual(70);
}
