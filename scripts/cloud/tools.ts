import { accessSync, constants, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** This machine lacks a program that a stand-in is made or run with; no fault of the project. */
export class MissingToolError extends Error {}

/** The full path of the first program of that name on the PATH, or null. */
export function findProgram(name: string): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (folder !== '' && isProgram(path)) return path;
  }
  return null;
}

/** Like `findProgram`; throws MissingToolError with the sentence for people where there is none. */
export function needProgram(name: string, what: string): string {
  const path = findProgram(name);
  if (path === null) throw new MissingToolError(`no ${name} on the PATH: install ${what}`);
  return path;
}

/** Whether a file can be started. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** A port of the loopback interface that nobody listens on. It may be taken before it is used. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Asks until the answer is yes, or `signal` says that it will not come any more, or the time is over. */
export async function poll(
  isReady: () => Promise<boolean>,
  options: { readonly signal: AbortSignal; readonly seconds: number },
): Promise<boolean> {
  const deadline = performance.now() + options.seconds * 1000;
  while (!options.signal.aborted && performance.now() < deadline) {
    if (await isReady().catch(() => false)) return true;
    await sleep(30);
  }
  return false;
}

/** Whether the address answers HTTP at all; what it answers does not matter. */
export async function answersHttp(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  await response.arrayBuffer();
  return true;
}

/** Whether something listens on a port of the loopback interface. */
export function acceptsConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.end());
  });
}
