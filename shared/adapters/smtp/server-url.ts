import { PortError } from '../../ports/error.ts';

/** Where and how to hand over mails. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; else STARTTLS. */
  readonly secure: boolean;
  readonly user: string | null;
  /** On this machine itself: nothing crosses a network. */
  readonly loopback: boolean;
}

const SHAPE = 'write smtp://USER@HOST:587 or smtps://USER@HOST:465, with %40 for an @ in USER';

/** Reads the mail setting. The messages never repeat the URL: somebody may have put a password into it. */
export function parseServerUrl(text: string): SmtpServer {
  const url = URL.canParse(text) ? new URL(text) : null;
  const secure = url?.protocol === 'smtps:';
  if (url === null || (!secure && url.protocol !== 'smtp:') || url.hostname === '') {
    throw new PortError('invalid', `The mail server is not a URL: ${SHAPE}`);
  }
  if (url.password !== '') {
    throw new PortError(
      'invalid',
      'The URL of the mail server holds a password: remove it and set TIDEMARK_SMTP_PASSWORD',
    );
  }
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') {
    throw new PortError('invalid', `The URL of the mail server has a part that means nothing: ${SHAPE}`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return {
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    user: url.username === '' ? null : decode(url.username),
    loopback: /^(?:localhost|127(?:\.\d+){3}|::1)$/.test(host),
  };
}

function decode(user: string): string {
  try {
    return decodeURIComponent(user);
  } catch {
    throw new PortError('invalid', `The user in the URL of the mail server is badly encoded: ${SHAPE}`);
  }
}
