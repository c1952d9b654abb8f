import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { sqliteLease } from '../../shared/adapters/sqlite/lease.ts';
import { finished, type Workspace, workspaces } from '../../test/support/cli.ts';

const newWorkspace = workspaces();

/** A state with judged runs, a message that was rejected, an alert and its mail. */
async function state(): Promise<Workspace> {
  const at = newWorkspace();
  at.config({
    alerting: { from: 'tidemark@example.com' },
    tests: {
      mnist: {
        owner: ['a@example.com'],
        regression_test_config: {
          metric_success_conditions: {
            acc_final: { comparison: 'greater', success_threshold: { fixed_value: 0.9 } },
          },
        },
      },
    },
  });
  for (const [n, accuracy] of [0.95, 0.5].entries()) {
    const model_dir = at.model(`out-${n}`, { acc: [0.1, accuracy] });
    at.message(finished(`r${n}`, { model_dir, finished_at: `2026-08-0${n + 1}T01:00:00Z` }));
  }
  at.message(new Uint8Array([0x7b, 0xff, 0x00]), 'broken.json');
  expect((await at.run(['tick'])).status).toBe(0);
  return at;
}

const source = (at: Workspace) => `sqlite:${at.path('state', 'tidemark.db')}`;
const target = (at: Workspace) => `sqlite:${at.path('copy', 'tidemark.db')}`;

function change(at: Workspace, sql: string): void {
  const database = new DatabaseSync(at.path('copy', 'tidemark.db'));
  database.exec(sql);
  database.close();
}

interface Report {
  readonly copied: boolean;
  readonly tables: readonly {
    table: string;
    rows: number;
    same: number;
    missing: number;
    digest: string | null;
  }[];
}

test('a copy answers as its source, and copying again copies nothing', async () => {
  const at = await state();
  const args = ['migrate', source(at), target(at), '--json'];
  const first = JSON.parse((await at.run(args)).stdout) as Report;
  expect(first.copied).toBe(true);
  const rows = Object.fromEntries(first.tables.map((one) => [one.table, one.rows]));
  expect(rows).toMatchObject({ job_history: 2, rejected_messages: 1, alerts: 1, alert_outbox: 1, ticks: 1 });
  expect(first.tables.every(({ digest }) => /^([0-9a-f]{64})?$/.test(digest!))).toBe(true);
  for (const sql of [
    'select * from job_history order by uuid',
    'select * from metric_history order by uuid, metric_name',
    'select * from rejected_messages',
  ]) {
    const of = async (history: string) =>
      (await at.run(['query', sql, '--format', 'json', '--history', history])).stdout;
    expect(await of(target(at))).toBe(await of(source(at)));
  }
  const verdict = await at.run(['verdict', 'mnist', '--json', '--history', target(at)]);
  expect(verdict).toEqual(await at.run(['verdict', 'mnist', '--json']));
  const again = JSON.parse((await at.run(args)).stdout) as Report;
  expect(again.tables.map(({ missing }) => missing)).toEqual(again.tables.map(() => 0));
});

test('a copy is a state to go on with', async () => {
  const at = await state();
  await at.run(['migrate', source(at), target(at)]);
  at.message(finished('r2', { outcome: 'failure', finished_at: '2026-08-03T01:00:00Z' }));
  const ticked = await at.run(['tick', '--json', '--history', target(at)]);
  expect(JSON.parse(ticked.stdout)).toMatchObject({ runs: [{ run_id: 'r2', verdict: 'fail' }] });
});

test('--dry-run says what would be copied, and makes nothing', async () => {
  const at = await state();
  const answer = await at.run(['migrate', source(at), target(at), '--dry-run']);
  expect(answer).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/job_history +2 +0 +2 .*nothing was written/s),
  });
  expect(existsSync(at.path('copy'))).toBe(false);
});

test('a target with rows of its own is refused and stays as it is', async () => {
  const at = await state();
  await at.run(['migrate', source(at), target(at)]);
  change(at, "update threads set thread = 'run:other' where thread = (select min(thread) from threads)");
  for (const more of [[], ['--replace'], ['--dry-run']]) {
    const answer = await at.run(['migrate', source(at), target(at), ...more]);
    expect(answer).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/threads has 1 row .*empty target/),
    });
  }
});

test('other contents under the same key are refused, and replaced when that is said', async () => {
  const at = await state();
  await at.run(['migrate', source(at), target(at)]);
  change(at, "update job_history set verdict = 'pass'");
  const args = ['migrate', source(at), target(at)];
  expect(await at.run(args)).toMatchObject({ status: 2, stderr: expect.stringContaining('--replace') });
  expect((await at.run([...args, '--replace'])).stdout).toMatch(/copied.*the same rows, by count and digest/);
  const verdicts = await at.run([
    'query',
    'select verdict from job_history order by run_id',
    '--history',
    target(at),
    '--format',
    'csv',
  ]);
  expect(verdicts.stdout).toBe('verdict\r\npass\r\nfail\r\n');
});

test.each(['state', 'copy'])('while a tick works on one side nothing is copied: %s', async (side) => {
  const at = await state();
  const lease = await sqliteLease(at.path(side, 'lease.db')).acquire();
  onTestFinished(() => lease?.release());
  const answer = await at.run(['migrate', source(at), target(at)]);
  expect(answer).toMatchObject({ status: 70, stderr: expect.stringContaining('A tick is at work on') });
  expect(existsSync(at.path('copy', 'tidemark.db'))).toBe(false);
});

test.each([
  ['no source', 'sqlite:nowhere/a.db', 'sqlite:nowhere/b.db', /There is no history at/],
  ['one place', 'sqlite:a.db', 'sqlite:a.db', /to itself/],
  ['an unknown store', 'sqlite:a.db', 'oracle:b', /history/],
])('refused with a sentence: %s', async (_, from, to, words) => {
  const at = newWorkspace();
  const placed = (url: string) => url.replace(/^sqlite:/, `sqlite:${at.folder}/`);
  const answer = await at.run(['migrate', placed(from), placed(to)]);
  expect(answer).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(words) });
});

test('a history in BigQuery is not copied to without a lease', async () => {
  const at = await state();
  const answer = await at.run(['migrate', source(at), 'bigquery://some-project/metrics']);
  expect(answer).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('TIDEMARK_LEASE') });
});
