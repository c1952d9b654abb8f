import { expect, test } from 'vitest';
import { failureOf } from './answer.ts';

const body = (reason: string, message = 'Some words') =>
  JSON.stringify({ error: { code: 0, message, errors: [{ domain: 'global', reason, message }] } });

test.each([
  [401, 'authError', 'credentials'],
  [403, 'forbidden', 'denied'],
  [403, 'rateLimitExceeded', 'transient'],
  [403, 'userRateLimitExceeded', 'transient'],
  [403, 'quotaExceeded', 'transient'],
  [404, 'notFound', 'missing'],
  [408, 'requestTimeout', 'transient'],
  [412, 'conditionNotMet', 'changed'],
  [416, 'requestedRangeNotSatisfiable', 'changed'],
  [429, 'rateLimitExceeded', 'transient'],
  [500, 'internalError', 'transient'],
  [502, 'badGateway', 'transient'],
  [503, 'backendError', 'transient'],
  [504, 'gatewayTimeout', 'transient'],
  [400, 'invalid', 'refused'],
])('%s %s is %s', (status, reason, kind) => {
  const failure = failureOf(status, body(reason));
  expect(failure).toMatchObject({
    kind,
    message: `the service answered ${status} (${reason}: Some words)`,
    retryAfterMs: 0,
  });
});

test.each([
  ['nothing', ''],
  ['text', 'Not Found\n'],
  ['XML', '<?xml version="1.0"?><Error><Code>InvalidRange</Code></Error>'],
  ['null', 'null'],
  ['numbers where words belong', '{"error":{"message":7,"errors":[{"reason":{}}]}}'],
])('an error whose body is %s is told by its status', (_what, text) => {
  expect(failureOf(404, text).message).toBe('the service answered 404');
});

test('foreign words are one short line', () => {
  const { message } = failureOf(400, body('invalid', `a\r\nb\u0000\u202e${'x'.repeat(500)}`));
  expect(message).toMatch(/^the service answered 400 \(invalid: a b x{196}…\)$/);
});

test.each([
  ['7', 7000],
  ['Wed, 21 Oct 2026 07:28:00 GMT', 0],
  ['-5', 0],
  [null, 0],
])('Retry-After %s is %s ms', (header, wanted) => {
  expect(failureOf(429, '', header).retryAfterMs).toBe(wanted);
});
