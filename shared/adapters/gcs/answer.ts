import { type FailureKind, RemoteFailure, tame } from '../remote/failure.ts';

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
export function failureOf(status: number, text: string, retryAfter: string | null = null): RemoteFailure {
  const { reason, message } = errorOf(text);
  const said = [reason, message].filter((part) => part !== '').join(': ');
  const sentence = `the service answered ${status}${said === '' ? '' : ` (${said})`}`;
  const kind = KINDS[status] ?? (status >= 500 ? 'transient' : 'refused');
  const seconds = Number(retryAfter ?? 0);
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
  return new RemoteFailure(TOO_FAST.test(reason) ? 'transient' : kind, sentence, { retryAfterMs });
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
