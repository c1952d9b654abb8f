import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byCodePoint, jsonText } from './json-text.ts';

test('is indented, in the order of code points', () => {
  const value = { b: [1, { x: null }], a: {}, '10': [], '9': true, '😀': 'q"', '￮': '\n' };
  expect(jsonText(value).split('\n')).toEqual([
    '{',
    '  "10": [],',
    '  "9": true,',
    '  "a": {},',
    '  "b": [',
    '    1,',
    '    {',
    '      "x": null',
    '    }',
    '  ],',
    '  "￮": "\\n",',
    '  "😀": "q\\""',
    '}',
  ]);
});

test.each([
  [0.96, '0.96'],
  [-0.5, '-0.5'],
  [-0, '0'],
  [1e15, '1000000000000000'],
  [1e21, '1000000000000000000000'],
  [123.456, '123.456'],
  [1e-7, '0.0000001'],
  // 17 digits, as printf("%.17g") of a C library gives them.
  [1 / 3, '0.33333333333333331'],
  [1e-20, '9.9999999999999995e-21'],
  [0.0001234567890123456, '0.00012345678901234559'],
  [5e-324, '4.9406564584124654e-324'],
])('%d is %s', (value, text) => {
  expect(jsonText(value)).toBe(text);
});

test('every value comes back', () => {
  const texts = fc.string({ unit: 'grapheme' });
  const values = fc.jsonValue({ stringUnit: 'grapheme' });
  fc.assert(
    fc.property(fc.dictionary(texts, values), (value) => {
      // Minus zero is a zero in JSON as people write it.
      const plain = JSON.parse(JSON.stringify(value));
      expect(JSON.parse(jsonText(plain))).toEqual(plain);
    }),
  );
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      (value) => Number(jsonText(value)) === value,
    ),
    { numRuns: 5000 },
  );
});

test('code points order as bytes of UTF-8 do', () => {
  const texts = fc.array(fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(texts, (words) => {
      const byBytes = words.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(words.toSorted(byCodePoint)).toEqual(byBytes);
    }),
  );
});
