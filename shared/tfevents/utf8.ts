const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether the bytes are UTF-8; protobuf refuses a message with a string that is not. */
export function isUtf8(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at]! >= 0x80) return decodes(bytes.subarray(from, to));
  return true;
}

function decodes(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** A byte order mark is part of the text: tags are compared as they are. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
