import { expect, test } from 'vitest';
import { cutToWidth, displayWidth } from './width.ts';

/** Two columns, and no plain character: a text with it is taken apart into characters. */
const WIDE = '中';

function isVisible(one: string): boolean {
  return !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(one);
}

test('plain characters take the column that taking the text apart gives them', () => {
  const codes = [0x20, 0xa1, 0x2010, 0x2500].flatMap((from) =>
    Array.from({ length: 0x60 }, (_, at) => from + at),
  );
  const latin = Array.from({ length: 0x100 }, (_, at) => 0x200 + at);
  const characters = [...codes, ...latin].map((code) => String.fromCharCode(code)).filter(isVisible);
  const other = characters.filter((one) => displayWidth(one) !== displayWidth(WIDE + one) - 2);
  expect(other).toStrictEqual([]);
});

test('plain characters side by side stay characters of their own', () => {
  const text = 'é—…“Ÿ”├─┤▁▂█ˮ';
  expect(displayWidth(text)).toBe(text.length);
  expect(displayWidth(`${WIDE}${text}`)).toBe(text.length + 2);
  expect(cutToWidth(text, 4)).toBe('é—……');
});
