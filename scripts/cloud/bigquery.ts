import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { keepPython, pythonOf } from './python.ts';
import type { StandIn } from './stand-in.ts';
import { answersHttp, freePort } from './tools.ts';

const ADD_SPATIAL = 'from duckdb_extensions import import_extension; import_extension("spatial")';

/** bqemulator: GoogleSQL translated to DuckDB, in memory. */
export const bigquery: StandIn = {
  name: 'bigquery',
  version: '1.4.0',
  standsInFor: 'BigQuery',
  needs: 'Python 3.11 or newer',
  async prepare(workshop) {
    const { folder, how } = await keepPython(workshop, {
      name: this.name,
      version: this.version,
      recipe: [ADD_SPATIAL],
      // DuckDB keeps its extensions in the home folder and would otherwise download this one at every start.
      async finish(made) {
        const home = join(made, 'home');
        mkdirSync(home);
        await workshop.run([pythonOf(made), '-c', ADD_SPATIAL], { environment: { HOME: home } });
      },
    });
    return {
      how,
      async start() {
        const [rest, grpc] = [await freePort(), await freePort()];
        const url = `http://127.0.0.1:${rest}`;
        const gcsRoot = workshop.folder('gs');
        const ports = ['--rest-port', `${rest}`, '--grpc-port', `${grpc}`];
        const hosts = ['--rest-host', '127.0.0.1', '--grpc-host', '127.0.0.1'];
        const options = ['--ephemeral', '--project', 'p1', '--log-level', 'warning'];
        await workshop.serve(
          [pythonOf(folder), '-m', 'bqemulator', 'start', ...ports, ...hosts, ...options],
          {
            environment: { HOME: join(folder, 'home'), BQEMU_GCS_LOCAL_ROOT: gcsRoot },
            isReady: () => answersHttp(`${url}/bigquery/v2/projects/p1/datasets`),
          },
        );
        return { TIDEMARK_TEST_BIGQUERY: url, TIDEMARK_TEST_BIGQUERY_GCS_ROOT: gcsRoot };
      },
    };
  },
};
