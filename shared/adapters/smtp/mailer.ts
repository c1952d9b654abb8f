import { createTransport } from 'nodemailer';
import { internetMessage, mailProblem } from '../../core/internet-message.ts';
import type { Mail, Mailer, SendResult } from '../../ports/mailer.ts';
import { classify, resultKind } from './classify.ts';
import { withoutSecrets } from './secrets.ts';
import { parseServerUrl, type SmtpServer } from './server-url.ts';
import { type SmtpOptions, TIMEOUTS, transportSettings } from './settings.ts';

export type { SmtpOptions, SmtpTimeouts } from './settings.ts';

/**
 * Hands mails to a server, each on a connection of its own: a scheduled function that sleeps between two ticks
 * wakes up with dead sockets. Throws a PortError for a URL that cannot be used.
 */
export function smtpMailer(options: SmtpOptions): Mailer {
  const server = parseServerUrl(options.url);
  const closed = new AbortController();
  return {
    async send(mail) {
      const problem = mailProblem(mail);
      if (problem !== null) return { kind: 'failed', detail: problem };
      const result = await attempt(mail, { server, options, closed: closed.signal });
      return { ...result, detail: withoutSecrets(result.detail, server.user, options.password) };
    },
    async close() {
      closed.abort();
    },
  };
}

interface Context {
  readonly server: SmtpServer;
  readonly options: SmtpOptions;
  readonly closed: AbortSignal;
}

async function attempt(mail: Mail, { server, options, closed }: Context): Promise<SendResult> {
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const watch = dialogueWatch();
  const transport = createTransport({ ...transportSettings(server, options), logger: watch.logger });
  const signal = AbortSignal.any([closed, AbortSignal.timeout(timeouts.total)]);
  try {
    const info = await transport.sendMail({ ...internetMessage(mail), signal });
    const refused = info.rejected.map(String);
    const reasons = (info.rejectedErrors ?? []).map(({ message }) => message);
    return { kind: 'sent', detail: [info.response, ...reasons].join('; '), refused };
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    const found = classify(failure, watch.accepting());
    // Refused for its size: without pictures it says the same. What was refused did not arrive, so nothing comes twice.
    if (found === 'degrade' && (mail.attachments ?? []).length > 0)
      return attempt({ ...mail, attachments: [] }, { server, options, closed });
    return { kind: resultKind(found), detail: failure.message };
  } finally {
    transport.close();
  }
}

/**
 * Listens for the server's `354`. Neither the library's error nor its streams tell whether the message was on
 * its way when the connection broke; its log of the dialogue does. Nothing of it is kept.
 */
function dialogueWatch() {
  let accepting = false;
  const listen = (entry: unknown, message?: unknown): void => {
    const fromServer =
      typeof entry === 'object' && entry !== null && 'tnx' in entry && entry.tnx === 'server';
    if (fromServer && typeof message === 'string' && message.startsWith('354')) accepting = true;
  };
  const ignore = (): void => {};
  const logger = { trace: ignore, debug: listen, info: ignore, warn: ignore, error: ignore, fatal: ignore };
  return { logger, accepting: () => accepting };
}
