import { keepPython, pythonOf } from './python.ts';
import type { StandIn } from './stand-in.ts';
import { answersHttp, freePort } from './tools.ts';

/** moto's server with its objects in memory. It takes every key, and checks no signature. */
export const s3: StandIn = {
  name: 's3',
  version: '5.2.5',
  standsInFor: 'S3',
  needs: 'Python 3.11 or newer',
  async prepare(workshop) {
    const { folder, how } = await keepPython(workshop, { name: this.name, version: this.version });
    return {
      how,
      async start() {
        const port = await freePort();
        const url = `http://127.0.0.1:${port}`;
        await workshop.serve([pythonOf(folder), '-m', 'moto.server', '-H', '127.0.0.1', '-p', `${port}`], {
          isReady: () => answersHttp(`${url}/moto-api/`),
        });
        return { TIDEMARK_TEST_S3: url };
      },
    };
  },
};
