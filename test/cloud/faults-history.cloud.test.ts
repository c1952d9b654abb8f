// BigQuery in trouble: what passes by itself is not noticed; what lasts fails the tick in one line, and the messages
// stay where they are until a tick gets through. In the end the rows are those of a machine that met no fault.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tableMetadata } from '../../shared/adapters/bigquery/schema.ts';
import { tableOf } from '../../shared/adapters/bigquery/tables.ts';
import { newSubscription, type TestTopic } from '../support/cloud-resources.ts';
import { type CloudStage, cloudStage } from '../support/cloud-stage.ts';
import { type FaultProxy, faultProxy } from '../support/fault-proxy.ts';
import { type Fault, type FaultRule, usedJobIds } from '../support/fault-rules.ts';
import type { FunctionProcess } from '../support/function-process.ts';
import { day, finished, type Message, named, text } from '../support/messages.ts';
import { bigQueryStandIn, describeWith, uniqueName } from '../support/stand-ins.ts';
import { oneMachine } from './one-machine.ts';
import { publish } from './publishing.ts';
import { messageIds, rowsIn } from './rows.ts';

const TABLES = [
  ...(['job_history', 'metric_history', 'run_events', 'alerts', 'runs', 'threads'] as const),
  ...(['alert_episodes', 'alert_episode_events'] as const),
] as const;

/** Each once, at that request of its kind; the request that follows goes well. */
const PASSING: readonly (readonly [on: 'begin' | 'results', nth: number, fault: Fault])[] = [
  ['begin', 1, { kind: 'status', status: 503 }],
  ['begin', 4, { kind: 'status', status: 429 }],
  ['begin', 7, { kind: 'status', status: 403, reason: 'rateLimitExceeded' }],
  ['begin', 9, { kind: 'lost' }],
  ['begin', 12, { kind: 'reset' }],
  ['results', 1, { kind: 'cut', after: 30 }],
  ['results', 4, { kind: 'wrong-length', by: 20 }],
  ['results', 6, { kind: 'status', status: 500 }],
  ['results', 8, { kind: 'delay', ms: 1000 }],
];

const PATHS = {
  begin: { method: 'POST', path: /\/projects\/[^/]+\/jobs(\?|$)/ },
  results: { method: 'GET', path: /\/queries\// },
} as const;

const PASSING_RULES = PASSING.map(([on, nth, fault]): FaultRule => ({ ...PATHS[on], nth: [nth], fault }));

/** As long as it lasts no tick gets through. */
const LASTING: readonly (readonly [name: string, fault: Fault, line: RegExp])[] = [
  ['an expired token', { kind: 'status', status: 401 }, /Cannot use history .* needs roles\/bigquery/],
  [
    'a right that is missing',
    { kind: 'status', status: 403, reason: 'accessDenied', message: 'Access Denied: Table t' },
    /Cannot use history .*Access Denied.* needs roles\/bigquery/,
  ],
  [
    'a quota that is used up',
    { kind: 'status', status: 403, reason: 'quotaExceeded' },
    /Cannot use history .* now: a quota of project p1 is used up/,
  ],
  [
    'a table that is missing',
    { kind: 'status', status: 404, message: 'Not found: Table p1:d.runs' },
    /Cannot find history .*Not found: Table .*"tidemark doctor"/,
  ],
];
const OUTAGE = 4;

/** Bad, and of a test with an owner of its own: its mail is the same whenever it is judged. */
function bad(run: string): Message {
  return finished({ test: run, run, at: day(1, 1) }, 'success', { metrics: named({ loss: 2 }) });
}

const PASSED = ['passing-1', 'passing-2'];
const MISSED = LASTING.map((_, index) => `missed-${index + 1}`);
const DURING = Array.from({ length: OUTAGE }, (_, index) => `outage-${index + 1}`);
const ALL = [...PASSED, 'beside-poison', ...MISSED, ...DURING];

function testsOf(runs: readonly string[]) {
  const loss = { comparison: 'less', success_threshold: { fixed_value: 1 } };
  const regression_test_config = { metric_success_conditions: { loss } };
  return Object.fromEntries(
    runs.map((run) => [run, { owner: [`${run}@example.com`], regression_test_config }]),
  );
}

describeWith(['pubsub', 'gcs', 'bigquery'], 'BigQuery in trouble', () => {
  let bigQuery: FaultProxy;
  let stage: CloudStage;
  let copies: TestTopic;
  let tick: FunctionProcess;

  beforeAll(async () => {
    bigQuery = await faultProxy({ target: bigQueryStandIn().endpoint });
    const endpoints = { bigquery: bigQuery.url };
    stage = await cloudStage({ tests: testsOf(ALL), dataset: uniqueName(), pullSeconds: 1, endpoints });
    copies = await newSubscription(stage.topic);
    tick = await stage.start();
  });

  afterAll(async () => {
    await tick?.stop();
    await stage?.close();
    await bigQuery?.close();
  });

  /** Ticks, and answers with what it came to and the lines it wrote. */
  async function ticked() {
    const from = tick.log.length;
    const { status, body } = await tick.tick();
    return { status, body, log: tick.log.slice(from) };
  }

  /** A tick that fails says so in one line, whose stack would say nothing. */
  async function failing(line: RegExp): Promise<void> {
    const { status, body, log } = await ticked();
    expect({ status, body }).toMatchObject({ status: 500, body: { error: expect.stringMatching(line) } });
    expect(log.map(({ event, severity }) => ({ event, severity }))).toEqual([
      { event: 'tick_failed', severity: 'ERROR' },
    ]);
    expect(log[0]).not.toHaveProperty('stack_trace');
  }

  test('is nothing to a dataset that is missing: the first tick makes it, and its tables', async () => {
    expect(await ticked()).toMatchObject({ status: 200, body: { runs: 0 } });
  });

  test('in passing is asked again, with the same job where nobody knows whether it was begun', async () => {
    bigQuery.use([usedJobIds(), ...PASSING_RULES]);
    await publish(stage.topic, PASSED.map(bad));
    const { status, body, log } = await ticked();
    expect({ status, body }).toMatchObject({ status: 200, body: { runs: 2, waiting: 0, mails: 2 } });
    expect(log.filter(({ severity }) => severity === 'WARNING')).toEqual([]);
    for (const on of ['begin', 'results'] as const) {
      const last = Math.max(...PASSING.filter(([of]) => of === on).map(([, nth]) => nth));
      expect(bigQuery.count(PATHS[on].method, PATHS[on].path), on).toBeGreaterThan(last);
    }
  });

  test('without a table that only a bad message needs: it, and what came with it, waits for the table', async () => {
    const { endpoint, project } = bigQueryStandIn();
    const tables = `${endpoint}/bigquery/v2/projects/${project}/datasets/${stage.dataset}/tables`;
    await fetch(`${tables}/rejected_messages`, { method: 'DELETE' });
    bigQuery.use([]);
    await publish(stage.topic, [bad('beside-poison'), text('poison', day(1), '{"job_name"')]);
    await failing(/rejected_messages/);
    const tableReference = { projectId: project, datasetId: stage.dataset, tableId: 'rejected_messages' };
    const made = await fetch(tables, {
      method: 'POST',
      body: JSON.stringify({ tableReference, ...tableMetadata(tableOf('rejected_messages')) }),
    });
    expect(made.status).toBe(200);
    expect(await ticked()).toMatchObject({ status: 200, body: { runs: 1, waiting: 0, mails: 1 } });
  });

  test.each(LASTING)('for %s fails the tick in one line', async (_, fault, line) => {
    bigQuery.use([{ ...PATHS.begin, fault }]);
    await publish(stage.topic, [bad(MISSED.shift()!)]);
    await failing(line);
  });

  test('for four ticks, while messages arrive, fails each in one line', async () => {
    const fault: Fault = { kind: 'status', status: 503 };
    // It begins in the middle of a tick, which has its messages already.
    const later = Array.from({ length: 100 }, (_, index) => 6 + index);
    bigQuery.use([{ ...PATHS.begin, nth: later, fault }]);
    for (const run of DURING) {
      await publish(stage.topic, [bad(run)]);
      await failing(/Cannot reach BigQuery for .* now/);
      bigQuery.use([{ path: /./, fault }]);
    }
  });

  test('in the end has cost nothing: rows and mails are those of a machine that met no fault', async () => {
    bigQuery.use([]);
    const { body } = await ticked();
    const runs = LASTING.length + OUTAGE;
    expect(body).toMatchObject({ runs, waiting: 0, mails: runs });
    const machine = oneMachine({ config: stage.env.TIDEMARK_CONFIG! });
    await machine.take(copies, ALL.length + 1);
    expect(await machine.tidemark(['tick'])).toMatchObject({ status: 0 });
    const local = await rowsIn(machine.history, { env: machine.env, tables: TABLES });
    const remote = await rowsIn(stage.env.TIDEMARK_HISTORY!, { env: stage.env, tables: TABLES });
    for (const table of TABLES) expect(remote[table], table).toEqual(local[table]);
    expect(messageIds(stage.mails.map(({ raw }) => raw))).toEqual(messageIds(machine.mails()));
  });
});
