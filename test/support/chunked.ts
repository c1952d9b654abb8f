/**
 * The bytes in chunks of the given sizes, the last size again and again; each chunk is overwritten when the
 * next one is asked for, as a reader with one reused buffer does.
 */
export async function* chunked(bytes: Uint8Array, ...sizes: number[]): AsyncGenerator<Uint8Array> {
  let buffer = new Uint8Array(0);
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[Math.min(turn, sizes.length - 1)] ?? bytes.length;
    buffer.fill(0xee);
    buffer = bytes.slice(at, at + size);
    at += size;
    yield buffer;
  }
  buffer.fill(0xee);
}
