// The init container of a job: tells the queue that the Job begins, and lays the wrapper `tidemark-run` into a
// volume where it is asked to. Docs: docs/publisher.md.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { unsentStore } from '../shared/adapters/unsent/store.ts';
import { parseDuration } from '../shared/core/time.ts';
import type { Unsent } from '../shared/ports/unsent.ts';
import { openDestination } from './destination.ts';
import { install, installCluster } from './install.ts';
import { publishJob } from './publish.ts';

const USAGE = `Usage: publisher [--strict] [--wait 30s] [--install FOLDER]

Publishes that a Job begins, from METRIC_CONFIG, MODEL_DIR, JOB_NAME, POD_NAMESPACE, JOB_UID, CLUSTER, ZONE, REGION and
STACKDRIVER_LOGS, to TIDEMARK_QUEUE or to the topic TOPIC (metrics-written) of PROJECT.

  --strict          fail where something is wrong: 2 to be mended by the job's author, 70 not published
  --wait DURATION   how long publishing may take (30s)
  --install FOLDER  copy the wrapper to FOLDER/tidemark-run first; fails where that fails
`;

/** Standard streams may be closed; that is no reason to hold up a job. */
function write(stream: 1 | 2, text: string): void {
  try {
    if (text !== '') writeSync(stream, text);
  } catch {
    // Nobody reads it.
  }
}

function readOptions(argv: readonly string[]) {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      strict: { type: 'boolean', default: false },
      wait: { type: 'string', default: '30s' },
      install: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const wait = parseDuration(values.wait);
  if (wait === null || wait <= 0 || wait > 600_000) {
    throw new Error(`Cannot read --wait "${values.wait}": wanted a duration such as 30s, at most 10m`);
  }
  return { ...values, wait };
}

/** Where what was not published waits for the wrapper: a folder of a volume that outlives this container. */
function unsentOf(state: string | undefined): Pick<Unsent, 'keep' | 'remove'> {
  if (state) return unsentStore({ folder: join(state, 'unsent') });
  return {
    keep: async () => {
      throw new Error('TIDEMARK_STATE names no folder to keep it in');
    },
    remove: async () => {},
  };
}

async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { strict, wait, install: folder, help } = readOptions(argv);
  if (help) {
    write(1, USAGE);
    return 0;
  }
  if (folder !== undefined) {
    try {
      install(join(import.meta.dirname, 'tidemark-run.sh'), folder);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      write(2, `tidemark-publisher: Cannot install the wrapper into ${folder}: ${why}.\n`);
      return 70;
    }
  }
  // Who runs as somebody else takes along what is kept in the state folder.
  if (env.TIDEMARK_STATE) process.umask(0);
  const until = AbortSignal.timeout(wait);
  return publishJob(
    { strict, wait },
    {
      env,
      destination: () => openDestination(env, until),
      unsent: unsentOf(env.TIDEMARK_STATE),
      clock: { now: Date.now },
      clusterFound: folder === undefined ? undefined : (cluster) => installCluster(cluster, folder),
      out: (text) => write(1, text),
      err: (text) => write(2, text),
    },
  );
}

let code = 2;
try {
  code = await main(process.argv.slice(2), process.env);
} catch (error) {
  write(2, `tidemark-publisher: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
}
// A server that does not answer must not hold the process.
process.exit(code);
