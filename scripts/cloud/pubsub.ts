import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Prepared, StandIn, Workshop } from './stand-in.ts';
import { acceptsConnections, answersHttp, findProgram, freePort, isProgram, needProgram } from './tools.ts';

const SOURCE = join(import.meta.dirname, 'pstest');
const MODULE = '2.5.1';

/**
 * Google's emulator where this machine has it; else pstest, the server of Google's own Go tests.
 * TIDEMARK_TEST_PUBSUB_KIND=pstest takes pstest in any case.
 */
export const pubsub: StandIn = {
  name: 'pubsub',
  version: MODULE,
  standsInFor: 'Pub/Sub',
  needs: "Google's emulator and Java, or Go",
  async prepare(workshop) {
    const emulator = process.env.TIDEMARK_TEST_PUBSUB_KIND === 'pstest' ? null : findEmulator();
    return emulator === null || findProgram('java') === null
      ? preparePstest(workshop)
      : prepareEmulator(workshop, emulator);
  },
};

function prepareEmulator(workshop: Workshop, emulator: string): Prepared {
  return {
    version: emulatorVersion(emulator),
    how: "Google's emulator of this machine",
    async start() {
      const port = await freePort();
      await workshop.serve([emulator, '--host=127.0.0.1', `--port=${port}`], {
        isReady: () => answersHttp(`http://127.0.0.1:${port}`),
      });
      return variables(port, 'emulator');
    },
  };
}

async function preparePstest(workshop: Workshop): Promise<Prepared> {
  const go = needProgram('go', "Go 1.25 or newer, or Google's Pub/Sub emulator");
  const { folder, how } = await workshop.keep({
    name: 'pstest',
    version: MODULE,
    recipe: ['main.go', 'go.mod', 'go.sum'].map((file) => readFileSync(join(SOURCE, file), 'utf8')),
    make: (into) =>
      workshop.run([go, 'build', '-trimpath', '-ldflags', '-s -w', '-o', join(into, 'pstest'), '.'], {
        cwd: SOURCE,
        environment: { CGO_ENABLED: '0' },
      }),
  });
  return {
    how: `pstest, ${how}`,
    async start() {
      const port = await freePort();
      await workshop.serve([join(folder, 'pstest'), '-port', String(port)], {
        isReady: () => acceptsConnections(port),
      });
      return variables(port, 'pstest');
    },
  };
}

function variables(port: number, kind: 'emulator' | 'pstest'): Record<string, string> {
  const address = `127.0.0.1:${port}`;
  return { TIDEMARK_TEST_PUBSUB: address, TIDEMARK_TEST_PUBSUB_KIND: kind, PUBSUB_EMULATOR_HOST: address };
}

/** The emulator lies in the folder of Google's command line, however that was installed. */
function findEmulator(): string | null {
  const gcloud = findProgram('gcloud');
  if (gcloud === null) return null;
  const sdk = dirname(dirname(realpathSync(gcloud)));
  const path = join(sdk, 'platform/pubsub-emulator/bin/cloud-pubsub-emulator');
  return isProgram(path) ? path : null;
}

/** The emulator does not say its version; the file it consists of does. */
function emulatorVersion(emulator: string): string {
  const files = readdirSync(join(dirname(dirname(emulator)), 'lib'));
  return (
    files.map((file) => /-(\d[\d.]*)-all\.jar$/.exec(file)?.[1]).find((found) => found !== undefined) ?? '?'
  );
}
