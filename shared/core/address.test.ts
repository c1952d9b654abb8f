import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { domainOf, isAddress } from './address.ts';

const GOOD = [
  'ml-infra@example.com',
  'first.last+tag@mail.example.co.uk',
  "o'brien@example.com",
  'root@localhost',
  'a@b',
  `${'x'.repeat(64)}@example.com`,
];
const BAD: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['no @', 'example.com'],
  ['two @', 'a@b@c'],
  ['empty local part', '@example.com'],
  ['empty domain', 'a@'],
  ['a second recipient behind a comma', 'a@example.com,evil@example.com'],
  ['a second recipient behind a semicolon', 'a@example.com;evil@example.com'],
  ['a smuggled header', 'a@example.com\r\nBcc: evil@example.com'],
  ['a trailing newline', 'a@example.com\n'],
  ['a NUL', 'a\0@example.com'],
  ['a display name', 'Anna <a@example.com>'],
  ['a comment', 'a(x)@example.com'],
  ['a quoted local part', '"a b"@example.com'],
  ['a group', 'team:a@example.com'],
  ['a backslash', 'a\\b@example.com'],
  ['a space', 'a b@example.com'],
  ['a letter outside ASCII', 'ä@example.com'],
  ['a homograph in the domain', 'a@ехample.com'],
  ['a dot at the start', '.a@example.com'],
  ['two dots', 'a..b@example.com'],
  ['an empty label', 'a@example..com'],
  ['a hyphen at the edge of a label', 'a@-example.com'],
  ['an address literal', 'a@[127.0.0.1]'],
  ['a local part of 65', `${'x'.repeat(65)}@example.com`],
];

describe('isAddress', () => {
  test.each(GOOD)('takes %s', (text) => expect(isAddress(text)).toBe(true));
  test.each(BAD)('refuses %s', (_, text) => expect(isAddress(text)).toBe(false));

  test('whatever it takes holds no character that separates or quotes addresses', () => {
    const characters = fc.constantFrom(...'ab.@,;:<>()"\\ \r\n\t\0é-+1'.split(''));
    fc.assert(
      fc.property(fc.string({ unit: characters, maxLength: 12 }), (text) => {
        if (isAddress(text)) expect(text).toMatch(/^[!-~]+$/);
        if (isAddress(text)) expect(text).not.toMatch(/[,;:<>()"\\]/);
      }),
    );
  });
});

test('the domain is in lower case, and localhost where there is none', () => {
  expect(domainOf('Tide@Example.COM')).toBe('example.com');
  expect(domainOf('not an address')).toBe('localhost');
});
