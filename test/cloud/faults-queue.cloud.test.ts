// Pub/Sub in trouble, messages that nobody can use, and two schedulers that fire at once.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newSubscription, newTopic, type TestTopic } from '../support/cloud-resources.ts';
import { type CloudStage, cloudStage } from '../support/cloud-stage.ts';
import type { FunctionProcess } from '../support/function-process.ts';
import { type GrpcFaultProxy, type GrpcRule, grpcFaultProxy } from '../support/grpc-fault-proxy.ts';
import { day, finished, json, type Message, named } from '../support/messages.ts';
import { describeWith, pubSubStandIn } from '../support/stand-ins.ts';
import { oneMachine } from './one-machine.ts';
import { publish, takeAll } from './publishing.ts';
import { apart, isOwnMail, messageIds, rowsIn } from './rows.ts';

const TABLES = [
  'job_history',
  'metric_history',
  'run_events',
  'rejected_messages',
  'alerts',
  'alert_episodes',
  'alert_episode_events',
  'runs',
] as const;
/** Ids of messages that cannot be read are the transport's. */
const WITHOUT = { rejected_messages: ['id', 'name', 'detail'] };

const PULL = /Subscriber\/Pull$/;
const ACKNOWLEDGE = /Subscriber\/Acknowledge$/;
const PUBLISH = /Publisher\/Publish$/;

/** Each once. */
const PASSING: readonly GrpcRule[] = [
  { path: PULL, nth: [1], fault: 'UNAVAILABLE' },
  { path: PULL, nth: [3], fault: 'INTERNAL' },
  { path: /ModifyAckDeadline$/, nth: [1], fault: 'RESOURCE_EXHAUSTED' },
  { path: ACKNOWLEDGE, nth: [1], fault: 'lost' },
  { path: ACKNOWLEDGE, nth: [2], fault: { delayMs: 500 } },
];

/** As long as it lasts nothing is pulled. */
const LASTING = [
  ['an expired token', 'UNAUTHENTICATED', /the credentials are not accepted, or have expired/],
  ['a right that is missing', 'PERMISSION_DENIED', /give the caller roles\/pubsub.subscriber on projects\//],
  ['a quota that is used up', 'RESOURCE_EXHAUSTED', /a quota is used up/],
  ['a subscription that is missing', 'NOT_FOUND', /does not exist; create the subscription/],
  ['a service that is away', 'UNAVAILABLE', /Pub\/Sub is out of reach/],
] as const;

/** Pub/Sub takes 10 MB with all that is around the body, and so does its emulator; `pstest` takes 4 MiB. */
const LARGEST = { emulator: 9_990_000, pstest: 4_000_000 };

const RUNS = ['passing', 'waiting', 'beside-large', 'beside-newer', 'twice'];

/** Bad, and of a test with an owner of its own: its mail is the same whenever it is judged. */
function bad(run: string): Message {
  return finished({ test: run, run, at: day(1, 1) }, 'success', { metrics: named({ loss: 2 }) });
}

function testsOf(runs: readonly string[]) {
  const loss = { comparison: 'less', success_threshold: { fixed_value: 1 } };
  const regression_test_config = { metric_success_conditions: { loss } };
  return Object.fromEntries(
    runs.map((run) => [run, { owner: [`${run}@example.com`], regression_test_config }]),
  );
}

describeWith(['pubsub', 'gcs', 'bigquery'], 'Pub/Sub in trouble', () => {
  let pubSub: GrpcFaultProxy;
  let stage: CloudStage;
  let copies: TestTopic;
  let tick: FunctionProcess;

  beforeAll(async () => {
    pubSub = await grpcFaultProxy({ target: pubSubStandIn().address });
    const endpoints = { pubsub: pubSub.address };
    stage = await cloudStage({ tests: testsOf(RUNS), pullSeconds: 1, endpoints });
    copies = await newSubscription(stage.topic);
    tick = await stage.start();
  });

  afterAll(async () => {
    await tick?.stop();
    await stage?.close();
    await pubSub?.close();
  });

  /** Ticks, and answers with what it came to and what it complained of. */
  async function ticked(scheduleTime?: string) {
    const from = tick.log.length;
    const { status, body } = await tick.tick(scheduleTime);
    const complaints = tick.log.slice(from).filter(({ severity, message }) => {
      // That its runs are bad is what they are for.
      return severity !== 'INFO' && !String(message).startsWith('Metric `loss` was out of bounds');
    });
    return { status, body, complaints };
  }

  test('in passing is called again, and no line tells of it', async () => {
    pubSub.use(PASSING);
    await publish(stage.topic, [bad('passing')]);
    const { status, body, complaints } = await ticked();
    expect({ status, body, complaints }).toMatchObject({ status: 200, body: { runs: 1 }, complaints: [] });
    const met = pubSub.calls.flatMap(({ fault }) => (fault === null ? [] : [fault]));
    expect(met).toEqual(expect.arrayContaining(['UNAVAILABLE', 'INTERNAL', 'RESOURCE_EXHAUSTED', 'lost']));
  });

  test.each(LASTING)('for %s fails the tick in one line, when all else is done', async (_, fault, why) => {
    if (fault === 'UNAUTHENTICATED') await publish(stage.topic, [bad('waiting')]);
    pubSub.use([{ path: PULL, fault }]);
    const { status, body, complaints } = await ticked();
    expect({ status, body }).toMatchObject({ status: 500, body: { error: expect.stringMatching(why) } });
    expect(complaints).toMatchObject([{ event: 'tick_failed', severity: 'ERROR' }]);
    expect(complaints[0]).not.toHaveProperty('stack_trace');
  });

  test('over leaves what waited, for the next tick', async () => {
    pubSub.use([]);
    expect(await ticked()).toMatchObject({ status: 200, body: { runs: 1 }, complaints: [] });
  });

  test('does not come of a message of many megabytes: it stays until there is a topic for dead letters', async () => {
    const size = LARGEST[pubSubStandIn().kind];
    const large: Message = { name: 'large.json', publishTime: 0, body: new Uint8Array(size).fill(0x20) };
    await publish(stage.topic, [large, bad('beside-large')]);
    const kept = await ticked();
    expect(kept).toMatchObject({
      status: 500,
      body: { error: expect.stringMatching(/Cannot set message "large.json" aside: .*dead-letter.*create/) },
    });
    expect(kept.complaints).toMatchObject([{ reason: 'oversized' }, { event: 'tick_failed' }]);
    const dead = await newTopic({ name: `${stage.topic.topic}-dead-letter` });
    const { status, body, complaints } = await ticked();
    expect({ status, body }).toMatchObject({ status: 200, body: { runs: 0, rejected: 1 } });
    expect(complaints.map(({ message }) => message)).toEqual([
      expect.stringContaining(`"large.json": is ${size} bytes, more than the 1048576 allowed`),
      expect.stringMatching(/"large.json" now lies at .*-dead-letter, message/),
    ]);
    expect(pubSub.count(PUBLISH)).toBeGreaterThan(0);
    expect(await takeAll(dead)).toBe(1);
  });

  test('does not come of a message of a later version: it is kept, in one line, beside one that is judged', async () => {
    const newer = bad('newer');
    const said = JSON.parse(new TextDecoder().decode(newer.body)) as Record<string, unknown>;
    const v9 = json('newer', day(1), { ...said, type: 'io.tidemark.run.finished.v9' });
    await publish(stage.topic, [v9, bad('beside-newer')]);
    const { status, body, complaints } = await ticked();
    expect({ status, body }).toMatchObject({ status: 200, body: { runs: 1, rejected: 1 } });
    expect(complaints).toMatchObject([{ message: expect.stringContaining('io.tidemark.run.finished.v9') }]);
  });

  test('does not come of two schedulers: one tick works, the other one says so', async () => {
    const other = await stage.start();
    // Both have loaded what they need, and one of them is at it long enough to be met.
    await other.tick();
    pubSub.use([{ path: ACKNOWLEDGE, fault: { delayMs: 5000 } }]);
    await publish(stage.topic, [bad('twice')]);
    const time = '2026-11-23T05:00:00Z';
    const answers = await Promise.all([tick.tick(time), other.tick(time)]);
    await other.stop();
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const runs = answers.map(({ body }) => (body.busy === true ? 0 : Number(body.runs)));
    expect(runs.sort()).toEqual([0, 1]);
    const busy = [...tick.log, ...other.log].filter(({ event }) => event === 'tick_busy');
    expect(busy).toHaveLength(1);
  });

  test('in the end has cost nothing: rows and mails are those of a machine that met no fault', async () => {
    pubSub.use([]);
    const machine = oneMachine({ config: stage.env.TIDEMARK_CONFIG! });
    await machine.take(copies, RUNS.length + 2);
    expect(await machine.tidemark(['tick'])).toMatchObject({ status: 0 });
    const options = { tables: TABLES, without: WITHOUT };
    const local = await rowsIn(machine.history, { env: machine.env, ...options });
    const remote = await rowsIn(stage.env.TIDEMARK_HISTORY!, { env: stage.env, ...options });
    const { tests, own } = apart(remote);
    for (const table of TABLES) expect(tests[table], table).toEqual(local[table]);
    const raws = stage.mails.map(({ raw }) => raw);
    expect(messageIds(raws.filter((raw) => !isOwnMail(raw)))).toEqual(messageIds(machine.mails()));
    // What it told of its own trouble: five ticks in a row, told once, with its end; and later a single one.
    const incidents = own.alert_episodes!.map(({ closed_reason, reason, bad_total }) => {
      return `${closed_reason} ${reason} ${bad_total}`;
    });
    expect(incidents.sort()).toEqual(['noise queue 1', 'recovered queue 5']);
    expect(own.run_events).toHaveLength(LASTING.length + 1 + 2);
    expect(own.alerts!.map(({ kind }) => kind).sort()).toEqual(['firing', 'recovered']);
    expect(raws.filter(isOwnMail)).toHaveLength(2);
    for (const table of ['job_history', 'metric_history', 'rejected_messages', 'runs'] as const)
      expect(own[table], table).toEqual([]);
    expect(await takeAll(stage.topic)).toBe(0);
    expect(tick.log.filter((line) => 'stack_trace' in line)).toEqual([]);
  });
});
