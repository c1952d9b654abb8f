import { join } from 'node:path';
import type { StandIn } from './stand-in.ts';
import { needProgram } from './tools.ts';

const VERSION = '0.22.0';

/** No server: the jsonnet command that people render the library of `infra/jsonnet` with. */
export const jsonnet: StandIn = {
  name: 'jsonnet',
  version: VERSION,
  standsInFor: 'the jsonnet command',
  needs: 'Go',
  async prepare(workshop) {
    const go = needProgram('go', 'Go 1.25 or newer');
    const { folder, how } = await workshop.keep({
      name: 'jsonnet',
      version: VERSION,
      recipe: [],
      make: (into) =>
        workshop.run(
          [
            go,
            'install',
            '-trimpath',
            '-ldflags',
            '-s -w',
            `github.com/google/go-jsonnet/cmd/jsonnet@v${VERSION}`,
          ],
          { environment: { CGO_ENABLED: '0', GOBIN: into } },
        ),
    });
    return { how, start: async () => ({ TIDEMARK_TEST_JSONNET: join(folder, 'jsonnet') }) };
  },
};
