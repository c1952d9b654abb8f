import { writeSync } from 'node:fs';

/** Nothing ever wakes who waits on it. */
const pause = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes texts to standard output, each whole before it returns, without the streams of Node, which take longer to set
 * up than a small file to read. A reader that closes the pipe early, such as `head`, has seen enough: what comes then
 * is dropped. Throws what else the system says, such as that the disk is full.
 */
export function printer(fd = 1): (text: string) => void {
  let isOpen = true;
  return (text) => {
    if (!isOpen) return;
    try {
      writeAll(fd, Buffer.from(text));
    } catch (error) {
      if (codeOf(error) !== 'EPIPE') throw error;
      isOpen = false;
    }
  };
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      // Somebody who shares the pipe has made it one that does not wait.
      if (codeOf(error) !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
