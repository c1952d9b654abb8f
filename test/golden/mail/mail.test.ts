import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Mail } from '../../../shared/core/mail.ts';
import { renderMail } from '../../../shared/render/mail/render-mail.ts';
import { FIXTURES } from './fixtures.ts';

/** What a mail program shows above the text, then the text part. */
function asText(mail: Mail): string {
  const headers = Object.entries(mail.headers).map(([name, value]) => `${name}: ${value}`);
  return [
    `From: ${mail.from}`,
    `To: ${mail.to.join(', ')}`,
    `Subject: ${mail.subject}`,
    ...headers,
    '',
    mail.text,
  ].join('\n');
}

/** Compares byte for byte; `UPDATE_GOLDEN=1` writes what is rendered now, to be read before it is committed. */
function expectGolden(name: string, content: string): void {
  const path = new URL(name, import.meta.url);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, content);
  expect(existsSync(path), `${name} is missing: run with UPDATE_GOLDEN=1, then read it`).toBe(true);
  expect(content).toBe(readFileSync(path, 'utf8'));
}

test.each(Object.entries(FIXTURES))('the mail %s', (name, request) => {
  const mail = renderMail(request);
  expectGolden(`${name}.txt`, asText(mail));
  expectGolden(`${name}.html.golden`, mail.html);
});
