import { PortError, type PortErrorCode } from '../../ports/error.ts';

/**
 * What a failed request means. `transient`: asked again, it may work. `credentials`: this process is not known.
 * `denied`: it is, but has no right to this. `missing`: 404. `changed`: a precondition on the generation did not
 * hold, or the object is another by now. `refused`: the request itself is wrong.
 */
export type FailureKind = 'transient' | 'credentials' | 'denied' | 'missing' | 'changed' | 'refused';

/** A failed request; `message` is a part of a sentence, such as `the service answered 503`. */
export class GcsFailure extends Error {
  readonly kind: FailureKind;
  /** How long the service asked to be left alone, in milliseconds; 0 when it did not. */
  readonly retryAfterMs: number;

  constructor(kind: FailureKind, message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'GcsFailure';
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
}

const KINDS: Readonly<Record<number, FailureKind>> = {
  401: 'credentials',
  403: 'denied',
  404: 'missing',
  408: 'transient',
  412: 'changed',
  // The object has fewer bytes than it was listed with.
  416: 'changed',
  429: 'transient',
};
/** Reasons under which 403 means "not so fast". */
const TOO_FAST = /^(?:rateLimitExceeded|userRateLimitExceeded|quotaExceeded|dailyLimitExceeded)$/;

/** What an answer without success means, from its status and as much of its body as was read. */
export function failureOf(status: number, text: string, retryAfter: string | null = null): GcsFailure {
  const { reason, message } = errorOf(text);
  const said = [reason, message].filter((part) => part !== '').join(': ');
  const sentence = `the service answered ${status}${said === '' ? '' : ` (${said})`}`;
  const kind = KINDS[status] ?? (status >= 500 ? 'transient' : 'refused');
  const seconds = Number(retryAfter ?? 0);
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
  return new GcsFailure(TOO_FAST.test(reason) ? 'transient' : kind, sentence, { retryAfterMs });
}

/** Google's error body, or what else came; the words are foreign, so they are short and in one line. */
function errorOf(text: string): { reason: string; message: string } {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown; errors?: { reason?: unknown }[] } };
    return { reason: tame(error?.errors?.[0]?.reason), message: tame(error?.message) };
  } catch {
    return { reason: '', message: '' };
  }
}

function tame(text: unknown): string {
  if (typeof text !== 'string') return '';
  const line = text.replace(/[\p{C}\p{Z}]+/gu, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 200).toWellFormed()}…` : line;
}

/** A request that got no answer, or lost it on the way. */
export function networkFailure(error: unknown): GcsFailure {
  if (error instanceof GcsFailure) return error;
  return new GcsFailure('transient', `no answer came: ${tame(innermost(error))}`, { cause: error });
}

/** `fetch` says "fetch failed" and keeps what happened as the cause. */
function innermost(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (!(inner instanceof Error)) return String(inner);
  const code = 'code' in inner && typeof inner.code === 'string' ? inner.code : '';
  return inner.message === '' || inner.message === code ? code : inner.message;
}

/** How a failure is told: what could not be done to what, and what each kind of it means there. */
export interface Telling {
  /** Such as `Cannot read "gs://bucket/model"`. */
  readonly cannot: string;
  /** The role that would have given the right. */
  readonly role: string;
  /** For what is missing or has changed: which code it has here, and why. */
  readonly missing: readonly [PortErrorCode, string];
  readonly changed: readonly [PortErrorCode, string];
  /** What it is when this process is nobody to the service; `unavailable` unless said. */
  readonly signedOut?: PortErrorCode | undefined;
}

/** The failure in the port's words; a foreign error is a defect of ours and stays what it is. */
export function portError(error: unknown, { cannot, role, missing, changed, signedOut }: Telling): unknown {
  if (!(error instanceof GcsFailure)) return error;
  const said = error.message;
  const told: Readonly<Record<FailureKind, readonly [PortErrorCode, string]>> = {
    transient: ['unavailable', said],
    // Nothing is wrong with the place: with other credentials it can be used.
    credentials: [signedOut ?? 'unavailable', `${said}; check the credentials of this process`],
    denied: ['denied', `${said}; it takes the role ${role} on the bucket`],
    refused: ['invalid', said],
    missing,
    changed,
  };
  const [code, why] = told[error.kind];
  return new PortError(code, `${cannot}: ${why}`, { cause: error });
}
