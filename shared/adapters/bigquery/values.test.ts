import { describe, expect, test } from 'vitest';
import { decodeRows } from './decode.ts';
import { type ParameterType, type ParameterValue, queryParameter, typeText } from './parameters.ts';
import type { ColumnType } from './tables.ts';

const sent = (type: ParameterType, value: ParameterValue) =>
  queryParameter('p', { type, value }).parameterValue;

describe('a parameter', () => {
  test.each<readonly [ParameterType, ParameterValue, object]>([
    ['STRING', 'a\u0000b', { value: 'a\u0000b' }],
    ['STRING', null, { value: null }],
    ['INT64', 7, { value: '7' }],
    ['FLOAT64', 5e-324, { value: '5e-324' }],
    ['TIMESTAMP', -1, { value: '1969-12-31T23:59:59.999Z' }],
    [['STRING'], [], { arrayValues: [] }],
    [['INT64'], [1, null], { arrayValues: [{ value: '1' }, { value: null }] }],
    [
      [{ name: 'STRING', at: 'TIMESTAMP' }],
      [{ name: 'a', at: 0 }, { name: 'b' }],
      {
        arrayValues: [
          { structValues: { name: { value: 'a' }, at: { value: '1970-01-01T00:00:00.000Z' } } },
          { structValues: { name: { value: 'b' }, at: { value: null } } },
        ],
      },
    ],
  ])('of type %o and value %o is sent as text', (type, value, wire) => {
    expect(sent(type, value)).toStrictEqual(wire);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('is never %s', (value) => {
    expect(() => sent('FLOAT64', value)).toThrow(/Cannot pass/);
    expect(() => sent(['FLOAT64'], [value])).toThrow(/Cannot pass/);
  });

  test('has a type that reads as GoogleSQL writes it', () => {
    expect(typeText('JSON')).toBe('JSON');
    expect(typeText(['STRING'])).toBe('ARRAY<STRING>');
    expect(typeText([{ a: 'STRING', b: 'INT64' }])).toBe('ARRAY<STRUCT<a STRING, b INT64>>');
  });
});

describe('a cell', () => {
  test.each<readonly [ColumnType, string | null, unknown]>([
    ['STRING', 'x', 'x'],
    ['STRING', null, null],
    ['JSON', '{"a":1}', '{"a":1}'],
    ['INT64', '12', 12],
    ['FLOAT64', '1.7976931348623157e+308', Number.MAX_VALUE],
    ['FLOAT64', '9.223372036854776e+18', 2 ** 63],
    ['BOOL', 'true', 1],
    ['BOOL', 'false', 0],
    ['TIMESTAMP', '1785550500123000', '2026-08-01T02:15:00.123Z'],
    ['TIMESTAMP', '253402300799999999', '9999-12-31T23:59:59.999Z'],
    ['TIMESTAMP', '-1', '1969-12-31T23:59:59.999Z'],
    ['TIMESTAMP', '-62135596800000000', '0001-01-01T00:00:00.000Z'],
    ['BYTES', 'AP8=', new Uint8Array([0, 255])],
    ['BYTES', '', new Uint8Array()],
  ])('of type %s with %o becomes what SQLite would hold', (type, v, held) => {
    const columns = [{ name: 'c', type, required: false }];
    expect(decodeRows([{ f: [{ v }] }], columns)).toStrictEqual([{ c: held }]);
  });
});
