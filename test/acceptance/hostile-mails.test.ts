// Mails about names as an enemy would choose them, read back by a parser that is not ours.
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { expect, test } from 'vitest';
import type { Mail } from '../../shared/core/mail.ts';
import type { MailRequest } from '../../shared/core/mail-request.ts';
import { renderMail } from '../../shared/render/mail/render-mail.ts';
import { changed, FELL, FIXTURES, mailOf } from '../golden/mail/fixtures.ts';
import { bytesOf } from '../support/mail-bytes.ts';

/** Every header that a mail of ours may have. */
const HEADERS =
  'from to subject date message-id mime-version content-type in-reply-to references auto-submitted x-auto-response-suppress list-id x-tidemark-episode x-tidemark-state x-tidemark-severity x-tidemark-test x-tidemark-reason'.split(
    ' ',
  );
/** Control characters and marks that turn a line. */
const TRICKS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    'a\r\nBcc: evil@example.com',
    'a\n\n<script>alert(1)</script>',
    '=?utf-8?Q?=0D=0ABcc:_evil@example.com?=',
    '=?utf-8?B?PHNjcmlwdD4=?= =?utf-8?B?YQ==?=',
    '"><img src=x onerror=alert(1)>',
    '</style><svg/onload=alert(1)>',
    '\u202egpj.exe\u2066',
    '\r\n.\r\nQUIT\r\n',
    '--5f2b8c1d9e4a7f60b3c2d1e0f9a8b7c6-',
    'x'.repeat(10_000),
    '🧪'.repeat(3_000),
    '$(touch /tmp/pwned) `id` %s {{7*7}}',
    '',
    ' ',
    '__proto__',
  ),
);

async function expectHarmless(mail: Mail): Promise<void> {
  const bytes = await bytesOf(mail);
  expect(bytes.toString('latin1').replaceAll('\r\n', '')).not.toMatch(/[\r\n]|[^\t -~]/);
  for (const line of bytes.toString('latin1').split('\r\n')) expect(line.length).toBeLessThanOrEqual(998);
  const found = await PostalMime.parse(bytes);
  expect(found.headers.map(({ key }) => key).filter((key) => !HEADERS.includes(key))).toEqual([]);
  expect(found.to?.map(({ address }) => address)).toEqual(mail.to);
  expect(found.bcc ?? found.cc ?? []).toEqual([]);
  for (const { value } of found.headers) expect(value).not.toMatch(TRICKS);
  expect(found.subject).toBe(mail.subject.replaceAll('=?', '= ?').trim());
  expect(found.text?.replace(/\s+$/, '')).toBe(mail.text.replace(/\s+$/, ''));
  expect(found.html?.trimEnd()).toBe(mail.html.trimEnd());
  expect(mail.text.replaceAll('\n', '')).not.toMatch(TRICKS);
  expect(mail.html.replaceAll('\n', '')).not.toMatch(TRICKS);
  const tags = mail.html.match(/<[^>]*>/g) ?? [];
  expect(tags.filter((tag) => /^<\/?(?:script|img|iframe|svg|object|form|base|link)\b/i.test(tag))).toEqual(
    [],
  );
  expect(tags.filter((tag) => /\son[a-z]+\s*=/i.test(tag.replace(/"[^"]*"/g, '""')))).toEqual([]);
}

test.each(Object.entries(FIXTURES))('%s comes back as it was sent', async (_, request) => {
  await expectHarmless(renderMail(request));
});

test('whatever names, labels and notes hold', async () => {
  const request = fc.record({
    texts: fc.array(nasty, { minLength: 12, maxLength: 12 }),
    kind: fc.constantFrom('test' as const, 'digest' as const, 'incident' as const, 'reminder' as const),
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ texts, kind }) => {
      const [test, metric, reason, demand, run, label, value, actor, note, why, file, thread] = texts as [
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
        string,
      ];
      const bad = { ...FELL.episode.firstBad, runId: run, facts: { [label]: value } };
      const notice = changed(FELL, {
        notice: { actor, note },
        episode: {
          testName: test,
          signal: `metric:${metric}`,
          reason: `below: ${reason}`,
          demand,
          firstBad: bad,
          lastBad: bad,
          lastGood: { ...bad, facts: { [label]: `${value}!` } },
          threadId: thread,
        },
        evidence: {
          modelDir: reason,
          logsLink: value,
          siblings: [{ metric: label, value: 1, lower: null, upper: 1, verdict: null }],
        },
      });
      const made: MailRequest = mailOf([notice], {
        kind,
        why,
        configFile: file,
        threadId: thread,
        cause: kind === 'incident' ? { label, value, incidentId: 'i' } : null,
      });
      await expectHarmless(renderMail(made));
    }),
    { numRuns: 60 },
  );
});

test('an address with a line break, a name or an encoded word is refused', async () => {
  for (const to of [
    'a@example.com\r\nBcc: b@example.com',
    'A <a@example.com>',
    '=?utf-8?Q?a=40example.com?=',
  ]) {
    await expect(bytesOf({ ...renderMail(mailOf([FELL])), to: [to] })).rejects.toThrow('not a mail address');
  }
});
