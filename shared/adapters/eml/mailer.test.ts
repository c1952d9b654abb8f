import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { MAIL, mailerContract } from '../../../test/contracts/mailer.ts';
import { emlMailer, type MailFiles } from './mailer.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'tidemark-mail-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return join(path, 'mail');
}

async function messages(path: string): Promise<Uint8Array[]> {
  const names = await readdir(path).catch(() => []);
  return Promise.all(names.filter((name) => name.endsWith('.eml')).map((name) => readFile(join(path, name))));
}

mailerContract('eml', async () => {
  const path = await folder();
  return { mailer: emlMailer({ folder: path }), arrived: () => messages(path), keepsCopies: false };
});

const NAME = '2026-08-01T02-30-00-modele-accuracy-fell-to-0-79-below-0-96-and-a-5f2b8c1d9e4a';

test('names the files by time, subject and key, and prints one line', async () => {
  const path = await folder();
  const printed: string[] = [];
  await emlMailer({ folder: path, print: (line) => printed.push(line) }).send(MAIL);
  expect((await readdir(path)).sort()).toEqual([`${NAME}.eml`, `${NAME}.html`]);
  expect(printed).toEqual([`Mail to ${MAIL.to.join(', ')}: ${MAIL.subject} -> ${join(path, NAME)}.eml`]);
  expect(await readFile(join(path, `${NAME}.html`), 'utf8')).toBe(MAIL.html);
});

test('the page for a browser has the pictures inside', async () => {
  const path = await folder();
  const html = '<img src="cid:chart1.5f2b@tidemark" alt="cid:chart1.5f2b@tidemark">';
  const attachments = [
    { cid: 'chart1.5f2b@tidemark', filename: 'chart-1.png', contentType: 'image/png', content: 'AAAA' },
  ];
  await emlMailer({ folder: path }).send({ ...MAIL, html, attachments });
  expect(await readFile(join(path, `${NAME}.html`), 'utf8')).toBe(
    '<img src="data:image/png;base64,AAAA" alt="cid:chart1.5f2b@tidemark">',
  );
});

test('a hostile subject neither leaves the folder nor breaks the printed line', async () => {
  const path = await folder();
  const printed: string[] = [];
  const subject = '../../x/\u0000\u001b[2J\nforged line';
  await emlMailer({ folder: path, print: (line) => printed.push(line) }).send({ ...MAIL, subject });
  expect((await readdir(path)).sort()).toEqual([
    '2026-08-01T02-30-00-x-2j-forged-line-5f2b8c1d9e4a.eml',
    '2026-08-01T02-30-00-x-2j-forged-line-5f2b8c1d9e4a.html',
  ]);
  expect(printed.join('')).not.toMatch(/\p{Cc}/u);
});

/** Real file functions of which one fails. */
function failing(broken: keyof MailFiles, suffix: string): MailFiles {
  const real: MailFiles = { mkdir, writeFile, rename, rm };
  const fail = async (...paths: unknown[]) => {
    if (paths.some((path) => String(path).includes(suffix)))
      throw new Error('ENOSPC: no space left on device');
    return (real[broken] as (...all: unknown[]) => Promise<never>)(...paths);
  };
  return { ...real, [broken]: fail };
}

test.each([
  ['mkdir', 'mail', []],
  ['writeFile', '.html', []],
  ['writeFile', '.eml', [`${NAME}.html`]],
  ['rename', '.eml', [`${NAME}.html`]],
] as const)(
  'a disk that fails in %s of %s: surely not sent, no half file, later it works',
  async (call, suffix, left) => {
    const path = await folder();
    const printed: string[] = [];
    const print = (line: string) => printed.push(line);
    const result = await emlMailer({ folder: path, print, files: failing(call, suffix) }).send(MAIL);
    expect(result).toMatchObject({ kind: 'retry', detail: expect.stringContaining('no space left') });
    expect(printed).toEqual([]);
    expect(await readdir(path).catch(() => [])).toEqual(left);
    expect((await emlMailer({ folder: path, print }).send(MAIL)).kind).toBe('sent');
    expect((await readdir(path)).sort()).toEqual([`${NAME}.eml`, `${NAME}.html`]);
  },
);
