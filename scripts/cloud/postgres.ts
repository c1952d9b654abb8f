import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from './children.ts';
import type { StandIn } from './stand-in.ts';
import {
  acceptsConnections,
  findProgram,
  freePort,
  isProgram,
  MissingToolError,
  needProgram,
} from './tools.ts';

const NEEDS = "Postgres 13 or newer (Debian's package postgresql)";
/** Debian keeps the programs of the server beside the PATH, a folder a version. */
const DEBIAN = '/usr/lib/postgresql';
/** The server refuses to be root; any other user will do, and everywhere there is this one. */
const NOBODY = 65534;

/** A real Postgres of the machine, with its data in memory or in the folder of the run. */
export const postgres: StandIn = {
  name: 'postgres',
  version: 'installed',
  standsInFor: "a team's database",
  needs: NEEDS,
  async prepare(workshop) {
    const initdb = programOf('initdb');
    const server = join(dirname(initdb), 'postgres');
    const as = withoutRoot();
    return {
      how: 'of this machine',
      async start() {
        const home = workshop.folder('server');
        // The folder of the run is its owner's alone; the server's user has to get through.
        for (const folder of [dirname(workshop.log), dirname(home), home]) chmodSync(folder, 0o711);
        const [data, password] = [join(home, `data-${randomUUID()}`), randomUUID()];
        const passwordFile = join(home, 'password');
        writeFileSync(passwordFile, password, { mode: 0o600 });
        mkdirSync(data, { mode: 0o700 });
        if (as.length > 0) for (const path of [data, passwordFile]) chownSync(path, NOBODY, NOBODY);
        const made = [
          '-D',
          data,
          '-U',
          'tidemark',
          '--auth',
          'scram-sha-256',
          '--pwfile',
          passwordFile,
          '-E',
          'UTF8',
        ];
        await workshop.run([...as, initdb, ...made, '--no-sync', '--locale', 'C'] as unknown as Command);
        const port = await freePort();
        const settings = [
          `listen_addresses=127.0.0.1`,
          `port=${port}`,
          'unix_socket_directories=',
          'fsync=off',
        ];
        const options = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
        await workshop.serve([...as, server, ...options] as unknown as Command, {
          isReady: () => acceptsConnections(port),
        });
        return {
          TIDEMARK_TEST_POSTGRES: `postgres://tidemark@127.0.0.1:${port}/postgres`,
          TIDEMARK_TEST_POSTGRES_PASSWORD: password,
        };
      },
    };
  },
};

function programOf(name: string): string {
  const onPath = findProgram(name);
  if (onPath !== null) return onPath;
  const versions = statSync(DEBIAN, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(DEBIAN) : [];
  const found = versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(DEBIAN, version, 'bin', name))
    .find(isProgram);
  if (found === undefined) throw new MissingToolError(`no ${name}: install ${NEEDS}`);
  return found;
}

/** What a command begins with so that it does not run as root; empty where this process is not. */
function withoutRoot(): string[] {
  if (process.getuid?.() !== 0) return [];
  const setpriv = needProgram('setpriv', 'util-linux');
  return [setpriv, `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
}
