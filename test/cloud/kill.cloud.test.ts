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

const KILLS = Number(process.env.TIDEMARK_TEST_KILLS ?? 5);
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
const TABLES = ['job_history', 'metric_history', 'run_events', 'alerts', 'runs', 'threads'] as const;

/** When a process is killed: when BigQuery was asked so often, and so much later. */
interface Moment {
  readonly requests: number;
  readonly laterMs: number;
}

describeWith(['pubsub', 'gcs', 'bigquery'], `a function that is killed ${KILLS} times`, () => {
  const chance = numbersFrom(SEED);
  let kubernetes: KubernetesServer;
  let bigQuery: FaultProxy;
  let pubSub: GrpcFaultProxy;
  let bucket = '';
  let stages: readonly TestTopic[] = [];
  let work: ReturnType<typeof manyRuns>;

  beforeAll(async () => {
    [kubernetes, bucket] = await Promise.all([startKubernetesServer(), newBucket()]);
    work = manyRuns(TESTS, bucket);
    kubernetes.put(NAMESPACE, { jobs: { items: work.jobs }, pods: { items: [] } });
    bigQuery = await faultProxy({ target: bigQueryStandIn().endpoint });
    // The queue extends what it pulled to ten minutes, which a test cannot wait for: here that has no effect.
    const extension = { path: /\/ModifyAckDeadline$/, fault: 'UNAVAILABLE' } as const;
    pubSub = await grpcFaultProxy({ target: pubSubStandIn().address, rules: [extension] });
    const first = await newTopic({ ackDeadlineSeconds: LENT_SECONDS });
    const lent = { ackDeadlineSeconds: LENT_SECONDS };
    // Each has a copy of the very same messages, with the same ids and times.
    stages = [
      first,
      ...(await Promise.all(Array.from({ length: KILLS }, () => newSubscription(first, lent)))),
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
  async function killedTick(stage: CloudStage, { requests, laterMs }: Moment): Promise<boolean> {
    const tick = await stage.start();
    bigQuery.use([]);
    let isDone = false;
    const done = tick.tick().then(
      () => (isDone = true),
      () => {},
    );
    while (!isDone && bigQuery.requests.length < requests) await sleep(5);
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

  async function endOf(stage: CloudStage, topic: TestTopic) {
    const env = { ...stage.env, TIDEMARK_BIGQUERY_ENDPOINT: bigQueryStandIn().endpoint };
    const tables = await rowsIn(stage.env.TIDEMARK_HISTORY!, { env, tables: TABLES });
    return {
      tables,
      mails: new Set(messageIds(stage.mails.map(({ raw }) => raw))),
      queue: await takeAll(topic),
    };
  }

  test(`ends as an undisturbed one (seed ${SEED})`, { timeout: 3_600_000 }, async () => {
    const [undisturbed, ...others] = stages;
    const stage = await newStage(undisturbed!);
    const tick = await stage.start();
    bigQuery.use([]);
    const { body } = await tick.tick();
    const length = bigQuery.requests.length;
    await tick.stop();
    expect(body).toMatchObject({ runs: work.runs, waiting: 0, mails: TESTS / 2 });
    await finish(stage);
    const expected = await endOf(stage, undisturbed!);
    expect(expected.tables.job_history).toHaveLength(work.runs);
    await stage.close();

    const told: string[] = [];
    for (let kills = 0; kills < KILLS; ) {
      const topic = others.shift()!;
      const disturbed = await newStage(topic);
      const moments: string[] = [];
      for (let isDone = false; !isDone && kills < KILLS && moments.length < MOST_KILLS_OF_A_STAGE; ) {
        const moment = {
          requests: Math.floor(chance() * (length + 1)),
          laterMs: Math.floor(chance() * MOST_MS),
        };
        isDone = !(await killedTick(disturbed, moment));
        if (!isDone) kills += 1;
        const { events, jobs, mails, journal } = await progressOf(disturbed);
        const how = isDone ? 'done' : 'killed';
        const when = `${how} ${moment.laterMs} ms after request ${moment.requests}`;
        moments.push(`${when}: ${events} events, ${jobs} jobs, ${mails} mails, ${journal} in the journal`);
        isDone ||= mails === TESTS / 2;
        // Without its messages the next tick would have nothing to do.
        if (!isDone && events === 0) await sleep(LENT_SECONDS * 1000);
      }
      const ticks = await finish(disturbed);
      const came = disturbed.mails.length;
      told.push(`${moments.join('\n')}\nthen ${ticks} ticks; ${came} mails came`);
      const found = await endOf(disturbed, topic);
      for (const table of TABLES)
        expect(found.tables[table], `${table}: ${told.at(-1)}`).toEqual(expected.tables[table]);
      expect({ ...found, tables: null }, told.at(-1)!).toEqual({ ...expected, tables: null });
      await disturbed.close();
    }
    console.log([`an undisturbed tick asked BigQuery ${length} times`, ...told].join('\n'));
  });
});
