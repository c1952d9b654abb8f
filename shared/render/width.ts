let segmenter: Intl.Segmenter | undefined;

/** Made when it is first needed: it takes 16 ms, as long as all else of a short command. */
function graphemesOf(text: string): Iterable<Intl.SegmentData> {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** Blocks of East Asian Width W and F (Unicode 16, UAX #11), without the emoji, which `EMOJI` finds. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]/u;
const EMOJI = /^\p{Emoji_Presentation}|\ufe0f/u;
const NO_WIDTH = /^[\p{M}\u200b-\u200d\ufeff]+$/u;
/** ASCII, Latin letters, dashes, quotes and `…`, lines and blocks: each a character and a column of its own. */
const PLAIN = /^[ -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2500-\u259f]*$/;

/** Columns that a text without control characters takes on a terminal. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemesOf(text)) width += graphemeWidth(segment);
  return width;
}

function graphemeWidth(segment: string): number {
  if (NO_WIDTH.test(segment)) return 0;
  return WIDE.test(segment) || EMOJI.test(segment) ? 2 : 1;
}

/** Cuts a text to `width` columns, never through a character; `…` marks what is left out. */
export function cutToWidth(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width < 1) return '';
  let kept = '';
  let used = 0;
  for (const { segment } of graphemesOf(text)) {
    const next = used + graphemeWidth(segment);
    if (next > width - 1) break;
    kept += segment;
    used = next;
  }
  return `${kept}…`;
}

/** Spaces that bring a text to `width` columns; none if it is as wide already. */
export function padding(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/**
 * Breaks a text at its spaces into lines of at most `width` columns. A longer word stays whole on a line of
 * its own, so that addresses can still be clicked. `indent` stands before every line but the first, which keeps
 * the spaces it begins with.
 */
export function wrap(text: string, width: number, options: { readonly indent?: string } = {}): string[] {
  const indent = options.indent ?? '';
  const lines: string[] = [];
  let line = /^ */.exec(text)?.[0] ?? '';
  let empty = true;
  for (const word of text.slice(line.length).split(' ')) {
    const longer = empty ? line + word : `${line} ${word}`;
    if (!empty && displayWidth(longer) > width) {
      lines.push(line.trimEnd());
      line = indent + word;
    } else line = longer;
    empty = false;
  }
  return [...lines, line];
}
