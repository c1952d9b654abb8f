// What S3 answers is flat XML of a few elements without attributes. So it needs no parser, and nothing that a hostile
// one could be made to do: no entities but those of characters, no nesting, one pass.

/** The contents of every `<name>…</name>`, in order; what is not closed ends the list. */
export function elementsOf(xml: string, name: string): string[] {
  const [open, close] = [`<${name}>`, `</${name}>`];
  const found: string[] = [];
  let at = xml.indexOf(open);
  while (at >= 0) {
    const from = at + open.length;
    const to = xml.indexOf(close, from);
    if (to < 0) break;
    found.push(xml.slice(from, to));
    at = xml.indexOf(open, to + close.length);
  }
  return found;
}

/** The text of the first `<name>`; null when there is none, or when it holds other elements. */
export function textOf(xml: string, name: string): string | null {
  const from = xml.indexOf(`<${name}>`);
  const to = from < 0 ? -1 : xml.indexOf('<', from + name.length + 2);
  if (to < 0 || !xml.startsWith(`</${name}>`, to)) return null;
  return decoded(xml.slice(from + name.length + 2, to));
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decoded(text: string): string {
  return text.replace(
    /&(?:#x[0-9a-fA-F]{1,6}|#\d{1,7}|[a-z]{2,4});/g,
    (entity) => characterOf(entity.slice(1, -1)) ?? entity,
  );
}

function characterOf(name: string): string | null {
  if (!name.startsWith('#')) return NAMED[name] ?? null;
  const point = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : null;
}
