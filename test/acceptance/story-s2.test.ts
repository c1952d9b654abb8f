// Story S2 of the studies, step by step: a model in staging on a legacy scheduler, whose outcome nobody should have to
// hunt for through web pages. No Kubernetes anywhere; the scheduler runs a process line.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { finished, started, type Workspace, workspaces } from '../support/cli.ts';

const make = workspaces();
const TEST = 'contextual-model';
const DATASET = '5aa26ba4-9b26-4355-a418-1f42759976b5';
const LABELS = [
  ...['--label', 'env=staging', '--label', 'version=491d6de'],
  ...['--label', `dataset=${DATASET}`, '--label', 'target_date=2018-09-14'],
];

/** The line of the scheduler's task: our wrapper around the team's command. */
const runModel = (at: Workspace, script: string, more: readonly string[] = ['--timeout', '4h']) =>
  at.spawn(['run', '--test-name', TEST, ...LABELS, ...more, '--', 'sh', '-c', script]);

interface Status {
  readonly outcome: string;
  readonly exit_code: number | null;
  readonly duration_s: number | null;
  readonly host: string | null;
  readonly links: readonly string[];
}

async function statusOf(at: Workspace, ...more: readonly string[]) {
  const answer = await at.run(['status', TEST, '--json', ...more]);
  return { status: answer.status, said: JSON.parse(answer.stdout) as Status };
}

describe('how a run of the scheduler ended', () => {
  test.each([
    ['that ends well', 'exit 0', { exit: 0, outcome: 'success', code: 0, status: 0 }],
    ['whose model fails', 'exit 3', { exit: 3, outcome: 'failure', code: 3, status: 1 }],
    ['that somebody kills by force', 'kill -9 $$', { exit: 137, outcome: 'failure', code: null, status: 1 }],
  ])('%s is told by status, and by its exit code', async (_sentence, script, wanted) => {
    const at = make();
    expect((await runModel(at, script)).status).toBe(wanted.exit);
    await at.run(['tick']);
    const { status, said } = await statusOf(at, '--wait', '1s');
    expect(status).toBe(wanted.status);
    // What a signal killed has no code of its own; 137 is how its parent writes it.
    expect(said).toMatchObject({ outcome: wanted.outcome, exit_code: wanted.code });
    expect(said.duration_s).toBeGreaterThanOrEqual(0);
    expect(said.host).not.toBeNull();
  });

  test('that ran out of its time is a timeout, and exits 124', async () => {
    const at = make();
    expect((await runModel(at, 'sleep 60', ['--timeout', '1s'])).status).toBe(124);
    await at.run(['tick']);
    expect(await statusOf(at)).toMatchObject({ status: 1, said: { outcome: 'timeout' } });
  });

  test('is waited for while it runs', async () => {
    const at = make();
    at.message(started('task-1', { test_name: TEST }));
    await at.run(['tick', '--now', '2026-08-01T00:55:00Z']);
    expect(await statusOf(at)).toMatchObject({ status: 4, said: { outcome: 'running' } });
    const waiting = statusOf(at, '--wait', '1m');
    at.message(finished('task-1', { test_name: TEST }));
    await at.run(['tick', '--now', '2026-08-01T01:05:00Z']);
    expect(await waiting).toMatchObject({ status: 0, said: { outcome: 'success' } });
  });

  test('by the killer of the kernel is oom once somebody says so, in whatever order', async () => {
    const outcomes = [];
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const at = make();
      const said = [
        finished('task-1', { test_name: TEST, outcome: 'failure', exit_code: 137 }),
        { ...finished('task-1', { test_name: TEST, outcome: 'oom' }), source: '//watcher' },
      ];
      for (const index of order) {
        at.message(said[index]!);
        await at.run(['tick', '--now', '2026-08-01T02:00:00Z']);
      }
      outcomes.push((await statusOf(at)).said.outcome);
    }
    expect(outcomes).toEqual(['oom', 'oom']);
  });

  test('is lost when even the wrapper was killed and its heart stopped', async () => {
    const at = make();
    at.message(started('task-1', { test_name: TEST }));
    at.message({
      specversion: '1.0',
      type: 'io.tidemark.run.heartbeat.v1',
      source: '//host-a/test',
      id: 'task-1/1/heartbeat/5',
      time: '2026-08-01T00:55:00Z',
      data: { run_id: 'task-1', test_name: TEST },
    });
    await at.run(['tick', '--now', '2026-08-01T01:00:00Z']);
    expect(await statusOf(at)).toMatchObject({ status: 4, said: { outcome: 'running' } });
    await at.run(['tick', '--now', '2026-08-01T01:10:00Z']);
    expect(await statusOf(at)).toMatchObject({ status: 1, said: { outcome: 'lost' } });
  });
});

test('a task that was never placed is missed: a mail says so, and status has the hint of who submitted it', async () => {
  const at = make();
  at.config({
    tests: { [TEST]: { owner: ['team@example.com'] } },
    alerting: { from: 'tidemark@example.com' },
  });
  const hint = 'Is SLAVE_TYPE the name of a pool that is up?';
  const asked = await at.run([
    ...['expect', TEST, '--within', '30m', '--hint', hint, '--now', '2026-08-01T00:00:00Z'],
  ]);
  expect(asked.status).toBe(0);
  await at.run(['tick', '--now', '2026-08-01T00:29:00Z']);
  expect(at.mails()).toEqual([]);
  await at.run(['tick', '--now', '2026-08-01T00:31:00Z']);
  expect(await statusOf(at)).toMatchObject({ status: 1, said: { outcome: 'missed' } });
  expect((await at.run(['status', TEST])).stdout).toContain(hint);
  expect(at.mails()).toHaveLength(1);
  expect(readFileSync(at.path(`state/mail/${at.mails()[0]}`), 'utf8').replaceAll(/=\r?\n/g, '')).toContain(
    hint,
  );
});

describe('the verdict on a version', () => {
  const NOW = ['--now', '2026-08-05T00:00:00Z'];

  /** A production run on that data, then the staging run of the story; each leaves JSON lines in its folder. */
  async function judged(datasetOfProduction: string) {
    const at = make();
    at.config({
      tests: { [TEST]: { sources: [{ json_lines: { path: 'metrics.jsonl', preset: 'metrics-lines' } }] } },
    });
    const run = (id: string, day: number, { auc, ...labels }: Record<string, string | number>) => {
      const line = { metrics: { auc }, dimensions: { split: 'test' } };
      at.write(`${id}/metrics.jsonl`, `${JSON.stringify(line)}\n`);
      const finished_at = `2026-08-0${day}T01:00:00Z`;
      at.message(finished(id, { test_name: TEST, labels, finished_at, model_dir: at.path(id) }));
    };
    run('prod-1', 1, { env: 'prod', version: '37f0aa1', dataset: datasetOfProduction, auc: 0.81 });
    run('staging-1', 2, { env: 'staging', version: '491d6de', dataset: DATASET, auc: 0.812 });
    await at.run(['tick', ...NOW]);
    const policy = ['--baseline', 'env=prod', '--policy', 'auc>=0.99x'];
    return at.run(['verdict', TEST, '--version', '491d6de', ...policy, '--json']);
  }

  test('holds it against production on the same data', async () => {
    const answer = await judged(DATASET);
    expect({ status: answer.status, verdict: JSON.parse(answer.stdout).verdict }).toEqual({
      status: 0,
      verdict: 'pass',
    });
  });

  test('is inconclusive when production saw other data', async () => {
    const answer = await judged('another');
    expect(answer.status).toBe(3);
    expect(answer.stdout).toContain('"reason":"dataset"');
  });
});

test('a collector that is away changes nothing of the run; flush delivers it with the times it had', async () => {
  const at = make();
  at.write('no-folder', 'a file where the spool should be');
  const away = ['--queue', `spool:${at.path('no-folder')}`];
  const answer = await runModel(at, 'echo done; exit 3', away);
  expect(answer).toMatchObject({ status: 3, stdout: 'done\n' });
  expect(answer.stderr).toContain('flush');
  const kept = at.list('state/unsent').filter((name) => !name.startsWith('.'));
  const told = kept.map((name) => JSON.parse(readFileSync(at.path('state/unsent', name), 'utf8')));
  expect(told.length).toBe(2);
  expect((await at.run(['flush'])).status).toBe(0);
  await at.run(['tick']);
  const [row] = await at.query<{ finished_at: string; job_status: string }>(
    'select finished_at, job_status from job_history',
  );
  const end = told.find(({ data }) => data?.outcome !== undefined);
  expect(row).toMatchObject({ job_status: 'failure', finished_at: end.data.finished_at });
});
