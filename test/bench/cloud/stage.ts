import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHistory } from '../../../functions/adapters.ts';
import { newBucket, newTopic, putObject, TEST_PROJECT } from '../../support/cloud-resources.ts';
import { grpcFaultProxy } from '../../support/grpc-fault-proxy.ts';
import { startRecordedServer } from '../../support/recorded-cluster.ts';
import { startSmtpServer } from '../../support/smtp-server.ts';
import { bigQueryStandIn, pubSubStandIn, storageStandIn, uniqueName } from '../../support/stand-ins.ts';
import { configText } from '../runs.ts';
import { countingProxy } from './counting-proxy.ts';
import { kindOfBigQuery, kindOfStorage } from './kinds.ts';
import { CLUSTER, type CloudRun, cloudRuns, LOCATION } from './runs.ts';

/** Everything the function needs, in stand-ins, with something that counts in front of each. */
export interface CountedStage {
  readonly env: Readonly<Record<string, string>>;
  readonly history: string;
  readonly services: Services;
  /** Forgets all counts. */
  reset(): void;
  close(): Promise<void>;
}

export interface Services {
  readonly bigquery: Awaited<ReturnType<typeof countingProxy>>;
  readonly storage: Awaited<ReturnType<typeof countingProxy>>;
  readonly pubsub: Awaited<ReturnType<typeof grpcFaultProxy>>;
  /** Requests so far since the last `reset`. */
  readonly kubernetes: () => number;
  /** Mails taken since the last `reset`. */
  readonly mails: () => number;
}

/** Makes a stage with `count` runs that are over and as many that are not; all of their messages wait. */
export async function countedStage(count: number): Promise<CountedStage> {
  const [bucket, topic, cluster, smtp] = await Promise.all([
    newBucket(),
    newTopic(),
    startRecordedServer(),
    startSmtpServer(),
  ]);
  const [bigquery, storage, pubsub] = await Promise.all([
    countingProxy({ target: bigQueryStandIn().endpoint, kindOf: kindOfBigQuery }),
    countingProxy({ target: storageStandIn().endpoint, kindOf: kindOfStorage }),
    grpcFaultProxy({ target: pubSubStandIn().address }),
  ]);
  const runs = cloudRuns(count, { bucket, until: Date.now() });
  await putFiles(bucket, runs);
  for (const [namespace, all] of Map.groupBy(runs, (run) => run.namespace)) {
    const items = (kind: 'jobs' | 'pods') => ({ items: all.flatMap((run) => run[kind]) });
    cluster.namespaces.set(namespace, { jobs: items('jobs'), pods: items('pods') });
  }
  await publish(topic.topic, runs);

  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  const config = join(folder, 'tidemark.json');
  writeFileSync(config, configOf({ bucket, endpoint: cluster.endpoint }));
  const history = await emptyHistory();
  let [askedBefore, mailsBefore] = [0, 0];
  return {
    history,
    env: {
      PUBSUB_EMULATOR_HOST: pubsub.address,
      TIDEMARK_STORAGE_ENDPOINT: storage.url,
      TIDEMARK_BIGQUERY_ENDPOINT: bigquery.url,
      METADATA_SERVER_DETECTION: 'none',
      TIDEMARK_CONFIG: config,
      TIDEMARK_QUEUE: `pubsub://${TEST_PROJECT}/${topic.topic}?subscription=${topic.subscription}&wait=2`,
      TIDEMARK_HISTORY: history,
      TIDEMARK_LEASE: `gs://${bucket}/locks/tick.json`,
      TIDEMARK_MAIL: `smtp://127.0.0.1:${smtp.port}`,
      // The platform allows an hour; a loaded machine should not cut the measurement short.
      TIDEMARK_TIME_LIMIT: '1h',
    },
    services: {
      bigquery,
      storage,
      pubsub,
      kubernetes: () => cluster.seen.length - askedBefore,
      mails: () => smtp.received.length - mailsBefore,
    },
    reset() {
      bigquery.reset();
      storage.reset();
      pubsub.use([]);
      [askedBefore, mailsBefore] = [cluster.seen.length, smtp.received.length];
    },
    async close() {
      await Promise.all([bigquery, storage, pubsub, cluster, smtp].map((server) => server.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Tables that stand already, as at every tick but the first of all, which makes them. */
async function emptyHistory(): Promise<string> {
  const { endpoint, project } = bigQueryStandIn();
  const url = `bigquery://${project}/${uniqueName('bench')}?location=US`;
  const env = { TIDEMARK_BIGQUERY_ENDPOINT: endpoint };
  await (await openHistory(url, { create: true, env })).close();
  return url;
}

/** Uploads at once; more gain nothing on two cores. */
const AT_ONCE = 8;

async function putFiles(bucket: string, runs: readonly CloudRun[]): Promise<void> {
  const files = runs.flatMap((run) => Object.entries(run.files)).values();
  const upload = async () => {
    for (const [path, bytes] of files) await putObject(bucket, `models/${path}`, bytes);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, upload));
}

async function publish(topic: string, runs: readonly CloudRun[]): Promise<void> {
  const { PubSub } = await import('@google-cloud/pubsub');
  const client = new PubSub({ projectId: TEST_PROJECT });
  try {
    const target = client.topic(topic);
    await Promise.all(
      runs.map(({ message }) => target.publishMessage({ data: Buffer.from(JSON.stringify(message)) })),
    );
  } finally {
    await client.close();
  }
}

function configOf({ bucket, endpoint }: { bucket: string; endpoint: string }): string {
  return JSON.stringify({
    ...(JSON.parse(configText()) as object),
    model_roots: [`gs://${bucket}/models`],
    clusters: { [CLUSTER]: { endpoint, auth: 'none', location: LOCATION } },
    alerting: { from: 'tidemark@example.com', fallback: ['team@example.com'] },
  });
}
