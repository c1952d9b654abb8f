import { describe, expect, test } from 'vitest';
import { decisionEvent, decisionOf } from '../../shared/core/decision-record.ts';
import { workspaces } from '../support/cli.ts';
import { loadTest } from '../support/load-tests.ts';

const make = workspaces();

async function staged() {
  const workspace = make();
  const alias = { alias: 'production' };
  loadTest(workspace, { version: '1', day: 1, p95: 180, labels: alias });
  loadTest(workspace, { version: '2', day: 2, p95: 190, labels: alias });
  loadTest(workspace, { version: '3', day: 3, p95: 900, outcome: 'failure', labels: { env: 'staging' } });
  await workspace.run(['tick']);
  return workspace;
}

describe('previous', () => {
  test('prints the version before the one in place, alone', async () => {
    const workspace = await staged();
    const answer = await workspace.run(['previous', 'load', '--label', 'alias=production']);
    expect([answer.status, answer.stdout]).toStrictEqual([0, '1\n']);
    const all = await workspace.run(['previous', 'load', '--json']);
    expect(JSON.parse(all.stdout)).toMatchObject({ current: '3', previous: '2', failed_between: [] });
  });

  test('goes by what a registry said of its alias, too', async () => {
    const workspace = await staged();
    const { stdout } = await workspace.run(['previous', 'load', '--label', 'alias=production', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ current: '2', previous: '1' });
    for (const [day, version] of [
      [4, '2'],
      [5, '4'],
    ] as const) {
      const at = Date.UTC(2026, 7, day);
      const data = { schema: 1, alias: 'production', version, delivery: String(day) };
      workspace.message(decisionEvent(decisionOf({ kind: 'candidate', subject: 'load', at, data })));
    }
    await workspace.run(['tick']);
    const answer = await workspace.run(['previous', 'load', '--label', 'alias=production']);
    expect([answer.status, answer.stdout]).toStrictEqual([0, '2\n']);
  });

  test('exits 1 where there is none, and 2 for what nobody knows', async () => {
    const workspace = await staged();
    const only = await workspace.run(['previous', 'load', '--label', 'env=staging']);
    expect([only.status, only.stdout]).toStrictEqual([1, '']);
    expect((await workspace.run(['previous', 'load', '--label', 'env=nowhere'])).status).toBe(2);
    expect((await workspace.run(['previous', 'lood'])).stderr).toContain('did you mean "load"');
  });
});

describe('rollback-report', () => {
  test('lists the tests that failed since a version appeared', async () => {
    const workspace = await staged();
    const answer = await workspace.run(['rollback-report', '3']);
    expect(answer.status).toBe(0);
    expect(answer.stdout).toContain(
      'Failed: 1 of the 1 test that ran since version 3 appeared, 2026-08-03 01:00 UTC.',
    );
    expect(answer.stdout).toMatch(/load +inconclusive +1 of 1 +yes +r3 +failure/);
    const { stdout } = await workspace.run(['rollback-report', '--label', 'alias=production', '--json']);
    expect(JSON.parse(stdout)).toStrictEqual({ since: '2026-08-01T01:00:00.000Z', looked_at: 1, tests: [] });
  });

  test('wants a version or a label that some run has', async () => {
    const workspace = await staged();
    for (const args of [[], ['3', '--label', 'a=b'], ['9'], ['--label', 'a']]) {
      expect((await workspace.run(['rollback-report', ...args])).status).toBe(2);
    }
  });
});
