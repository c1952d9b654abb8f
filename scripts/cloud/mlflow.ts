import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { keepPython, pythonOf } from './python.ts';
import type { StandIn } from './stand-in.ts';
import { answersHttp, freePort } from './tools.ts';

/**
 * MLflow's own tracking server, with its runs in a database of SQLite. Its pins leave out what only training with it
 * takes: half a gigabyte.
 */
export const mlflow: StandIn = {
  name: 'mlflow',
  version: '3.17.2',
  standsInFor: "a team's tracking server",
  needs: 'Python 3.11 or newer',
  async prepare(workshop) {
    const { folder, how } = await keepPython(workshop, { name: this.name, version: this.version });
    return {
      how,
      async start() {
        const port = await freePort();
        const url = `http://127.0.0.1:${port}`;
        const home = workshop.folder('home');
        const store = ['--backend-store-uri', `sqlite:///${join(home, 'mlflow.db')}`];
        const artifacts = ['--artifacts-destination', join(home, 'artifacts')];
        const server = ['server', '--host', '127.0.0.1', '--port', `${port}`, '--workers', '1'];
        await workshop.serve([pythonOf(folder), '-m', 'mlflow', ...server, ...store, ...artifacts], {
          // It writes where it is started, and would tell its makers of every start.
          environment: {
            HOME: home,
            MLFLOW_DISABLE_TELEMETRY: 'true',
            DO_NOT_TRACK: 'true',
            ...webhooksToHere(),
          },
          isReady: () => answersHttp(`${url}/health`),
        });
        return { TIDEMARK_TEST_MLFLOW: url };
      },
    };
  },
};

/** Its webhooks go to public hosts by https, unless it is told otherwise; their secrets are kept under a key of Fernet. */
function webhooksToHere() {
  return {
    MLFLOW_WEBHOOK_ALLOWED_SCHEMES: 'http,https',
    MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: 'true',
    // Seconds for which it goes on believing that there are none.
    MLFLOW_WEBHOOK_CACHE_TTL: '1',
    MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY: randomBytes(32)
      .toString('base64')
      .replaceAll('+', '-')
      .replaceAll('/', '_'),
  };
}
