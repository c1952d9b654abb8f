/** A text and what a person should know of it, or one sentence that says why the bytes are none. */
export type SourceText =
  | { readonly text: string; readonly notes: readonly string[] }
  | { readonly problem: string };

/** What a text may say of its own encoding; anything else is refused, never guessed. */
const ENCODINGS = new Map([
  // Whoever could read the word UTF-16 in a text without a byte order mark has read no UTF-16; .NET writes that.
  ...['utf-8', 'utf8', 'us-ascii', 'ascii', 'utf-16'].map((name) => [name, 'utf-8'] as const),
  ...['iso-8859-1', 'latin-1', 'latin1', 'windows-1252'].map((name) => [name, 'windows-1252'] as const),
]);

/**
 * The text of a file: UTF-8, or what its byte order mark or `declared` (as an XML file declares it) says. The mark is
 * not part of the text. `lossy` is for what many programs print to at once: bytes that are none of UTF-8 become U+FFFD,
 * with a note.
 */
export function textOf(
  bytes: Uint8Array,
  { declared, lossy = false }: { readonly declared?: string; readonly lossy?: boolean } = {},
): SourceText {
  const mark = markOf(bytes);
  const encoding = mark?.encoding ?? ENCODINGS.get((declared ?? 'utf-8').toLowerCase());
  if (encoding === undefined)
    return { problem: `is in the encoding ${JSON.stringify(declared)}; wanted UTF-8` };
  const body = bytes.subarray(mark?.length ?? 0);
  try {
    return { text: new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(body), notes: [] };
  } catch {
    const text = new TextDecoder(encoding, { ignoreBOM: true }).decode(body);
    const told = `line ${lineAt(text, text.indexOf('\uFFFD'))} is not ${encoding.toUpperCase()}`;
    return lossy ? { text, notes: [`${told}; what cannot be read stands as \uFFFD`] } : { problem: told };
  }
}

function markOf(bytes: Uint8Array): { readonly encoding: string; readonly length: number } | null {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: 'utf-8', length: 3 };
  if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le', length: 2 };
  if (a === 0xfe && b === 0xff) return { encoding: 'utf-16be', length: 2 };
  return null;
}

/** The line in which a place of the text lies, from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

/** The lines of a text without their ends: LF, CRLF or CR, since a progress bar goes back with CR alone. */
export function* linesOf(text: string): Generator<{ readonly text: string; readonly isWhole: boolean }> {
  const breaks = /\r\n?|\n/g;
  let from = 0;
  for (let found = breaks.exec(text); found !== null; found = breaks.exec(text)) {
    yield { text: text.slice(from, found.index), isWhole: true };
    from = breaks.lastIndex;
  }
  if (from < text.length) yield { text: text.slice(from), isWhole: false };
}
