import { plain } from './plain.ts';

/** Text from outside as it may stand in an attribute or element of XML. */
export function xmlText(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return plain(text).replaceAll(/[&<>"]/g, (char) => entities[char]!);
}

/** Text from outside as it may stand in a cell of a Markdown table: it formats nothing and links to nowhere. */
export function markdownText(text: string): string {
  return plain(text).replaceAll(/[\\|`*_<>[\]]/g, (char) => `\\${char}`);
}
