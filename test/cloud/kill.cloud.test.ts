// The function killed at random moments of a tick over 200 runs, and started again, until everything is done: then
// nothing is lost and nothing is there twice. TIDEMARK_TEST_KILLS says how often, TIDEMARK_TEST_SEED when.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  newBucket,
  newSubscription,
  newTopic,
  putObject,
  type TestTopic,
} from '../support/cloud-resources.ts';
import { type CloudStage, cloudStage } from '../support/cloud-stage.ts';
import { type FaultProxy, faultProxy } from '../support/fault-proxy.ts';
import { type GrpcFaultProxy, grpcFaultProxy } from '../support/grpc-fault-proxy.ts';
import { type KubernetesServer, startKubernetesServer } from '../support/kubernetes-server.ts';
import { bigQueryStandIn, describeWith, pubSubStandIn } from '../support/stand-ins.ts';
import { freeLease, isQuiet, numbersFrom, progressOf } from './killing.ts';
import { publish, takeAll } from './publishing.ts';
import { messageIds, rowsIn } from './rows.ts';
import { CLUSTER, manyRuns, NAMESPACE } from './two-hundred-runs.ts';

const KILLS = Number(process.env.TIDEMARK_TEST_KILLS ?? 3);
const SEED = Number(process.env.TIDEMARK_TEST_SEED ?? 20261123);
const TESTS = 20;
/** A message that was lent to a process that died comes again after so long. */
const LENT_SECONDS = 10;
/** More ticks than any of them should need after the last kill. */
const MOST_TICKS = 8;
/** Then a stage is finished, and another one begun: few of the later kills would meet any work. */
const MOST_KILLS_OF_A_STAGE = 4;
/** A process lives on so long at most behind the request that its end was set to: mails go out in between, too. */
const MOST_MS = 250;
const NO_EXTENSION = [{ path: /\/ModifyAckDeadline$/, fault: 'UNAVAILABLE' }] as const;
const TABLES = [
  ...(['job_history', 'metric_history', 'run_events', 'alerts', 'runs', 'threads'] as const),
  ...(['alert_episodes', 'alert_episode_events'] as const),
] as const;

/** When a process is killed: so much later than something is so. */
interface Moment {
  readonly isThere: () => boolean;
  readonly laterMs: number;
}

interface End {
  readonly tables: Readonly<Record<string, unknown>>;
  readonly mails: ReadonlySet<string>;
  /** Messages that still wait. */
  readonly queue: number;
}

describeWith(['pubsub', 'gcs', 'bigquery'], `a function that is killed ${KILLS} times`, () => {
  const chance = numbersFrom(SEED);
  let kubernetes: KubernetesServer;
  let bigQuery: FaultProxy;
  let pubSub: GrpcFaultProxy;
  let bucket = '';
  let subscriptions: TestTopic[] = [];
  let work: ReturnType<typeof manyRuns>;
  /** What an undisturbed tick comes to, and how often it asks BigQuery. */
  let expected: End;
  let length = 0;

  beforeAll(async () => {
    [kubernetes, bucket] = await Promise.all([startKubernetesServer(), newBucket()]);
    work = manyRuns(TESTS, bucket);
    kubernetes.put(NAMESPACE, { jobs: { items: work.jobs }, pods: { items: [] } });
    bigQuery = await faultProxy({ target: bigQueryStandIn().endpoint });
    // The queue extends what it pulled to ten minutes, which a test cannot wait for: here that has no effect.
    pubSub = await grpcFaultProxy({ target: pubSubStandIn().address, rules: NO_EXTENSION });
    const first = await newTopic({ ackDeadlineSeconds: LENT_SECONDS });
    const lent = { ackDeadlineSeconds: LENT_SECONDS };
    // Each has a copy of the very same messages, with the same ids and times.
    subscriptions = [
      first,
      ...(await Promise.all(Array.from({ length: KILLS + 1 }, () => newSubscription(first, lent)))),
    ];
    for (const [folder, files] of work.models) {
      for (const [name, body] of Object.entries(files))
        await putObject(bucket, `models/${folder}/${name}`, body);
    }
    await publish(first, work.messages);
  }, 180_000);

  afterAll(async () => {
    await kubernetes?.close();
    await bigQuery?.close();
    await pubSub?.close();
  });

  function newStage(topic: TestTopic): Promise<CloudStage> {
    return cloudStage({
      bucket,
      topic,
      tests: work.tests,
      clusters: { [CLUSTER]: { endpoint: kubernetes.url, auth: 'none', location: 'here' } },
      endpoints: { bigquery: bigQuery.url, pubsub: pubSub.address },
      // As little of a tick as possible is waiting for messages that do not come.
      pullSeconds: 1,
    });
  }

  /** A process of its own ticks, and is killed at that moment; false: the tick was done before. */
  async function killedTick(stage: CloudStage, { isThere, laterMs }: Moment): Promise<boolean> {
    const tick = await stage.start();
    bigQuery.use([]);
    pubSub.use(NO_EXTENSION);
    let isDone = false;
    const done = tick.tick().then(
      () => (isDone = true),
      () => {},
    );
    while (!isDone && !isThere()) await sleep(5);
    await Promise.race([done, sleep(laterMs)]);
    await tick.stop('SIGKILL');
    await isQuiet(bigQuery);
    await freeLease(stage);
    return !isDone;
  }

  /** Ticks as the scheduler would until a tick finds nothing to do, after all that was lent has come again. */
  async function finish(stage: CloudStage): Promise<number> {
    await sleep(LENT_SECONDS * 1000 + 1000);
    const tick = await stage.start();
    try {
      for (let ticks = 1; ticks <= MOST_TICKS; ticks++) {
        const { status, body } = await tick.tick();
        expect({ status, body }).toMatchObject({ status: 200 });
        if (body.runs === 0 && body.waiting === 0 && body.mails === 0) return ticks;
      }
      throw new Error(`Something is still done after ${MOST_TICKS} ticks`);
    } finally {
      expect(tick.log.filter((line) => 'stack_trace' in line)).toEqual([]);
      await tick.stop();
    }
  }

  async function endOf(stage: CloudStage, topic: TestTopic): Promise<End> {
    const env = { ...stage.env, TIDEMARK_BIGQUERY_ENDPOINT: bigQueryStandIn().endpoint };
    const tables = await rowsIn(stage.env.TIDEMARK_HISTORY!, { env, tables: TABLES });
    return {
      tables,
      mails: new Set(messageIds(stage.mails.map(({ raw }) => raw))),
      queue: await takeAll(topic),
    };
  }

  /** Finishes what a killed process has left; `told` says what had happened. */
  async function endsAsExpected(stage: CloudStage, topic: TestTopic, told: string): Promise<string> {
    const ticks = await finish(stage);
    const found = await endOf(stage, topic);
    for (const table of TABLES)
      expect(found.tables[table], `${table}: ${told}`).toEqual(expected.tables[table]);
    expect({ ...found, tables: null }, told).toEqual({ ...expected, tables: null });
    await stage.close();
    return `${told}\nthen ${ticks} ticks; ${stage.mails.length} mails came`;
  }

  test('judges every run in one tick when it is left alone', async () => {
    const topic = subscriptions.shift()!;
    const stage = await newStage(topic);
    const tick = await stage.start();
    bigQuery.use([]);
    const { body } = await tick.tick();
    length = bigQuery.requests.length;
    await tick.stop();
    expect(body).toMatchObject({ runs: work.runs, waiting: 0, mails: TESTS / 2 });
    await finish(stage);
    expected = await endOf(stage, topic);
    expect(expected.tables.job_history).toHaveLength(work.runs);
    expect(expected).toMatchObject({ queue: 0, mails: { size: TESTS / 2 } });
    await stage.close();
  });

  test('has a row of every message that it acknowledges, though it dies at once', async () => {
    const topic = subscriptions.shift()!;
    const stage = await newStage(topic);
    const isThere = () => pubSub.count(/\/Acknowledge$/) > 0;
    expect(await killedTick(stage, { isThere, laterMs: 100 })).toBe(true);
    const { events } = await progressOf(stage);
    // But the poison, which has a row elsewhere.
    expect(events).toBeGreaterThanOrEqual(work.messages.length - 1);
    await endsAsExpected(stage, topic, 'killed with its first acknowledgement');
  });

  test(`ends as if it was left alone (seed ${SEED})`, { timeout: 3_600_000 }, async () => {
    const told = [`an undisturbed tick asked BigQuery ${length} times`];
    for (let kills = 0; kills < KILLS; ) {
      const topic = subscriptions.shift()!;
      const stage = await newStage(topic);
      const moments: string[] = [];
      for (let isDone = false; !isDone && kills < KILLS && moments.length < MOST_KILLS_OF_A_STAGE; ) {
        const requests = Math.floor(chance() * (length + 1));
        const laterMs = Math.floor(chance() * MOST_MS);
        const isThere = () => bigQuery.requests.length >= requests;
        isDone = !(await killedTick(stage, { isThere, laterMs }));
        if (!isDone) kills += 1;
        const { events, jobs, mails, journal } = await progressOf(stage);
        const when = `${isDone ? 'done before' : 'killed'} ${laterMs} ms after request ${requests}`;
        moments.push(`${when}: ${events} events, ${jobs} jobs, ${mails} mails, ${journal} in the journal`);
        isDone ||= mails === TESTS / 2;
        // Without its messages the next tick would have nothing to do.
        if (!isDone && events === 0) await sleep(LENT_SECONDS * 1000);
      }
      told.push(await endsAsExpected(stage, topic, moments.join('\n')));
    }
    console.log(told.join('\n'));
  });
});
