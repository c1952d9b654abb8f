import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { browserHtml } from '../../core/browser-html.ts';
import { internetMessage, mailProblem } from '../../core/internet-message.ts';
import type { Mail, Mailer } from '../../ports/mailer.ts';

const MAX_SLUG = 48;

/** The few file functions that are used, so that a test can let them fail. */
export interface MailFiles {
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  writeFile(path: string, data: Uint8Array | string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: true }): Promise<void>;
}

/** Settings of `emlMailer`. */
export interface EmlOptions {
  readonly folder: string;
  /** Gets one line for every mail that was written. */
  readonly print?: (line: string) => void;
  readonly files?: MailFiles;
}

/**
 * Writes each mail as `<date>-<slug>-<key>.eml`, the bytes a server would get, and beside it the HTML part for
 * a browser. The same mail gives the same two files with the same bytes, so sending it again changes nothing.
 */
export function emlMailer({ folder, print, files = { mkdir, writeFile, rename, rm } }: EmlOptions): Mailer {
  return {
    async send(mail) {
      const problem = mailProblem(mail);
      if (problem !== null) return { kind: 'failed', detail: problem };
      const name = join(folder, fileName(mail));
      try {
        const message = await compose(mail);
        await files.mkdir(folder, { recursive: true });
        await put(files, { path: `${name}.html`, data: browserHtml(mail) });
        // Last, because it is the one that says the mail was sent.
        await put(files, { path: `${name}.eml`, data: message });
      } catch (error) {
        return { kind: 'retry', detail: `Cannot write the mail ${name}.eml: ${reasonOf(error)}` };
      }
      print?.(oneLine(`Mail to ${mail.to.join(', ')}: ${mail.subject} -> ${name}.eml`));
      return { kind: 'sent', detail: `written to ${name}.eml`, refused: [] };
    },
    async close() {},
  };
}

async function compose(mail: Mail): Promise<Uint8Array> {
  // Loaded here: most ticks have no mail, and loading it is a fifth of a tick that finds nothing.
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const options = { ...internetMessage(mail), disableFileAccess: true, disableUrlAccess: true };
  const { message } = await transport.sendMail(options);
  if (!(message instanceof Uint8Array)) throw new TypeError('The mail library gave no bytes');
  return message;
}

/** Written under another name and renamed: whoever reads the folder never sees half a mail. */
async function put(
  files: MailFiles,
  { path, data }: { path: string; data: Uint8Array | string },
): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await files.writeFile(temporary, data);
    await files.rename(temporary, path);
  } catch (error) {
    await files.rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

/** A terminal gets no control and no bidi characters, whatever a subject holds. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, ' ');
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Sorts by time, can be read, and cannot leave the folder. */
function fileName({ date, subject, key }: Mail): string {
  const time = new Date(date).toISOString().slice(0, 19).replaceAll(':', '-');
  const words = subject
    .replace('[tidemark]', '')
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  const slug =
    words.length <= MAX_SLUG
      ? words
      : words
          .slice(0, MAX_SLUG + 1)
          .replace(/-[^-]*$/, '')
          .slice(0, MAX_SLUG);
  return [time, slug, key.slice(0, 12)].filter((part) => part !== '').join('-');
}
