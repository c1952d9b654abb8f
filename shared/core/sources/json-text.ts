import { plainNumber } from './numbers.ts';
import { type SourceText, textOf } from './text.ts';

/** What a JSON text holds, or one clause that says why it is none. */
export type ParsedJson =
  | { readonly value: unknown; readonly notes: readonly string[] }
  | { readonly problem: string };

/** Reads the bytes of a JSON file. */
export function jsonOf(bytes: Uint8Array): ParsedJson {
  const decoded: SourceText = textOf(bytes);
  if ('problem' in decoded) return decoded;
  if (decoded.text.trim() === '') return { problem: 'is empty; wanted JSON' };
  const parsed = parseJson(decoded.text);
  return 'problem' in parsed ? parsed : { ...parsed, notes: decoded.notes };
}

/**
 * Parses JSON, and what Python and others write for JSON: NaN, Infinity and -Infinity stand bare there. Those become
 * texts, which `numberIn` takes for numbers.
 */
export function parseJson(text: string): ParsedJson {
  try {
    return { value: JSON.parse(text), notes: [] };
  } catch (error) {
    const quoted = withQuotedWords(text);
    if (quoted === null) return notJson(error);
  }
  try {
    return { value: JSON.parse(withQuotedWords(text)!), notes: [] };
  } catch (error) {
    return notJson(error);
  }
}

function notJson(error: unknown): ParsedJson {
  const message = error instanceof Error ? error.message : String(error);
  return { problem: `is not JSON: ${message.replaceAll(/[\x00-\x1f\x7f]/g, ' ')}` };
}

const WORDS = ['NaN', 'Infinity', '-Infinity'] as const;

/** The text with every bare NaN and infinity in quotes; null when it has none. One pass, whatever the text is. */
function withQuotedWords(text: string): string | null {
  const parts: string[] = [];
  let kept = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text[at];
    if (unit === '"') {
      at = endOfString(text, at);
      continue;
    }
    if (unit !== 'N' && unit !== 'I' && unit !== '-') continue;
    const word = WORDS.find((one) => text.startsWith(one, at));
    if (word === undefined) continue;
    parts.push(text.slice(kept, at), '"', word, '"');
    kept = at + word.length;
    at = kept - 1;
  }
  return kept === 0 ? null : parts.join('') + text.slice(kept);
}

/** The place of the quote that ends a string; the end of the text where none does. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

/** The number that a JSON value is, be it as a text; null when it is none. */
export function numberIn(value: unknown): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? plainNumber(value.trim()) : null;
}

const LONGEST_SHOWN = 60;

/** A value as a sentence may show it: short, in one line, and found in constant time. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, LONGEST_SHOWN) : value);
  return typeof value === 'string' && value.length > LONGEST_SHOWN ? `${text}…` : text;
}
