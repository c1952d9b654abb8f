import { RemoteFailure } from './failure.ts';
import type { Waits } from './waits.ts';

/** How much of a body is read at most, in bytes, and how long is waited for it. */
export interface Bounds {
  readonly waits: Waits;
  readonly most: number;
}

/** The body of an answer as text. Throws a RemoteFailure `refused` once it is longer than `most` bytes. */
export async function boundedText(response: Response, bounds: Bounds): Promise<string> {
  const { bytes, isWhole } = await beginning(response, bounds);
  if (!isWhole) throw new RemoteFailure('refused', `the answer is longer than ${bounds.most} bytes`);
  return bytes.toString('utf8');
}

/** The beginning of a body, for the words of an error. */
export async function beginningOf(response: Response, bounds: Bounds): Promise<string> {
  return (await beginning(response, bounds)).bytes.toString('utf8');
}

async function beginning(
  response: Response,
  { waits, most }: Bounds,
): Promise<{ readonly bytes: Buffer; readonly isWhole: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  while (reader !== undefined && size <= most) {
    const { done, value } = await waits.during(reader.read());
    if (done) return { bytes: Buffer.concat(chunks), isWhole: true };
    chunks.push(value);
    size += value.length;
  }
  // Whoever sends without end is not listened to; what the connection says to that does not matter.
  void reader?.cancel().catch(() => {});
  return { bytes: Buffer.concat(chunks).subarray(0, most), isWhole: reader === undefined };
}
