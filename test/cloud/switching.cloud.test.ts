// One machine or Google Cloud is a matter of settings alone: the same commands, one after the other, on both.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, inside, tidemark } from '../support/cli.ts';
import { type CloudStage, cloudStage } from '../support/cloud-stage.ts';
import { describeWith } from '../support/stand-ins.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const BELOW = { comparison: 'less', success_threshold: { fixed_value: 60 } };
const TESTS = {
  mnist: {
    owner: ['owner@example.com'],
    regression_test_config: { metric_success_conditions: { total_wall_time: BELOW } },
  },
};
const NOW = ['--now', '2026-11-01T00:00:00Z'];

type Environment = Readonly<Record<string, string>>;

/** The settings of the cloud; each other one is that of one machine. */
const CLOUD = ['TIDEMARK_QUEUE', 'TIDEMARK_HISTORY', 'TIDEMARK_MAIL', 'TIDEMARK_LEASE'];

function publish(run: string, minutes: string): readonly string[] {
  const times = ['--started-at', '2026-08-01T02:00:00Z', '--finished-at', `2026-08-01T02:${minutes}:00Z`];
  return ['publish', '--test-name', 'mnist', '--run-id', run, '--outcome', 'success', ...times];
}

/** What a day brings, by name. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  'publish a good run': publish('good', '00'),
  'publish a bad run': publish('bad', '30'),
  tick: ['tick', '--json', ...NOW],
  'tick again': ['tick', '--json', '--now', '2026-11-01T00:15:00Z'],
  'verdict of the good run': ['verdict', 'mnist', '--run', 'good', '--json'],
  'verdict of the newest': ['verdict', 'mnist', '--json'],
  status: ['status', '--json'],
  query: ['query', 'select run_id, verdict from job_history order by run_id', '--format', 'json'],
  replay: ['replay', ...NOW],
  'query after the replay': [
    'query',
    'select run_id, metric_name, verdict from metric_history order by 1, 2',
    '--format',
    'json',
  ],
};

describeWith(['pubsub', 'gcs', 'bigquery'], 'switching to Google Cloud', () => {
  let stage: CloudStage;
  let cloud: Environment;
  let local: Environment;

  beforeAll(async () => {
    stage = await cloudStage({ tests: TESTS });
    cloud = { ...stage.env, TIDEMARK_STATE: temporaryFolder() };
    const kept = Object.entries(stage.env).filter(([name]) => !CLOUD.includes(name));
    local = { ...Object.fromEntries(kept), TIDEMARK_STATE: temporaryFolder() };
  });

  afterAll(() => stage?.close());

  /** Answers of a series of commands, without the ids that a transport makes up. */
  async function answers(env: Environment): Promise<Record<string, Omit<Answer, 'stderr'>>> {
    const all: Record<string, Omit<Answer, 'stderr'>> = {};
    for (const [name, args] of Object.entries(STEPS)) {
      const { status, stdout } = await inside(args, { env });
      all[name] = { status, stdout: args[0] === 'publish' ? '' : stdout };
    }
    return all;
  }

  test('takes the environment alone: every command says the same', async () => {
    const here = await answers(local);
    const there = await answers(cloud);
    expect(JSON.parse(there.tick!.stdout)).toMatchObject({ waiting: 0, mails: 1, runs: [{}, {}] });
    expect(here['verdict of the newest']!.status).toBe(1);
    expect(there).toEqual(here);
    expect(stage.mails).toHaveLength(1);
  });

  test('holds for "run": a process ends with the status of its child, and both its messages arrive', async () => {
    const child = [
      'run',
      '--test-name',
      'child',
      '--run-id',
      'c',
      '--',
      process.execPath,
      '-e',
      'process.exit(7)',
    ];
    expect(await tidemark(child, { env: cloud })).toMatchObject({ status: 7 });
    const { stdout } = await inside(['tick', '--json'], { env: cloud });
    expect(JSON.parse(stdout)).toMatchObject({
      runs: [{ run_id: 'c', test_name: 'child', outcome: 'failure', verdict: 'fail' }],
    });
  });

  test('holds for what could not be published: "flush" delivers it to the topic', async () => {
    const nowhere = { ...cloud, TIDEMARK_QUEUE: `spool:${join(cloud.TIDEMARK_CONFIG!, 'no-folder')}` };
    expect((await inside(publish('late', '45'), { env: nowhere })).status).toBe(0);
    const flushed = await inside(['flush'], { env: cloud });
    expect(flushed).toMatchObject({ status: 0 });
    const { stdout } = await inside(['tick', '--json'], { env: cloud });
    expect(JSON.parse(stdout)).toMatchObject({ runs: [{ run_id: 'late', outcome: 'success' }] });
  });
});
