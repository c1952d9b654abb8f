// Cloud Storage in trouble while the function reads: what passes by itself is not even noticed, what lasts costs the
// runs concerned a tick and one line, and what stays is a row with its reason.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newSubscription, putObject, type TestTopic } from '../support/cloud-resources.ts';
import { type CloudStage, cloudStage } from '../support/cloud-stage.ts';
import { type FaultProxy, faultProxy } from '../support/fault-proxy.ts';
import type { Fault, FaultRule } from '../support/fault-rules.ts';
import type { FunctionProcess } from '../support/function-process.ts';
import { day, finished, type Message } from '../support/messages.ts';
import { describeWith, storageStandIn } from '../support/stand-ins.ts';
import { eventFile, scalars } from '../support/tfevents-writer.ts';
import { type OneMachine, oneMachine } from './one-machine.ts';
import { publish } from './publishing.ts';
import { apart, messageIds, rowsIn } from './rows.ts';

const FILE = 'events.out.tfevents.1.host';
const MISSING_BUCKET = 'gs://no-such-bucket-of-ours';
const TABLES = ['job_history', 'metric_history', 'run_events', 'alerts', 'runs'] as const;

const status = (code: number, more: object = {}): Fault => ({ kind: 'status', status: code, ...more });

/** Each once: then the request goes well. By the run whose files are asked for, and whether it is the list. */
const PASSING: Readonly<Record<string, readonly [on: 'list' | 'read', fault: Fault]>> = {
  'list-429': ['list', status(429, { headers: { 'retry-after': '1' } })],
  'list-500': ['list', status(500)],
  'list-cut': ['list', { kind: 'cut', after: 40 }],
  'read-503': ['read', status(503)],
  'read-quota': ['read', status(403, { reason: 'rateLimitExceeded' })],
  'read-cut': ['read', { kind: 'cut', after: 70 }],
  'read-long': ['read', { kind: 'wrong-length', by: 7 }],
  'read-short': ['read', { kind: 'wrong-length', by: -7 }],
  'read-reset': ['read', { kind: 'reset' }],
  'read-slow': ['read', { kind: 'trickle', bytes: 50, ms: 30 }],
};

/** As long as they last their runs wait. */
const LASTING: Readonly<Record<string, readonly [on: 'list' | 'read', fault: Fault]>> = {
  'list-expired': ['list', status(401)],
  'read-503-on': ['read', status(503)],
};

/** What cannot be mended by waiting. */
const DENIED = ruleFor('denied', 'list', status(403));

function ruleFor(run: string, on: 'list' | 'read', fault: FaultRule['fault']): FaultRule {
  const path = on === 'list' ? `prefix=models(%2F|/)${run}(%2F|/|&|$)` : `/o/models%2F${run}%2F.*alt=media`;
  return { method: 'GET', path: new RegExp(path), fault };
}

/** Does something to the object between the listing and the reading of it. */
function meddling(run: string, work: () => Promise<unknown>): FaultRule {
  const fault = async () => {
    await work();
    return null;
  };
  return { ...ruleFor(run, 'read', fault), nth: [1] };
}

const loss = (...values: readonly number[]) => eventFile(scalars({ loss: values }));

/** Each run is of a test with an owner of its own, and is bad: so each has one mail, whenever it is judged. */
function testsOf(runs: readonly string[]) {
  const below = { comparison: 'less', success_threshold: { fixed_value: 0.1 } };
  const one = (run: string) => ({
    owner: [`${run}@example.com`],
    regression_test_config: { metric_success_conditions: { loss_final: below } },
  });
  return Object.fromEntries(runs.map((run) => [run, one(run)]));
}

const PASSED = Object.keys(PASSING);
const TROUBLED = [...Object.keys(LASTING), 'vanishing', 'growing', 'denied', 'bucketless', 'empty'];

describeWith(['pubsub', 'gcs', 'bigquery'], 'Cloud Storage in trouble', () => {
  let storage: FaultProxy;
  let stage: CloudStage;
  let copies: TestTopic;
  let tick: FunctionProcess;

  beforeAll(async () => {
    storage = await faultProxy({ target: storageStandIn().endpoint });
    stage = await cloudStage({
      tests: testsOf([...PASSED, ...TROUBLED]),
      endpoints: { storage: storage.url },
      modelRoots: [MISSING_BUCKET],
    });
    copies = await newSubscription(stage.topic);
    for (const run of [...PASSED, ...TROUBLED]) {
      if (run !== 'empty') await stage.model(run, { [FILE]: loss(0.5, 0.25, 0.375) });
    }
    tick = await stage.start();
  });

  afterAll(async () => {
    await tick?.stop();
    await stage?.close();
    await storage?.close();
  });

  function messageOf(run: string): Message {
    const root = run === 'bucketless' ? MISSING_BUCKET : `gs://${stage.bucket}/models`;
    return finished({ test: run, run, at: day(1, 1) }, 'success', { model_dir: `${root}/${run}` });
  }

  test('in passing is asked again: every run is judged, and no line tells of it', async () => {
    const faults = Object.entries(PASSING);
    storage.use(faults.map(([run, [on, fault]]) => ({ ...ruleFor(run, on, fault), nth: [1] })));
    await publish(stage.topic, PASSED.map(messageOf));
    const { status: answered, body } = await tick.tick();
    expect({ answered, body }).toMatchObject({
      answered: 200,
      body: { runs: PASSED.length, waiting: 0, mails: PASSED.length },
    });
    expect(tick.log.filter(({ severity }) => severity === 'WARNING')).toEqual([]);
    // Every fault was met.
    for (const [run, [on, fault]] of faults) {
      const { path } = ruleFor(run, on, fault);
      expect(storage.count('GET', path), run).toBeGreaterThan(fault.kind === 'trickle' ? 0 : 1);
    }
  });

  test('that lasts makes its runs wait, one line each; what is denied or missing is a row', async () => {
    const place = `models/vanishing/${FILE}`;
    const url = `${storageStandIn().endpoint}/storage/v1/b/${stage.bucket}/o/${encodeURIComponent(place)}`;
    storage.use([
      ...Object.entries(LASTING).map(([run, [on, fault]]) => ruleFor(run, on, fault)),
      meddling('vanishing', () => fetch(url, { method: 'DELETE' })),
      meddling('growing', () => putObject(stage.bucket, `models/growing/${FILE}`, loss(0.5, 0.25, 0.375, 3))),
      DENIED,
    ]);
    const before = tick.log.length;
    await publish(stage.topic, TROUBLED.map(messageOf));
    const { body } = await tick.tick();
    expect(body).toMatchObject({ runs: 3, waiting: 4, mails: 3 });
    const warnings = tick.log.slice(before).filter(({ severity }) => severity === 'WARNING');
    for (const [run, why] of [
      ['list-expired', /answered 401.*credentials/],
      ['read-503-on', /answered 503/],
      ['vanishing', /replaced or deleted since it was listed/],
      ['growing', /replaced or deleted since it was listed/],
    ] as const) {
      const told = warnings.filter(({ message }) => String(message).includes(`run "${run}"`));
      expect(told, run).toHaveLength(1);
      expect(told[0]!.message).toMatch(/^Cannot judge run .* now: .*; it is tried again at the next tick$/);
      expect(told[0]!.message).toMatch(why);
    }
  });

  test('in the end has cost nothing: rows and mails are those of a machine that met no fault', async () => {
    storage.use([DENIED]);
    expect((await tick.tick()).body).toMatchObject({ runs: 4, waiting: 0, mails: 4 });
    const machine: OneMachine = oneMachine({ config: stage.env.TIDEMARK_CONFIG!, storage: storage.url });
    await machine.take(copies, PASSED.length + TROUBLED.length);
    expect(await machine.tidemark(['tick'])).toMatchObject({ status: 0 });
    const local = await rowsIn(machine.history, { env: machine.env, tables: TABLES });
    const remote = await rowsIn(stage.env.TIDEMARK_HISTORY!, { env: stage.env, tables: TABLES });
    const { tests, own } = apart(remote);
    for (const table of TABLES) expect(tests[table], table).toEqual(local[table]);
    // A tick in which files were out of reach was suspicious of Tidemark itself, and the next one found nothing.
    expect(own.run_events!.map(({ kind }) => kind)).toEqual(['sighted', 'sighted']);
    const suspicions = await stage.query(
      "select closed_reason, reason, bad_total from alert_episodes where test_name = ''",
    );
    expect(suspicions).toEqual([{ closed_reason: 'noise', reason: 'files', bad_total: 1 }]);
    expect(messageIds(stage.mails.map(({ raw }) => raw))).toEqual(messageIds(machine.mails()));
    const reasons = remote
      .metric_history!.filter(({ metric_name }) => metric_name === 'loss_final')
      .map(({ run_id, reason }) => [run_id, reason] as const);
    expect(Object.fromEntries(reasons)).toMatchObject({
      denied: expect.stringContaining('it takes the role Storage Object Viewer'),
      bucketless: expect.stringContaining('there is no bucket "no-such-bucket-of-ours"'),
      empty: expect.stringContaining('there is no object of this name'),
      vanishing: expect.stringContaining('there is no object of this name'),
      growing: 'above',
    });
  });

  test('never ends in a stack', () => {
    expect(tick.log.filter((line) => 'stack_trace' in line)).toEqual([]);
    expect(tick.noise.filter((line) => !line.includes('ExperimentalWarning'))).toEqual([]);
  });
});
