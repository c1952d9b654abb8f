import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { digestOf, sha256Hex, uuidOf } from './digest.ts';
import { canonicalJson, fromJsonNumber, isObject, isTooDeep, toJsonNumber, wellFormed } from './json.ts';
import { formatTime, fromUnixSeconds, parseDuration, parseTime } from './time.ts';

describe('times', () => {
  test.each([
    ['2026-08-01', '2026-08-01T00:00:00.000Z'],
    ['2026-08-01T02:15', '2026-08-01T02:15:00.000Z'],
    ['2026-08-01 02:15:30', '2026-08-01T02:15:30.000Z'],
    ['2026-08-01T02:15:30.5Z', '2026-08-01T02:15:30.500Z'],
    ['2026-08-01T02:15:30.123456789Z', '2026-08-01T02:15:30.123Z'],
    ['2026-08-01t02:15:30z', '2026-08-01T02:15:30.000Z'],
    ['2026-08-01T02:15:30+02:00', '2026-08-01T00:15:30.000Z'],
    ['2026-08-01T02:15:30-0530', '2026-08-01T07:45:30.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['0001-01-01', '0001-01-01T00:00:00.000Z'],
    ['0050-01-01 02:15', '0050-01-01T02:15:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('%s', (text, iso) => {
    const ms = parseTime(text);
    expect(ms).not.toBeNull();
    expect(formatTime(ms!)).toBe(iso);
  });

  test.each([
    '',
    'noon',
    '2026',
    '2026-08',
    '20260801',
    '2026-13-40',
    '2026-02-30',
    '2025-02-29',
    '2026-02-30T10:00:00Z',
    '2026-00-01',
    '2026-04-31',
    '0000-01-01',
    '99999-01-01',
    '+02026-01-01',
    '2026-08-01T25:00:00Z',
    '2026-08-01T02:15:60Z',
    '2026-08-01T02:15:00+25:00',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    ' 2026-08-01',
    '2026-08-01T02:15:00 Z',
    '2026-08-01T02:15Z\n',
    '1785549600',
  ])('none: %j', (text) => {
    expect(parseTime(text)).toBeNull();
  });

  test.each([
    [0, 0],
    [1_785_549_600, 1_785_549_600_000],
    [1.0004, 1000],
    [-62_135_596_800, Date.parse('0001-01-01T00:00:00Z')],
    [1_785_549_600_000, null],
    [Number.NaN, null],
    [Infinity, null],
  ])('Unix seconds: %s', (seconds, ms) => {
    expect(fromUnixSeconds(seconds)).toBe(ms);
  });
});

test.each([
  ['90', 90_000],
  ['90s', 90_000],
  ['1.5m', 90_000],
  ['15m', 900_000],
  ['4h', 14_400_000],
  ['7d', 604_800_000],
  ['1h30m', 5_400_000],
  ['250ms', 250],
  [' 4h ', 14_400_000],
  ['', null],
  ['4', 4000],
  ['4 h', null],
  ['h', null],
  ['-4h', null],
  ['4w', null],
  ['1e3s', null],
])('a duration: %j', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

/** RFC 9562 §5.5 with another library: SHA-1 over namespace and name, then version and variant bits. */
function version5(namespace: string, name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest();
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

describe('uuids', () => {
  const NAMESPACE = '6f0d2a5e-3b1c-4d7e-9a8f-5c2b7d4e1a90';

  test("the other implementation gives the RFC's own example (appendix A.4)", () => {
    const dns = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
    expect(version5(dns, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
  });

  test.each([[['test', '', '', 'run-1']], [['äöü']], [[]], [['🚂', 'x'.repeat(1000)]]])('of %j', (parts) => {
    const name = parts.map((part) => `${part.length}:${part}`).join('');
    expect(uuidOf(...parts)).toBe(version5(NAMESPACE, name));
  });

  test('one of these is pinned: should it change, every run would get another identity', () => {
    // Python: uuid.uuid5(uuid.UUID('6f0d2a5e-3b1c-4d7e-9a8f-5c2b7d4e1a90'), '4:test0:0:5:run-1')
    expect(uuidOf('test', '', '', 'run-1')).toBe('a7aab6c6-17e4-5db1-a51f-7a173128aef9');
  });

  test('parts are framed: no two lists give the same', () => {
    const lists = [['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', ''], ['1:a'], ['', '1:a']];
    expect(new Set(lists.map((parts) => uuidOf(...parts))).size).toBe(lists.length);
    expect(new Set(lists.map((parts) => digestOf(...parts))).size).toBe(lists.length);
    expect(digestOf('äb')).toBe(sha256Hex(new TextEncoder().encode('2:äb')));
  });
});

describe('JSON', () => {
  test('equal values give equal text, whatever the order of their keys', () => {
    expect(canonicalJson({ b: [{ y: 1, x: null }], a: 'é' })).toBe('{"a":"é","b":[{"x":null,"y":1}]}');
    expect(canonicalJson({ a: 'é', b: [{ x: null, y: 1 }] })).toBe(
      canonicalJson({ b: [{ y: 1, x: null }], a: 'é' }),
    );
    expect(canonicalJson([2, 1])).toBe('[2,1]');
  });

  test.each([
    [1.5, 1.5],
    [-0, -0],
    [Number.NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [-Infinity, '-Infinity'],
  ] as const)('the number %s travels as %s and comes back', (value, text) => {
    expect(toJsonNumber(value)).toBe(text);
    expect(fromJsonNumber(toJsonNumber(value))).toBe(value);
  });

  test('what is an object', () => {
    expect([{}, { a: 1 }].map(isObject)).toEqual([true, true]);
    expect([null, [], 'a', 1, undefined].map(isObject)).toEqual([false, false, false, false, false]);
  });

  test.each([
    [100, false],
    [101, true],
    [100_000, true],
  ])('a value of %i levels is too deep: %s', (levels, tooDeep) => {
    expect(isTooDeep(JSON.parse('['.repeat(levels) + ']'.repeat(levels)))).toBe(tooDeep);
  });

  test('texts are made well-formed, keys too, all else stays', () => {
    const value = { 'k\ud800': ['\udc00', '🚂', 1, null, true] };
    expect(wellFormed(value)).toEqual({ 'k\ufffd': ['\ufffd', '🚂', 1, null, true] });
  });
});
