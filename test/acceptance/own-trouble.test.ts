// Tidemark's own trouble from the command line: what people see of it, and what they can do about it.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { finished, type Workspace, workspaces } from '../support/cli.ts';

const workspace = workspaces();
let at: Workspace;

const tick = (time: string) => at.run(['tick', '--now', `2026-08-02T${time}:00Z`]);

/** A state in which a run was judged, and whose queue then was no folder for two ticks. */
beforeEach(async () => {
  at = workspace();
  at.config({ tests: { mnist: { owner: 'o@example.com' } }, alerting: { fallback: ['ml@example.com'] } });
  at.message(finished('r1', { finished_at: '2026-08-02T02:00:00Z' }));
  expect(await tick('03:00')).toMatchObject({ status: 0 });
  const spool = at.path('state', 'spool');
  renameSync(spool, `${spool}-kept`);
  writeFileSync(spool, 'no folder');
  for (const time of ['03:15', '03:30']) {
    const { status, stderr } = await tick(time);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/not a directory/i);
  }
});

const episodes = async () => JSON.parse((await at.run(['episodes', '--json'])).stdout).episodes;

test('is an incident of no test, shown to people as one of Tidemark', async () => {
  expect(await episodes()).toMatchObject([
    { test_name: '', signal: 'pipeline', state: 'firing', bad_total: 2, last_good_run_id: null },
  ]);
  const table = (await at.run(['episodes', '--open'])).stdout;
  expect(table).toMatch(/Tidemark +pipeline +firing/);
  expect((await at.run(['status'])).stdout).toContain(table.trim().split('\n').at(-1)!.trim());
  const [{ episode_id }] = await episodes();
  const { stdout } = await at.run(['episode', episode_id]);
  expect(stdout).toContain('Tidemark pipeline: firing (critical, 2 bad ticks)');
  expect(stdout).toMatch(/first bad tick 2026-08-02T03:15:00.000Z at 2026-08-02 03:15 UTC\n/);
  expect(stdout).toMatch(/fired +firing +queue .*queue: Cannot .*not a directory/i);
  expect(await at.run(['episodes', ''])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('known tests: mnist'),
  });
  expect(at.mails()).toHaveLength(1);
});

test('can be acknowledged, and ends by itself', async () => {
  const [{ episode_id }] = await episodes();
  const now = ['--now', '2026-08-02T03:40:00Z', '--by', 'ada'];
  const ack = await at.run(['ack', episode_id.slice(0, 8), '--for', '1d', ...now]);
  expect(ack).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('(Tidemark pipeline): acknowledged'),
  });
  const spool = at.path('state', 'spool');
  rmSync(spool);
  renameSync(`${spool}-kept`, spool);
  expect((await tick('03:45')).stdout).toContain('1 mail sent');
  expect(await episodes()).toMatchObject([{ state: 'closed', closed_reason: 'recovered' }]);
  const before = await at.query('select * from alert_episode_events order by seq');
  expect(await at.run(['replay'])).toMatchObject({ status: 0 });
  expect(await at.query('select * from alert_episode_events order by seq')).toEqual(before);
});
