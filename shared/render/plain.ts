/** Line breaks, tabs and their Unicode kin: they separate words, so one space takes their place. */
const BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
/**
 * C0 and C1 controls, bidi marks and overrides, zero-width fillers. A terminal or a mail program acts on them
 * instead of showing them. U+200D stays: it joins emoji.
 */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Text from outside as one line that shows what it is: no controls, no bidi tricks, no half characters. */
export function plain(text: string): string {
  return text.toWellFormed().replace(BREAKS, ' ').replace(UNSEEN, '');
}

/** Whether `plain` would change a text. */
export function isPlain(text: string): boolean {
  return plain(text) === text;
}

/** Cuts to at most `max` code points, the last of them `…` where something was left out. */
export function cut(text: string, max: number): string {
  // No text has more code points than code units, so most never need to be spread.
  if (text.length <= max) return text;
  const points = [...text];
  return points.length <= max
    ? text
    : `${points
        .slice(0, Math.max(0, max - 1))
        .join('')
        .trimEnd()}…`;
}
