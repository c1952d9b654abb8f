import type { SmtpServer } from './server-url.ts';

/** Milliseconds. The library's own are minutes, longer than a scheduled function may live. */
export interface SmtpTimeouts {
  readonly dns: number;
  readonly connect: number;
  readonly greeting: number;
  /** Without a byte from the server. */
  readonly idle: number;
  /** One mail, from the first step to the last. */
  readonly total: number;
}

/** Settings of `smtpMailer`. */
export interface SmtpOptions {
  /** `smtp://USER@HOST:587` or `smtps://USER@HOST:465`; without a user nothing is asked for. */
  readonly url: string;
  readonly password?: string;
  readonly timeouts?: Partial<SmtpTimeouts>;
  /** `ca`: PEM of the authority that signed the server's certificate, for a private one. */
  readonly tls?: { readonly ca?: string };
}

/** What is waited for at most, unless told otherwise. */
export const TIMEOUTS: SmtpTimeouts = {
  dns: 5_000,
  connect: 10_000,
  greeting: 10_000,
  idle: 20_000,
  total: 30_000,
};
const MAX_RECIPIENTS = 50;

/** What the mail library is told. */
export function transportSettings(server: SmtpServer, options: SmtpOptions) {
  const { host, port, secure, user, loopback } = server;
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const ca = options.tls?.ca;
  return {
    host,
    port,
    secure,
    requireTLS: !secure && !loopback,
    // A relay on this machine often offers STARTTLS with a certificate nobody signed. Plain text is allowed
    // there, so encryption without a proof of identity is no loss. smtps:// asks for TLS and gets all of it.
    tls: {
      minVersion: 'TLSv1.2' as const,
      ...(ca === undefined ? {} : { ca }),
      ...(loopback && !secure && ca === undefined ? { rejectUnauthorized: false } : {}),
    },
    ...(user === null || options.password === undefined ? {} : { auth: { user, pass: options.password } }),
    dnsTimeout: timeouts.dns,
    connectionTimeout: timeouts.connect,
    greetingTimeout: timeouts.greeting,
    socketTimeout: timeouts.idle,
    socketCloseTimeout: 1_000,
    maxRecipients: MAX_RECIPIENTS,
    disableFileAccess: true,
    disableUrlAccess: true,
    transactionLog: true,
  };
}
