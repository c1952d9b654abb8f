// Clusters in trouble, and clocks that differ: what a cluster does not answer is asked again at the next tick.
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newSubscription, type TestTopic } from '../support/cloud-resources.ts';
import { type CloudStage, cloudStage } from '../support/cloud-stage.ts';
import type { FunctionProcess } from '../support/function-process.ts';
import { recordedAnswer, recording } from '../support/kubernetes-recordings.ts';
import { v1 } from '../support/messages.ts';
import { type Fault, type RecordedServer, send, startRecordedServer } from '../support/recorded-cluster.ts';
import { describeWith } from '../support/stand-ins.ts';
import { oneMachine } from './one-machine.ts';
import { publish } from './publishing.ts';
import { messageIds, rowsIn } from './rows.ts';

const TABLES = ['job_history', 'metric_history', 'runs', 'alerts'] as const;
const NAMESPACE = 'nightly';
const HOUR = 3_600_000;

function refused(name: string): Fault {
  const { status, body } = recordedAnswer(name);
  return (response) => send(response, status, body);
}

const after = (work: (response: ServerResponse) => unknown): Fault => {
  return (response) => {
    work(response);
    return true;
  };
};

/** As long as it lasts nobody learns how a Job ended. */
const LASTING: readonly (readonly [name: string, fault: Fault, why: RegExp])[] = [
  ['that breaks off', after((response) => response.destroy()), /broke off its answer/],
  ['that is overloaded', after((response) => send(response, 429, {})), /429/],
  ['that has lost its mind', after((response) => send(response, 500, 'x'.repeat(100_000))), /500/],
  ['whose token has expired', refused('wrong-token'), /401|token|credentials/],
  ['that gives no right', refused('no-right'), /list on jobs of batch in namespace "nightly"/],
];

/** A recorded Job under another name that ended so many milliseconds from now, half an hour after it had begun. */
function endedJob(name: string, inMs: number): Record<string, unknown> {
  const [job] = recording('success').jobs.items;
  const time = (ms: number) => new Date(Date.now() + ms).toISOString().replace(/\.\d+Z$/, 'Z');
  const status = job!.status as { readonly conditions: readonly object[] };
  const conditions = status.conditions.map((one) => ({ ...one, lastTransitionTime: time(inMs) }));
  return {
    ...job!,
    metadata: { ...job!.metadata, name, uid: `uid-of-${name}`, creationTimestamp: time(inMs - HOUR) },
    status: { ...status, startTime: time(inMs - HOUR / 2), completionTime: time(inMs), conditions },
  };
}

function messageOf(name: string, more: Readonly<Record<string, unknown>> = {}) {
  const where = { cluster_name: 'main', zone: 'here', job_namespace: NAMESPACE };
  return v1(name, 0, { ...where, test_name: name, job_name: name, job_uid: `uid-of-${name}`, ...more });
}

describeWith(['pubsub', 'gcs', 'bigquery'], 'a cluster', () => {
  let cluster: RecordedServer;
  let stage: CloudStage;
  let copies: TestTopic;
  let tick: FunctionProcess;

  beforeAll(async () => {
    cluster = await startRecordedServer();
    stage = await cloudStage({
      clusters: {
        main: { endpoint: cluster.endpoint, auth: 'none', location: 'here' },
        // Nothing listens on the port that is reserved for nobody.
        away: { endpoint: 'http://127.0.0.1:1', auth: 'none', location: 'here' },
      },
      pullSeconds: 1,
    });
    copies = await newSubscription(stage.topic);
    tick = await stage.start();
  });

  afterAll(async () => {
    await tick?.stop();
    await stage?.close();
    await cluster?.close();
  });

  async function ticked() {
    const from = tick.log.length;
    const { status, body } = await tick.tick();
    return { status, body, complaints: tick.log.slice(from).filter(({ severity }) => severity !== 'INFO') };
  }

  test('of which nobody said that it may be asked is not asked, in one line', async () => {
    await publish(stage.topic, [messageOf('elsewhere', { cluster_name: 'unknown' })]);
    const { status, body, complaints } = await ticked();
    expect({ status, body }).toMatchObject({ status: 200, body: { runs: 0, waiting: 1 } });
    expect(complaints.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Run "uid-of-elsewhere" cannot be asked for: .*unknown/),
    ]);
    expect(cluster.seen).toEqual([]);
  });

  test.each(LASTING)('%s leaves its runs open, in one line for all of them', async (_, fault, why) => {
    if (fault === LASTING[0]![1]) {
      // By its clock one Job ends in ten minutes; the message of the other came when that had long ended.
      const jobs = [endedJob('ahead', HOUR / 6), endedJob('behind', -HOUR)];
      cluster.namespaces.set(NAMESPACE, { jobs: { items: jobs }, pods: { items: [] } });
      await publish(stage.topic, [messageOf('ahead'), messageOf('behind')]);
    }
    cluster.fault = fault;
    const { status, body, complaints } = await ticked();
    expect({ status, body }).toMatchObject({ status: 200, body: { runs: 0, waiting: 3 } });
    expect(complaints.map(({ message }) => message)).toEqual([
      expect.stringMatching(/2 open runs wait for the next tick$/),
    ]);
    expect(String(complaints[0]!.message)).toMatch(why);
  });

  test('that answers again gives their ends, and no difference of clocks makes anything up', async () => {
    cluster.fault = null;
    expect(await ticked()).toMatchObject({ status: 200, body: { runs: 2, waiting: 1 }, complaints: [] });
    const machine = oneMachine({ config: stage.env.TIDEMARK_CONFIG! });
    await machine.take(copies, 3);
    expect(await machine.tidemark(['tick'])).toMatchObject({ status: 0 });
    const local = await rowsIn(machine.history, { env: machine.env, tables: TABLES });
    const remote = await rowsIn(stage.env.TIDEMARK_HISTORY!, { env: stage.env, tables: TABLES });
    for (const table of TABLES) expect(remote[table], table).toEqual(local[table]);
    expect(messageIds(stage.mails.map(({ raw }) => raw))).toEqual([]);
    const times = remote.metric_history!.filter(({ metric_name }) => metric_name === 'total_wall_time');
    // By the clock of the cluster alone, whenever the message came.
    expect(Object.fromEntries(times.map((row) => [row.test_name, row.metric_value]))).toEqual({
      ahead: 1800,
      behind: 1800,
    });
  });

  test('that is out of reach costs its own runs a line, and the runs of no other', async () => {
    const jobs = [endedJob('near', -HOUR)];
    cluster.namespaces.set(NAMESPACE, { jobs: { items: jobs }, pods: { items: [] } });
    await publish(stage.topic, [messageOf('far', { cluster_name: 'away' }), messageOf('near')]);
    const { body, complaints } = await ticked();
    expect(body).toMatchObject({ runs: 1, waiting: 2 });
    expect(complaints.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^Cluster "away" has nobody who listens at its endpoint; 1 open run waits for the next tick$/,
      ),
    ]);
    expect(tick.log.filter((line) => 'stack_trace' in line)).toEqual([]);
  });
});
