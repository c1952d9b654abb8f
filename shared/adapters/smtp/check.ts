import { createTransport } from 'nodemailer';
import type { Check } from '../../ports/check.ts';
import { PortError } from '../../ports/error.ts';
import { withoutSecrets } from './secrets.ts';
import { parseServerUrl, type SmtpServer } from './server-url.ts';
import { type SmtpOptions, TIMEOUTS, transportSettings } from './settings.ts';

export interface SmtpCheckOptions extends SmtpOptions {
  /** Who mails are from. */
  readonly from: string;
}

/**
 * Goes as far with the mail server as is possible without a mail: connects, encrypts, logs in. Never throws for what
 * the server says, and never tells the password.
 */
export async function smtpChecks(options: SmtpCheckOptions): Promise<Check[]> {
  const server = serverOf(options.url);
  if (server instanceof PortError) return [{ what: 'mail server', state: 'bad', detail: server.message }];
  const what = `mail server ${server.host}:${server.port}`;
  const failure = await dialogue(server, options);
  if (failure !== null) {
    const said = withoutSecrets(failure.message, server.user, options.password);
    return [{ what, state: 'bad', detail: `${whatToDo(failure)} (${said})` }];
  }
  return [{ what, ...loginFinding(server, options) }];
}

function serverOf(url: string): SmtpServer | PortError {
  try {
    return parseServerUrl(url);
  } catch (error) {
    if (error instanceof PortError) return error;
    throw error;
  }
}

interface Failure {
  readonly message: string;
  readonly code?: string;
}

/** Null: it went well. */
async function dialogue(server: SmtpServer, options: SmtpOptions): Promise<Failure | null> {
  const transport = createTransport(transportSettings(server, options));
  const limit = { ...TIMEOUTS, ...options.timeouts }.total;
  const late = Promise.withResolvers<Failure>();
  const timer = setTimeout(
    () => late.resolve({ message: `no end within ${limit} ms`, code: 'ETIMEDOUT' }),
    limit,
  );
  try {
    const verified = transport.verify().then(
      () => null,
      (error: unknown): Failure => (error instanceof Error ? error : { message: String(error) }),
    );
    return await Promise.race([verified, late.promise]);
  } finally {
    clearTimeout(timer);
    transport.close();
  }
}

/** By the library's codes. */
const WHAT_TO_DO: Readonly<Record<string, string>> = {
  EAUTH: 'the login is not accepted: look at the user in the URL and at the password',
  ENOAUTH: 'it wants a login: put USER@ into the URL and set TIDEMARK_SMTP_PASSWORD',
  ETLS: 'it does not encrypt as it should: use the port for STARTTLS (587) with smtp://, for TLS (465) with smtps://',
  EDNS: 'its name cannot be looked up: look at the host in the URL',
};

function whatToDo({ code = '', message }: Failure): string {
  const known = WHAT_TO_DO[code];
  if (known !== undefined) return known;
  if (/certificate|self.signed/i.test(message))
    return 'its certificate is not trusted: use the name that the certificate has';
  return 'it is out of reach: look at host and port, and whether this network lets them through (25 is mostly closed)';
}

/** A server says only to a mail from whom it takes one. */
function loginFinding({ user }: SmtpServer, { password, from }: SmtpCheckOptions): Omit<Check, 'what'> {
  const sender = `whether it takes mails from ${from} shows with the first`;
  if (user === null) return { state: 'ok', detail: `answers, no login is asked for; ${sender}` };
  if (password !== undefined)
    return { state: 'ok', detail: `answers and takes the login of ${user}; ${sender}` };
  const todo = 'set TIDEMARK_SMTP_PASSWORD, or TIDEMARK_SMTP_PASSWORD_FILE to a mounted file';
  return {
    state: 'note',
    detail: `answers, but there is no password for ${user}: ${todo}; most servers refuse`,
  };
}
