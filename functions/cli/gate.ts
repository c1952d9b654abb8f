import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { GlobalFlags } from '../config.ts';
import { UsageError } from '../errors.ts';
import { gateServer } from '../gate/server.ts';
import { openSession } from '../gate/session.ts';
import { type Terminal, terminalLog } from './io.ts';
import { begin } from './open-ports.ts';

/** What `gate` takes. */
export interface GateFlags {
  readonly port?: string;
  readonly host?: string;
}

const DEFAULT_PORT = '8181';

/** Answers over HTTP until the process is told to stop. */
export async function gateCommand(flags: GateFlags & GlobalFlags, terminal: Terminal): Promise<number> {
  const { setup, clock } = await begin(flags, terminal);
  const port = portOf(flags.port ?? DEFAULT_PORT);
  const session = openSession(setup, { env: terminal.env, clock, log: terminalLog(terminal) });
  const server = gateServer(session.deps);
  try {
    server.listen(port, flags.host ?? '127.0.0.1');
    await once(server, 'listening').catch((error: Error) => {
      throw new UsageError(`Cannot open the gate: ${error.message}`);
    });
    const { address, port: bound, family } = server.address() as AddressInfo;
    terminal.err(`The gate is open at http://${family === 'IPv6' ? `[${address}]` : address}:${bound}\n`);
    await stopped();
  } finally {
    server.close();
    await session.close();
    server.closeIdleConnections();
  }
  return 0;
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`Cannot read --port "${text}": wanted a number up to 65535`);
}

async function stopped(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
