import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Answer, tidemark } from './cli.ts';
import {
  newBucket,
  newDataset,
  newTopic,
  putObject,
  TEST_PROJECT,
  type TestTopic,
} from './cloud-resources.ts';
import { type FunctionProcess, startFunction } from './function-process.ts';
import { ROOT } from './repository.ts';
import { type ReceivedMail, startSmtpServer, type TestSmtpServer } from './smtp-server.ts';
import { bigQueryStandIn, pubSubStandIn, storageStandIn } from './stand-ins.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Everything the function needs of the cloud, made anew, in stand-ins. */
export interface CloudStage {
  readonly bucket: string;
  readonly dataset: string;
  readonly topic: TestTopic;
  /** What the mail server took. */
  readonly mails: readonly ReceivedMail[];
  /** The settings of this stage as environment variables; the password lies in a file. */
  readonly env: Readonly<Record<string, string>>;
  /** Puts an object under the folder of models; answers with the URL of that folder. */
  model(folder: string, files: Readonly<Record<string, Uint8Array>>): Promise<string>;
  /** The command line as a process, on this stage. */
  tidemark(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Rows of a statement, through the command line. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Starts the function; `module` is the source unless said. */
  start(module?: string): Promise<FunctionProcess>;
  close(): Promise<void>;
}

export interface CloudStageOptions {
  /** The `tests` of the config. */
  readonly tests?: Readonly<Record<string, unknown>>;
  /** The `clusters` of the config. */
  readonly clusters?: Readonly<Record<string, unknown>>;
  /** Addresses in place of the stand-ins' own, such as those of a proxy in front of them. */
  readonly endpoints?: { readonly bigquery?: string; readonly storage?: string; readonly pubsub?: string };
  /** How long Pub/Sub lends a message to a process that dies. */
  readonly ackDeadlineSeconds?: number;
  readonly mail?: TestSmtpServer;
  /** Of another stage, to share its models; by default made anew. */
  readonly bucket?: string;
  /** In place of one made anew: another subscription to a topic gets the very same messages. */
  readonly topic?: TestTopic;
  /** A name that nothing has yet; by default an empty dataset is made. */
  readonly dataset?: string;
  /** How long a pull waits for a first message; 2 unless said. */
  readonly pullSeconds?: number;
  /** What may be read besides the folder of models. */
  readonly modelRoots?: readonly string[];
}

const LOGIN = { user: 'alerts@example.com', password: 'correct horse' };

/** Makes a bucket, a topic, a dataset, a mail server with STARTTLS and login, and a config that names them. */
export async function cloudStage(options: CloudStageOptions = {}): Promise<CloudStage> {
  const [bucket, dataset, topic] = await Promise.all([
    options.bucket ?? newBucket(),
    options.dataset ?? newDataset(),
    options.topic ?? newTopic({ ackDeadlineSeconds: options.ackDeadlineSeconds ?? 600 }),
  ]);
  const smtp = options.mail ?? (await startSmtpServer({ tls: 'starttls', login: LOGIN }));
  const folder = temporaryFolder();
  const config = {
    model_roots: [`gs://${bucket}/models`, ...(options.modelRoots ?? [])],
    clusters: options.clusters ?? {},
    alerting: { from: 'tidemark@example.com', fallback: ['team@example.com'] },
    tests: options.tests ?? {},
  };
  writeFileSync(join(folder, 'tidemark.yaml'), stringify(config));
  mkdirSync(join(folder, 'secrets'));
  writeFileSync(join(folder, 'secrets/smtp'), `${LOGIN.password}\n`, { mode: 0o600 });
  const env = environment({ bucket, dataset, topic, smtp, folder }, options);
  return {
    bucket,
    dataset,
    topic,
    mails: smtp.received,
    env,
    model: async (name, files) => {
      const place = `models/${name}`;
      for (const [path, bytes] of Object.entries(files)) await putObject(bucket, `${place}/${path}`, bytes);
      return `gs://${bucket}/${place}`;
    },
    tidemark: (args, more = {}) => tidemark(args, { cwd: folder, env: { ...env, ...more } }),
    query: async (sql) => {
      const { status, stdout, stderr } = await tidemark(['query', sql, '--format', 'json'], {
        cwd: folder,
        env,
      });
      if (status !== 0) throw new Error(`Cannot query: ${stderr}`);
      return JSON.parse(stdout) as Record<string, unknown>[];
    },
    start: (module = join(ROOT, 'functions/main.ts')) => startFunction({ module, cwd: folder, env }),
    close: () => smtp.close(),
  };
}

interface Places {
  readonly bucket: string;
  readonly dataset: string;
  readonly topic: TestTopic;
  readonly smtp: TestSmtpServer;
  readonly folder: string;
}

function environment(
  { bucket, dataset, topic, smtp, folder }: Places,
  { endpoints = {}, pullSeconds = 2 }: CloudStageOptions,
): Record<string, string> {
  return {
    PUBSUB_EMULATOR_HOST: endpoints.pubsub ?? pubSubStandIn().address,
    TIDEMARK_STORAGE_ENDPOINT: endpoints.storage ?? storageStandIn().endpoint,
    TIDEMARK_BIGQUERY_ENDPOINT: endpoints.bigquery ?? bigQueryStandIn().endpoint,
    METADATA_SERVER_DETECTION: 'none',
    TIDEMARK_CONFIG: join(folder, 'tidemark.yaml'),
    TIDEMARK_QUEUE: `pubsub://${TEST_PROJECT}/${topic.topic}?subscription=${topic.subscription}&wait=${pullSeconds}`,
    TIDEMARK_HISTORY: `bigquery://${bigQueryStandIn().project}/${dataset}?location=US`,
    TIDEMARK_LEASE: `gs://${bucket}/locks/${dataset}.json`,
    TIDEMARK_MAIL: `smtp://${encodeURIComponent(LOGIN.user)}@127.0.0.1:${smtp.port}`,
    TIDEMARK_SMTP_PASSWORD_FILE: join(folder, 'secrets/smtp'),
  };
}
