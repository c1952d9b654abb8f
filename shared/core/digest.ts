import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';

const utf8 = new TextEncoder();

/** SHA-256 of bytes, 64 hex digits. */
export function sha256Hex(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes));
}

/** SHA-256 over parts of text; every part is framed by its length, so that no two lists give the same bytes. */
export function digestOf(...parts: readonly string[]): string {
  return sha256Hex(utf8.encode(frame(parts)));
}

function frame(parts: readonly string[]): string {
  return parts.map((part) => `${part.length}:${part}`).join('');
}

/** Namespace of every UUID that Tidemark derives; never to be changed, or all identities change. */
const NAMESPACE = hexToBytes('6f0d2a5e3b1c4d7e9a8f5c2b7d4e1a90');

/** UUID version 5 (RFC 9562 §5.5) of the parts, in Tidemark's own namespace. */
export function uuidOf(...parts: readonly string[]): string {
  const name = utf8.encode(frame(parts));
  const input = new Uint8Array(NAMESPACE.length + name.length);
  input.set(NAMESPACE);
  input.set(name, NAMESPACE.length);
  const hash = sha1(input).slice(0, 16);
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = bytesToHex(hash);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
