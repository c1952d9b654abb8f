import { expect, test } from 'vitest';
import { failureOf, regionIn } from './answer.ts';

const body = (code: string, more = '') =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>Some words</Message>${more}</Error>`;

test.each([
  [400, 'ExpiredToken', 'credentials'],
  [400, 'InvalidArgument', 'refused'],
  [400, 'RequestTimeout', 'transient'],
  [403, 'AccessDenied', 'denied'],
  [403, 'InvalidAccessKeyId', 'credentials'],
  [403, 'SignatureDoesNotMatch', 'credentials'],
  [403, 'RequestTimeTooSkewed', 'credentials'],
  [403, 'InvalidObjectState', 'refused'],
  [404, 'NoSuchBucket', 'missing'],
  [404, 'NoSuchKey', 'missing'],
  [412, 'PreconditionFailed', 'changed'],
  [416, 'InvalidRange', 'changed'],
  [429, 'TooManyRequests', 'transient'],
  [500, 'InternalError', 'transient'],
  [503, 'SlowDown', 'transient'],
  [301, 'PermanentRedirect', 'refused'],
])('%s %s is %s', (status, code, kind) => {
  expect(failureOf(status, body(code))).toMatchObject({
    kind,
    message: `the service answered ${status} (${code}: Some words)`,
  });
});

test('an answer without a body is told by its status', () => {
  expect(failureOf(403, '').message).toBe('the service answered 403');
  expect(failureOf(503, '{"no":"xml"}', '4')).toMatchObject({ kind: 'transient', retryAfterMs: 4000 });
});

test.each([
  ['in its head', 301, { 'x-amz-bucket-region': 'eu-west-1' }, body('PermanentRedirect'), 'eu-west-1'],
  ['in its body', 400, {}, body('AuthorizationHeaderMalformed', '<Region>eu-west-1</Region>'), 'eu-west-1'],
  ['as a host', 301, { 'x-amz-bucket-region': 'evil.test/' }, body('PermanentRedirect'), null],
  ['with success', 200, { 'x-amz-bucket-region': 'eu-west-1' }, '', null],
  ['nowhere', 301, { location: 'https://evil.test/' }, '', null],
])('a region that is said %s', (_where, status, headers, xml, region) => {
  expect(regionIn(status, new Headers(headers as Record<string, string>), xml)).toBe(region);
});
