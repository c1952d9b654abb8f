import { expect, test } from 'vitest';
import { maskSecrets } from './mask-secrets.ts';

test.each([
  ['a login in an address', 'no answer from https://me:hunter2@host/x', 'no answer from https://***@host/x'],
  ['a token in an address', 'GET /x?token=abc123&page=2 failed', 'GET /x?token=***&page=2 failed'],
  ['a key in JSON', 'refused: {"api_key": "abc123", "page": 2}', 'refused: {"api_key": "***", "page": 2}'],
  ['a header', 'Authorization: Bearer abcdef123456 refused', 'Authorization: Bearer *** refused'],
  ['a password', 'PASSWORD=hunter2', 'PASSWORD=***'],
  ['several', 'token=a1 secret: b2', 'token=*** secret: ***'],
])('%s is hidden', (_, text, masked) => {
  expect(maskSecrets(text)).toBe(masked);
});

test.each([
  'Cannot pull from projects/p/subscriptions/s: it does not exist',
  'Cannot read gs://bucket/model: there was no answer in time',
  "Cannot read properties of undefined (reading 'x')",
])('%s stays as it is', (text) => {
  expect(maskSecrets(text)).toBe(text);
});

test('a text that is much too long is cut before it is searched', () => {
  const masked = maskSecrets(`${'//'.repeat(100_000)}token=a1`);
  expect(masked).toBe('//'.repeat(2_000));
});
