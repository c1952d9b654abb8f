import { join } from 'node:path';
import type { StandIn } from './stand-in.ts';
import { answersHttp, freePort, needProgram } from './tools.ts';

const VERSION = '1.56.1';

/** fake-gcs-server with its objects in memory. */
export const gcs: StandIn = {
  name: 'gcs',
  version: VERSION,
  standsInFor: 'Cloud Storage',
  needs: 'Go',
  async prepare(workshop) {
    const go = needProgram('go', 'Go 1.25 or newer');
    const { folder, how } = await workshop.keep({
      name: 'gcs',
      version: VERSION,
      recipe: [],
      make: (into) =>
        workshop.run(
          [go, 'install', '-trimpath', '-ldflags', '-s -w', `github.com/fsouza/fake-gcs-server@v${VERSION}`],
          { environment: { CGO_ENABLED: '0', GOBIN: into } },
        ),
    });
    return {
      how,
      async start() {
        const port = await freePort();
        const url = `http://127.0.0.1:${port}`;
        const server = join(folder, 'fake-gcs-server');
        // Unasked it speaks https on every interface and writes to a folder at the root.
        const options = `-backend memory -scheme http -host 127.0.0.1 -port ${port} -log-level warn`.split(
          ' ',
        );
        const names = ['-public-host', `127.0.0.1:${port}`, '-external-url', url];
        await workshop.serve([server, ...options, ...names], {
          isReady: () => answersHttp(`${url}/storage/v1/b?project=p1`),
        });
        return { TIDEMARK_TEST_GCS: url };
      },
    };
  },
};
