/** No number that a program prints is longer; longer ones would only cost time. */
const LONGEST = 400;
const PLAIN = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
/** Groups of three behind one to three digits of which the first is not 0: what only a thousands separator makes. */
const GROUPED = {
  '.': /^[+-]?[1-9]\d{0,2}([,' \u00a0\u202f\u2019])\d{3}(?:\1\d{3})*(?=$|[.eE])/,
  ',': /^[+-]?[1-9]\d{0,2}([.' \u00a0\u202f\u2019])\d{3}(?:\1\d{3})*(?=$|[,eE])/,
} as const;
const NOT_FINITE = new Map<string, number>([
  ['nan', Number.NaN],
  ...['inf', '+inf', 'infinity', '+infinity'].map((word) => [word, Number.POSITIVE_INFINITY] as const),
  ...['-inf', '-infinity'].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
]);

/** A number as programs print it, with a decimal point; NaN and the infinities by name. Null when it is none. */
export function plainNumber(text: string): number | null {
  if (text.length > LONGEST) return null;
  if (PLAIN.test(text)) return Number(text);
  return NOT_FINITE.get(text.toLowerCase()) ?? null;
}

/** How a text writes fractions. */
export type DecimalMark = '.' | ',';

/**
 * A number as people and spreadsheets write it: with this decimal mark, and thousands apart by the other mark, a blank
 * or an apostrophe. `0.250` with a decimal comma is none, since no group of thousands begins with 0. Null when it is none.
 */
export function writtenNumber(text: string, mark: DecimalMark): number | null {
  if (text.length > LONGEST) return null;
  const grouped = GROUPED[mark].exec(text)?.[0] ?? '';
  const joined = grouped.replaceAll(/[^\d+-]/g, '') + text.slice(grouped.length);
  if (mark === '.') return plainNumber(joined);
  return joined.includes('.') ? null : plainNumber(joined.replace(',', '.'));
}

/**
 * Which decimal mark the numbers of one file have, as far as they tell: `0,5` and `1.234,5` tell, `1,234` does not.
 * Null when none tells, or when they disagree.
 */
export function markOf(texts: Iterable<string>): DecimalMark | null {
  const seen = new Set<DecimalMark>();
  for (const text of texts) {
    const asPoint = writtenNumber(text, '.');
    const asComma = writtenNumber(text, ',');
    if (asPoint !== null && asComma === null) seen.add('.');
    if (asPoint === null && asComma !== null) seen.add(',');
  }
  return seen.size === 1 ? [...seen][0]! : null;
}
