import { isObject } from '../json.ts';

/** Every power of ten up to here, and every whole number below `EXACT`, is a double. */
const MOST_DECIMALS = 15;
const EXACT = 9e15;

/**
 * JSON for people, indented, keys in the order of their code points. The jsonnet library writes the same
 * bytes, so that a config is one text however its template was rendered.
 */
export function jsonText(value: unknown, indent = ''): string {
  const inner = `${indent}  `;
  const block = (open: string, parts: readonly string[], close: string) =>
    parts.length === 0
      ? `${open}${close}`
      : `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`;
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return stringText(value);
  if (Array.isArray(value)) {
    return block(
      '[',
      value.map((part) => jsonText(part, inner)),
      ']',
    );
  }
  if (!isObject(value)) return String(value);
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  const lines = entries
    .sort(([a], [b]) => byCodePoint(a, b))
    .map(([key, part]) => `${stringText(key)}: ${jsonText(part, inner)}`);
  return block('{', lines, '}');
}

/**
 * The shortest decimal of at most 15 places that gives the number back, found by a division that rounds once;
 * else 17 digits, as C's `%.17g`.
 */
function numberText(value: number): string {
  if (Number.isInteger(value)) return BigInt(value).toString();
  const sign = value < 0 ? '-' : '';
  const size = Math.abs(value);
  for (let places = 0, power = 1; places <= MOST_DECIMALS; places++, power *= 10) {
    const digits = Math.floor(size * power + 0.5);
    if (digits < EXACT && digits / power === size) {
      const text = String(digits).padStart(places + 1, '0');
      return `${sign}${text.slice(0, text.length - places)}.${text.slice(-places)}`;
    }
  }
  return sign + longText(size);
}

function longText(size: number): string {
  const [digits = '', power = ''] = size.toExponential(16).split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 17) return size.toFixed(16 - exponent).replace(/\.?0+$/, '');
  const mark = exponent < 0 ? '-' : '+';
  return `${digits.replace(/\.?0+$/, '')}e${mark}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function stringText(text: string): string {
  return JSON.stringify(text.toWellFormed());
}

/** Not the order of JavaScript, whose units of 16 bits put emoji in front of some other letters. */
export function byCodePoint(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  for (const [index, letter] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (letter !== other) return (letter.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
  }
  return left.length - right.length;
}
