// Story S3 of the studies beside the comparison itself (compare.test.ts): what a spot pool and a forgotten machine do.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { finished, started, workspaces } from '../support/cli.ts';

const make = workspaces();
const SPOT = { pool: 'spot', mesos: '1.5' };

describe('an instance that the spot market takes back', () => {
  /** Attempt 1 is preempted after half an hour, attempt 2 of the same run ends well. */
  async function retried() {
    const at = make();
    const run = { test_name: 'filtered-run', labels: SPOT };
    at.message(started('night-1', run));
    at.message(
      finished('night-1', {
        ...run,
        outcome: 'preempted',
        final: false,
        finished_at: '2026-08-01T01:20:00Z',
      }),
    );
    await at.run(['tick', '--now', '2026-08-01T01:30:00Z']);
    return { at, run };
  }

  test('is attempt 1 of a run whose attempt 2 counts', async () => {
    const { at, run } = await retried();
    at.message(started('night-1', { ...run, attempt: 2, started_at: '2026-08-01T01:25:00Z' }));
    at.message(finished('night-1', { ...run, attempt: 2, finished_at: '2026-08-01T02:05:00Z' }));
    await at.run(['tick', '--now', '2026-08-01T02:10:00Z']);
    const rows = await at.query('select run_id, attempt, job_status from job_history');
    expect(rows).toEqual([{ run_id: 'night-1', attempt: 2, job_status: 'success' }]);
  });

  test('is no failure: inconclusive where no attempt follows, in no baseline, and nobody is woken', async () => {
    const at = make();
    at.config({
      tests: {
        'filtered-run': {
          owner: ['team@example.com'],
          regression_test_config: {
            metric_success_conditions: {
              total_wall_time: { comparison: 'less', success_threshold: { stddevs_from_mean: 3 } },
            },
          },
        },
      },
      alerting: { from: 'tidemark@example.com' },
    });
    const minutes = [10, 11, 10, 12];
    for (const [day, length] of minutes.entries()) {
      const date = `2026-08-0${day + 1}`;
      const times = { started_at: `${date}T01:00:00Z`, finished_at: `${date}T01:${length}:00Z` };
      at.message(finished(`night-${day}`, { test_name: 'filtered-run', ...times }));
    }
    const late = { started_at: '2026-08-05T01:00:00Z', finished_at: '2026-08-05T03:00:00Z' };
    at.message(
      finished('night-5', { test_name: 'filtered-run', labels: SPOT, outcome: 'preempted', ...late }),
    );
    const after = { started_at: '2026-08-06T01:00:00Z', finished_at: '2026-08-06T01:11:00Z' };
    at.message(finished('night-6', { test_name: 'filtered-run', ...after }));
    await at.run(['tick', '--now', '2026-08-06T02:00:00Z']);
    const [job] = await at.query("select job_status, verdict from job_history where run_id = 'night-5'");
    expect(job).toEqual({ job_status: 'preempted', verdict: 'inconclusive' });
    const [metric] = await at.query(
      "select verdict, baseline_n from metric_history where run_id = 'night-6' and metric_name = 'total_wall_time'",
    );
    expect(metric).toEqual({ verdict: 'pass', baseline_n: minutes.length });
    expect(at.mails()).toEqual([]);
  });
});

test('a machine that was scaled up and never down is a timeout at its deadline, and is told', async () => {
  const at = make();
  at.config({
    tests: { 'scale-ec2-my-name': { owner: ['fallback@example.com'] } },
    alerting: { from: 'tidemark@example.com' },
  });
  at.message(
    started('scale-1', {
      test_name: 'scale-ec2-my-name',
      labels: { owner: 'jane-doe' },
      started_at: '2026-08-01T09:00:00Z',
      deadline: '2026-08-01T17:00:00Z',
    }),
  );
  await at.run(['tick', '--now', '2026-08-01T16:59:00Z']);
  expect(at.mails()).toEqual([]);
  await at.run(['tick', '--now', '2026-08-01T17:01:00Z']);
  const [row] = await at.query('select job_status, finished_at from job_history');
  expect(row).toEqual({ job_status: 'timeout', finished_at: '2026-08-01T17:00:00.000Z' });
  expect(at.mails()).toHaveLength(1);
  expect(readFileSync(at.path(`state/mail/${at.mails()[0]}`), 'utf8')).toMatch(
    /Labels: +owner=3Djane-doe|Labels: +owner=jane-doe/,
  );
});
