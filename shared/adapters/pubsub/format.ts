import type { Delivery } from '../../ports/queue.ts';

const CONTENT_TYPES = { json: 'application/json', v2: 'application/x-protobuf' } as const;

/** The content type under which a message of that name is published; `.pb` is a v2 message, all else JSON. */
export function contentType(name: string): string {
  return CONTENT_TYPES[name.endsWith('.pb') ? 'v2' : 'json'];
}

/** First bytes of a field of TestCompletedEvent: its number and its wire type (schemas/test-completed-event.proto). */
const V2_TAGS: ReadonlySet<number | undefined> = new Set([
  0x0a, 0x12, 0x18, 0x20, 0x2a, 0x32, 0x3a, 0x42, 0x4a, 0x52,
]);

/**
 * What a message is, by its content type or, since v2 publishers set none, by how it begins. A protobuf message
 * begins with the tag of a field, of which 0x0a is a line feed for JSON too: so what begins like an object of
 * JSON is one. What is neither is left to the reader of JSON, who says so.
 */
export function formatOf(body: Uint8Array, attributes: Readonly<Record<string, string>>): Delivery['format'] {
  const said = (attributes['content-type'] ?? '').toLowerCase();
  if (said.includes('protobuf')) return 'v2';
  if (said.includes('json')) return 'json';
  if (beginsLikeJson(body)) return 'json';
  return V2_TAGS.has(body[0]) ? 'v2' : 'json';
}

/** A brace, and behind it a key or the end of the object; a byte order mark and blanks are passed over. */
function beginsLikeJson(body: Uint8Array): boolean {
  const hasMark = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
  const brace = afterBlanks(body, hasMark ? 3 : 0);
  if (body[brace] !== 0x7b) return false;
  const next = body[afterBlanks(body, brace + 1)];
  return next === 0x22 || next === 0x7d;
}

function afterBlanks(body: Uint8Array, from: number): number {
  let at = from;
  while (body[at] === 0x20 || body[at] === 0x0a || body[at] === 0x0d || body[at] === 0x09) at++;
  return at;
}
