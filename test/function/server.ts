// Serves a function of the functions framework on the loopback interface alone: its own command listens on all.
// Usage: node server.ts MODULE [FUNCTION]; prints the port in a line of its own when it is ready.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { getTestServer } from '@google-cloud/functions-framework/testing';

const [, , module = '', name = 'tick'] = process.argv;
await import(pathToFileURL(resolve(module)).href);
const server = getTestServer(name);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) process.stdout.write(`listening ${address.port}\n`);
});
