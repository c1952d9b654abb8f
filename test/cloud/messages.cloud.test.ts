// Messages of every generation on one subscription, as Pub/Sub may hand them over: again, in another order, good and
// bad ones together. The rows are those that one machine makes of the same messages.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TEST_COMPLETED_EVENT } from '../../shared/adapters/protobuf/descriptor.ts';
import { newSubscription, type TestTopic } from '../support/cloud-resources.ts';
import { type CloudStage, cloudStage } from '../support/cloud-stage.ts';
import type { FunctionProcess } from '../support/function-process.ts';
import { type GrpcFaultProxy, grpcFaultProxy } from '../support/grpc-fault-proxy.ts';
import { recording } from '../support/kubernetes-recordings.ts';
import { type KubernetesServer, startKubernetesServer } from '../support/kubernetes-server.ts';
import {
  again,
  day,
  finished,
  heartbeat,
  type Message,
  named,
  reported,
  started,
  text,
  v1,
} from '../support/messages.ts';
import { ROOT } from '../support/repository.ts';
import { describeWith, pubSubStandIn } from '../support/stand-ins.ts';
import { eventFile, scalars } from '../support/tfevents-writer.ts';
import { type OneMachine, oneMachine } from './one-machine.ts';
import { publish } from './publishing.ts';
import { messageIds, rowsIn } from './rows.ts';

const CLUSTER = 'main';
const LESS = { comparison: 'less', success_threshold: { stddevs_from_mean: 3 } } as const;
/** What is demanded of a run changes with those before it, so that their order matters. */
const TESTS = {
  mnist: {
    owner: ['mnist@example.com'],
    regression_test_config: {
      metric_success_conditions: { loss: { ...LESS, wait_for_n_points_of_history: 2 } },
    },
  },
  old: { owner: ['old@example.com'] },
};
const TABLES = [
  'job_history',
  'metric_history',
  'run_events',
  'rejected_messages',
  'runs',
  'threads',
] as const;
/** A v1 message has no id of its own: Pub/Sub gives it one, and a spool takes its content. */
const WITHOUT = { run_events: ['event_key', 'id'], rejected_messages: ['id', 'name', 'detail'] };

function fixture(name: string): Message {
  const body = new Uint8Array(readFileSync(join(ROOT, `test/fixtures/v2/${name}.pb`)));
  return { name: `${name}.pb`, publishTime: 0, body };
}

/** A v2 message whose event files are in the bucket. */
function completed(bucket: string): Message {
  const type = protobuf.Root.fromJSON(TEST_COMPLETED_EVENT).lookupType('TestCompletedEvent');
  const assertion = { fixed_value: { comparison: 0, value: 0.96 } };
  const tensorboard = {
    include_tags: [{ tag_pattern: '*', strategies: [0, 2] }],
    aggregate_assertions: [{ tag: 'accuracy', strategy: 0, assertion }],
  };
  const event = type.fromObject({
    benchmark_id: 'resnet-v2',
    output_path: `gs://${bucket}/models/resnet-7/`,
    start_time: { seconds: day(3) / 1000 },
    duration: { seconds: 1800 },
    metric_collection_config: { sources: [{ tensorboard }] },
  });
  return { name: 'resnet-7.pb', publishTime: 0, body: type.encode(event).finish() };
}

const run = (name: string, at: number) => ({ test: 'mnist', run: name, at });
const end = (name: string, at: number, loss: number) =>
  finished(run(name, at), 'success', { metrics: named({ loss }) });

/** The Jobs of the v1 messages. Neither cluster nor Job name says which run was meant where there is no uid. */
const BY_UID = recording('success');
const BY_NAME = recording('out-of-memory');
const job = (name: string) => ({
  cluster_name: CLUSTER,
  zone: 'here',
  job_namespace: name,
  test_name: 'old',
});

function firstWave(bucket: string): Message[] {
  return [
    text('poison.pb', 0, '\u0000\u0001\u0002'),
    // Two runs of one test in a batch, and of each the end before the beginning.
    finished(run('m2', day(2, 1)), 'success'),
    reported(run('m2', day(2, 1)), { loss: 1.25 }),
    end('m1', day(1, 1), 1),
    started(run('m2', day(2))),
    started(run('m1', day(1))),
    end('m4', day(4, 1), 1.53125),
    v1('by-uid', 0, { ...job(BY_UID.name), job_name: BY_UID.jobName, job_uid: BY_UID.jobUid }),
    v1('by-name', 0, { ...job(BY_NAME.name), job_name: BY_NAME.jobName }),
    fixture('completed'),
    completed(bucket),
    text('poison', 0, '{"job_name"'),
    fixture('unknown-kinds'),
    heartbeat(run('m1', day(1, 0.5))),
  ];
}

/** A run between those of the first wave, and what came already. */
function secondWave(bucket: string): Message[] {
  return [
    again(end('m4', day(4, 1), 1.53125)),
    end('m3', day(3, 1), 1.125),
    again(fixture('completed')),
    fixture('timeout'),
    again(completed(bucket)),
    again(started(run('m2', day(2)))),
  ];
}

type Rows = Awaited<ReturnType<typeof rowsIn>>;
type Row = Rows[string][number];

const isSight = ({ kind }: Row) => kind === 'sighted';
const isItself = (row: Row) => isSight(row) && row.test_name === '';
const isOfRun = (row: Row) => isSight(row) && row.test_name !== '';

const without = (rows: Rows, table: string, isLeftOut: (row: Row) => boolean) =>
  rows[table]!.filter((row) => !isLeftOut(row));

/** What moved incidents: of each run what was said of each signal. A run without an id is named by its Job alone. */
function sightsOf({ run_events: events }: Rows, isMeant: (row: Row) => boolean): string[] {
  const lines = events!.filter(isMeant).map(({ test_name, body }) => {
    const { inputs } = JSON.parse(body as string) as {
      inputs: { signal: string; says: string; run: { runId: string } }[];
    };
    const said = inputs.map(({ signal, says }) => `${signal} ${says}`).join(', ');
    return test_name === '' ? said : `${test_name} ${inputs[0]!.run.runId.split('@')[0]}: ${said}`;
  });
  return lines.sort();
}

describeWith(['pubsub', 'gcs', 'bigquery'], 'messages of every generation on one subscription', () => {
  let kubernetes: KubernetesServer;
  let pubSub: GrpcFaultProxy;
  let stage: CloudStage;
  let copies: readonly TestTopic[] = [];
  let tick: FunctionProcess;
  /** One that ticks when the function does, and one that ticks once, in the end. */
  let inSteps: OneMachine;
  let atOnce: OneMachine;

  beforeAll(async () => {
    kubernetes = await startKubernetesServer();
    const [oom] = BY_NAME.jobs.items;
    const created = { ...oom!.metadata, creationTimestamp: '2020-01-01T00:00:00Z' };
    kubernetes.put(BY_NAME.name, { ...BY_NAME, jobs: { items: [{ ...oom!, metadata: created }] } });
    pubSub = await grpcFaultProxy({ target: pubSubStandIn().address });
    stage = await cloudStage({
      tests: TESTS,
      clusters: { [CLUSTER]: { endpoint: kubernetes.url, auth: 'none', location: 'here' } },
      endpoints: { pubsub: pubSub.address },
    });
    await stage.model('resnet-7', { 'events.out.tfevents.1': eventFile(scalars({ accuracy: [0.5, 0.97] })) });
    copies = [await newSubscription(stage.topic), await newSubscription(stage.topic)];
    inSteps = oneMachine({ config: stage.env.TIDEMARK_CONFIG! });
    atOnce = oneMachine({ config: stage.env.TIDEMARK_CONFIG! });
    tick = await stage.start();
  });

  afterAll(async () => {
    await tick?.stop();
    await stage?.close();
    await pubSub?.close();
    await kubernetes?.close();
  });

  test('that cannot be acknowledged are rows all the same, and judged', async () => {
    pubSub.use([{ path: /\/Acknowledge$/, fault: 'UNAVAILABLE' }]);
    await publish(stage.topic, firstWave(stage.bucket));
    const { status, body } = await tick.tick();
    expect({ status, body }).toMatchObject({
      status: 500,
      body: { error: expect.stringContaining('Cannot acknowledge messages of') },
    });
    expect(tick.log.filter(({ event }) => event === 'tick_failed')).toHaveLength(1);
    await inSteps.take(copies[0]!, firstWave('').length);
    expect(await inSteps.tidemark(['tick'])).toMatchObject({ status: 0 });
  });

  test('come again beside new ones, and each is judged once', async () => {
    pubSub.use([]);
    await publish(stage.topic, secondWave(stage.bucket));
    const { status, body } = await tick.tick();
    // The poison came again, too.
    expect({ status, body }).toMatchObject({ status: 200, body: { waiting: 0, rejected: 2 } });
    await inSteps.take(copies[0]!, secondWave('').length);
    expect(await inSteps.tidemark(['tick'])).toMatchObject({ status: 0 });
    const tables = [...TABLES, 'alerts'] as const;
    const local = await rowsIn(inSteps.history, { env: inSteps.env, tables, without: WITHOUT });
    const remote = await rowsIn(stage.env.TIDEMARK_HISTORY!, { env: stage.env, tables, without: WITHOUT });
    expect(remote.job_history).toHaveLength(10);
    // The tick that could not acknowledge is seen of Tidemark itself; the machine beside it had no such tick.
    expect([sightsOf(remote, isItself), sightsOf(local, isItself)]).toEqual([
      ['pipeline fail', 'pipeline good'],
      [],
    ]);
    for (const table of tables) {
      expect(without(remote, table, isItself), table).toEqual(without(local, table, isItself));
    }
    const mails = messageIds(inSteps.mails());
    expect(mails.length).toBeGreaterThan(1);
    expect(messageIds(stage.mails.map(({ raw }) => raw))).toEqual(mails);
  });

  test('give the rows of a machine that got them all at once', async () => {
    await atOnce.take(copies[1]!, firstWave('').length + secondWave('').length);
    expect(await atOnce.tidemark(['tick'])).toMatchObject({ status: 0 });
    const local = await rowsIn(atOnce.history, { env: atOnce.env, tables: TABLES, without: WITHOUT });
    const remote = await rowsIn(stage.env.TIDEMARK_HISTORY!, {
      env: stage.env,
      tables: TABLES,
      without: WITHOUT,
    });
    // What moved an incident hangs on when each run came: one that came behind a later one of its test moves none. In
    // steps that is the run that timed out, and m4 failed only once m3, which came late, had brought its bounds closer.
    const always = [
      'old train: job bad',
      'resnet-v2 resnet-7: metric:accuracy_final bad',
      'mnist-nightly mnist-nightly-1600000000: metric:num_attempts bad, metrics bad',
    ];
    expect(sightsOf(remote, isOfRun)).toEqual(
      [...always, 'mnist-nightly run-3: metric:num_attempts neutral, metrics neutral'].sort(),
    );
    expect(sightsOf(local, isOfRun)).toEqual(
      [
        ...always,
        'mnist m4: metric:loss bad',
        'mnist-nightly mnist-nightly: job bad, metric:num_attempts neutral, metrics neutral',
        'mnist-nightly run-3: job good, metric:num_attempts neutral, metrics neutral',
      ].sort(),
    );
    for (const table of TABLES) {
      expect(without(remote, table, isSight), table).toEqual(without(local, table, isSight));
    }
  });

  test('of which two were poison cost two lines, and no stack', () => {
    const refused = tick.log.filter(({ reason }) => reason === 'json' || reason === 'v2');
    // Once for each time they came.
    expect(refused.map(({ reason }) => reason).sort()).toEqual(['json', 'json', 'v2', 'v2']);
    expect(tick.log.filter((line) => 'stack_trace' in line)).toEqual([]);
  });
});
