/** What is known of a failed attempt; the fields of the mail library's errors that are used. */
export interface SmtpFailure {
  readonly code?: string | undefined;
  readonly responseCode?: number | undefined;
  readonly permanent?: boolean | undefined;
  readonly message: string;
}

/** `channel`: nothing can be sent this way now. `degrade`: this mail is too large for the server. */
export type FailureClass = 'channel' | 'retry' | 'failed' | 'uncertain' | 'degrade';

/** The way itself is broken. Some come as "permanent", which is true of the password and not of the mail. */
const CHANNEL: ReadonlySet<string> = new Set([
  'EAUTH',
  'ENOAUTH',
  'EOAUTH2',
  'ETLS',
  'EREQUIRETLS',
  'ECONFIG',
  'EPROXY',
]);
/** Replies that ask for a login or for encryption (RFC 4954 §6, RFC 3207 §4), whatever command they answer. */
const LOGIN_WANTED: ReadonlySet<number> = new Set([530, 534, 535, 538]);
/** Mistakes of the caller: the same mail never works. */
const OURS: ReadonlySet<string> = new Set([
  'EMAXRECIPIENTS',
  'EENVELOPE',
  'EFILEACCESS',
  'EURLACCESS',
  'ESTREAM',
]);
const TOO_LARGE = 552;
/** Without an answer, and before the message was on its way: there is no server to talk to. */
const NO_SERVER: ReadonlySet<string> = new Set(['EDNS', 'ESOCKET', 'ECONNECTION', 'ETIMEDOUT']);

/**
 * Sorts a failure by its code first and by the library's `permanent` second. `accepting` tells whether the
 * server had said `354`, from when on it may have the whole message whatever happened then.
 */
export function classify(failure: SmtpFailure, accepting: boolean): FailureClass {
  const code = failure.code ?? '';
  if (CHANNEL.has(code) || LOGIN_WANTED.has(failure.responseCode ?? 0)) return 'channel';
  if (code === 'EMESSAGE' && (failure.responseCode ?? TOO_LARGE) === TOO_LARGE) return 'degrade';
  // A reply to the message itself is an answer; without one nobody knows.
  if (typeof failure.permanent === 'boolean') return failure.permanent ? 'failed' : 'retry';
  if (OURS.has(code)) return 'failed';
  if (accepting) return 'uncertain';
  return NO_SERVER.has(code) || /certificate/i.test(failure.message) ? 'channel' : 'retry';
}

/** The port's word for a class: a broken channel stops all mails, one that is too large stays so. */
export function resultKind(failure: FailureClass): 'retry' | 'unreachable' | 'failed' | 'uncertain' {
  if (failure === 'channel') return 'unreachable';
  return failure === 'degrade' ? 'failed' : failure;
}
