import { keepPython, pythonOf } from './python.ts';
import type { StandIn } from './stand-in.ts';
import { answersHttp, freePort } from './tools.ts';

/** More than any test asks before it locks the server. */
const UNLOCKED = '100000';

/**
 * moto's server with its objects in memory, twice: one takes every key and checks nothing; the other one, once a test
 * has locked it, checks signatures and rights.
 */
export const s3: StandIn = {
  name: 's3',
  version: '5.2.5',
  standsInFor: 'S3',
  needs: 'Python 3.11 or newer',
  async prepare(workshop) {
    const { folder, how } = await keepPython(workshop, { name: this.name, version: this.version });
    const serve = async (environment: Record<string, string>) => {
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      await workshop.serve([pythonOf(folder), '-m', 'moto.server', '-H', '127.0.0.1', '-p', `${port}`], {
        environment,
        isReady: () => answersHttp(`${url}/moto-api/`),
      });
      return url;
    };
    return {
      how,
      start: async () => ({
        TIDEMARK_TEST_S3: await serve({}),
        TIDEMARK_TEST_S3_LOCKED: await serve({ INITIAL_NO_AUTH_ACTION_COUNT: UNLOCKED }),
      }),
    };
  },
};
