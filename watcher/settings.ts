import { parseArgs } from 'node:util';
import type { Environment } from '../shared/core/run-identity.ts';
import { isEndpoint, isNamespace } from '../shared/core/schema/cluster.ts';
import { isLabelKey, TEST_LABEL } from '../shared/core/templates/names.ts';

/** What can be said on the command line; each flag has a variable. */
export const USAGE = `Usage: watcher [FLAGS]

Watches the Jobs and JobSets of a cluster that carry the label of a test, and tells the queue how each ended.

  --cluster NAME       as the publishers call it [CLUSTER; on GKE asked of the metadata server]
  --namespace NAME     again for more; all when left out [TIDEMARK_WATCH_NAMESPACES, with commas]
  --label KEY          the label with the test's name (benchmarkId) [TIDEMARK_WATCH_LABEL]
  --queue URL          pubsub://PROJECT/TOPIC or spool:FOLDER [TIDEMARK_QUEUE; else TOPIC of PROJECT]
  --state FOLDER       where messages wait that could not be published [TIDEMARK_STATE]
  --port NUMBER        /healthz, /readyz and /livez (8080; 0: none) [TIDEMARK_WATCH_PORT]
  --endpoint URL       of the API server [TIDEMARK_WATCH_ENDPOINT; inside the cluster known]
  --token-file FILE    a bearer token [TIDEMARK_WATCH_TOKEN_FILE; inside the cluster the pod's own]
  --ca-file FILE       the authority of the server's certificate [TIDEMARK_WATCH_CA_FILE; likewise]
  --help

Example: kubectl proxy & watcher --endpoint http://127.0.0.1:8001 --cluster test --queue spool:.tidemark/spool
`;

/** The settings of a watcher. */
export interface Settings {
  /** Null: the metadata server has to know. */
  readonly cluster: string | null;
  /** Empty: all. */
  readonly namespaces: readonly string[];
  readonly label: string;
  readonly queue: string | undefined;
  readonly state: string | null;
  readonly port: number;
  readonly endpoint: string;
  readonly tokenFile: string | null;
  readonly caFile: string | null;
}

const MOUNTED = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Reads flags over environment; throws with all mistakes in one sentence each. Null: help is wanted. */
export function readSettings(argv: readonly string[], env: Environment): Settings | null {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: {
      cluster: text,
      namespace: { type: 'string', multiple: true },
      label: text,
      queue: text,
      state: text,
      port: text,
      endpoint: text,
      'token-file': text,
      'ca-file': text,
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const listed = (env.TIDEMARK_WATCH_NAMESPACES ?? '').split(',').map((name) => name.trim());
  const namespaces = values.namespace ?? listed.filter((name) => name !== '');
  const own = ownCluster(env);
  const endpoint = values.endpoint ?? env.TIDEMARK_WATCH_ENDPOINT ?? own.endpoint;
  // Another server than the pod's own knows neither its token nor its authority.
  const files = endpoint === own.endpoint ? own : { tokenFile: null, caFile: null };
  const settings: Settings = {
    cluster: values.cluster ?? (env.CLUSTER?.trim() || null),
    namespaces: [...new Set(namespaces)],
    label: values.label ?? (env.TIDEMARK_WATCH_LABEL || TEST_LABEL),
    queue: values.queue ?? env.TIDEMARK_QUEUE,
    state: values.state ?? (env.TIDEMARK_STATE || null),
    port: Number(values.port ?? (env.TIDEMARK_WATCH_PORT || 8080)),
    endpoint,
    tokenFile: values['token-file'] ?? env.TIDEMARK_WATCH_TOKEN_FILE ?? files.tokenFile,
    caFile: values['ca-file'] ?? env.TIDEMARK_WATCH_CA_FILE ?? files.caFile,
  };
  const problems = problemsOf(settings, values.port ?? env.TIDEMARK_WATCH_PORT);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return settings;
}

/** What Kubernetes puts into every pod. */
function ownCluster(env: Environment) {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
  if (!host) return { endpoint: '', tokenFile: null, caFile: null };
  const name = host.includes(':') ? `[${host}]` : host;
  const files = { tokenFile: `${MOUNTED}/token`, caFile: `${MOUNTED}/ca.crt` };
  return { endpoint: `https://${name}:${port}`, ...files };
}

function problemsOf({ namespaces, label, port, endpoint }: Settings, given: string | undefined): string[] {
  const wrong = namespaces.filter((name) => !isNamespace(name));
  const problems = wrong.map((name) => `Cannot watch namespace "${name}": it is not the name of a namespace`);
  if (!isLabelKey(label)) problems.push(`Cannot use label "${label}": it is not the key of a label`);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    problems.push(`Cannot listen on port "${given}": wanted a number from 0 to 65535`);
  if (endpoint === '')
    problems.push('Cannot tell where the API server is: this is no pod, so --endpoint has to say it');
  else if (!isEndpoint(endpoint))
    problems.push(`Cannot use endpoint "${endpoint}": wanted https://HOST, or http:// on this machine`);
  return problems;
}
