// The bundled nightly history by the same commands on one machine and on Google Cloud: only the environment differs.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, inside, NIGHTLY } from '../support/cli.ts';
import { type CloudStage, cloudStage } from '../support/cloud-stage.ts';
import { describeWith } from '../support/stand-ins.ts';
import { type OneMachine, oneMachine } from './one-machine.ts';
import { messageIds, rowsIn } from './rows.ts';

const CONFIG = join(NIGHTLY, 'tidemark.yaml');
const TESTS = ['digits-mlp-func-v2-8', 'wine-linear-conv-v3-8', 'diabetes-reg-conv-v2-8'];
const NOW = '2026-11-01T00:00:00Z';
const TABLES = [
  'job_history',
  'metric_history',
  'run_events',
  'rejected_messages',
  'runs',
  'threads',
  'alerts',
  'alert_episodes',
  'alert_episode_events',
  'alert_outbox',
  'ticks',
] as const;

describeWith(['pubsub', 'gcs', 'bigquery'], 'the bundled nightly history', () => {
  let machine: OneMachine;
  let stage: CloudStage;
  let cloud: Readonly<Record<string, string>>;
  let reports: readonly Answer[] = [];

  beforeAll(async () => {
    machine = oneMachine({ config: CONFIG });
    stage = await cloudStage();
    cloud = { ...stage.env, TIDEMARK_CONFIG: CONFIG };
    reports = await onBoth(['backfill', join(NIGHTLY, 'runs.jsonl'), '--mail', '--json']);
  }, 300_000);

  afterAll(() => stage?.close());

  /** The answer of one machine, then that of the cloud. */
  async function onBoth(args: readonly string[]): Promise<readonly [Answer, Answer]> {
    const given = [...args, '--now', NOW];
    return [await machine.tidemark(given), await inside(given, { env: cloud })];
  }

  test('is reported alike, run by run', () => {
    const [local, remote] = reports.map(({ status, stdout }) => ({ status, report: JSON.parse(stdout) }));
    expect(local!.report.runs).toHaveLength(135);
    expect(remote).toEqual(local);
  });

  test('has equal rows in every table', async () => {
    // How a mail went out, and what took it, is not the same: a folder on one side, a server on the other.
    const options = { tables: TABLES, without: { alert_outbox: ['attempts', 'sent_at', 'detail'] } };
    const local = await rowsIn(machine.history, { env: machine.env, ...options });
    const remote = await rowsIn(cloud.TIDEMARK_HISTORY!, { env: cloud, ...options });
    expect(local.job_history).toHaveLength(135);
    expect(local.alerts!.length).toBeGreaterThan(0);
    for (const table of TABLES) expect(remote[table], table).toEqual(local[table]);
  });

  test('sends the same mails', () => {
    const local = messageIds(machine.mails());
    expect(local.length).toBeGreaterThan(1);
    expect(messageIds(stage.mails.map(({ raw }) => raw))).toEqual(local);
  });

  describe.each([
    ['history', (name: string) => ['history', name, '--last', '1000', '--json']],
    ['verdict', (name: string) => ['verdict', name, '--json']],
  ])('answers "%s" alike', (_, args) => {
    test.each(TESTS)('for %s', async (name) => {
      const [local, remote] = await onBoth(args(name));
      expect(local.stdout).not.toBe('');
      expect(remote).toEqual(local);
    });
  });

  test('answers "status" alike', async () => {
    const [local, remote] = await onBoth(['status', '--json']);
    expect(JSON.parse(local.stdout)).toMatchObject({ counts: expect.anything() });
    expect(JSON.parse(remote.stdout)).toEqual(JSON.parse(local.stdout));
  });
});
