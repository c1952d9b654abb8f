import { type FailureKind, RemoteFailure, tame } from '../remote/failure.ts';
import { isRegion } from './url.ts';
import { textOf } from './xml.ts';

const KINDS: Readonly<Record<number, FailureKind>> = {
  401: 'credentials',
  403: 'denied',
  404: 'missing',
  408: 'transient',
  409: 'transient',
  412: 'changed',
  // The object has fewer bytes than it was listed with.
  416: 'changed',
  429: 'transient',
};

/** Codes that say more than their status. Source: "Error responses" in Amazon's S3 API Reference. */
const CODES: Readonly<Record<string, FailureKind>> = {
  AccountProblem: 'credentials',
  AuthorizationHeaderMalformed: 'credentials',
  ExpiredToken: 'credentials',
  InvalidAccessKeyId: 'credentials',
  InvalidToken: 'credentials',
  RequestTimeTooSkewed: 'credentials',
  SignatureDoesNotMatch: 'credentials',
  TokenRefreshRequired: 'credentials',
  // It lies in an archive: until somebody restores it, to ask again does not help.
  InvalidObjectState: 'refused',
  RequestTimeout: 'transient',
  RequestLimitExceeded: 'transient',
  SlowDown: 'transient',
};

/** What an answer without success means, from its status and as much of its body as was read. */
export function failureOf(status: number, xml: string, retryAfter: string | null = null): RemoteFailure {
  const code = tame(textOf(xml, 'Code'));
  const said = [code, tame(textOf(xml, 'Message'))].filter((part) => part !== '').join(': ');
  const kind = CODES[code] ?? KINDS[status] ?? (status >= 500 ? 'transient' : 'refused');
  const seconds = Number(retryAfter ?? 0);
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
  return new RemoteFailure(kind, `the service answered ${status}${said === '' ? '' : ` (${said})`}`, {
    retryAfterMs,
  });
}

/**
 * The region in which the bucket really is, where an answer says so; null where it does not. Only a region is taken,
 * never a host: where the next request goes is no matter of the answer.
 */
export function regionIn(status: number, headers: Headers, xml: string): string | null {
  if (status !== 301 && status !== 307 && status !== 400 && status !== 403) return null;
  const told = headers.get('x-amz-bucket-region') ?? textOf(xml, 'Region') ?? '';
  return isRegion(told) ? told : null;
}
