// The story of ml-jobs.md §8 S1 by its own numbers: a nightly MNIST training with assertions.
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Answer, finished, type Workspace, workspaces } from '../support/cli.ts';

const TEST = 'tf-mnist-example-cpu';
const TAG = 'epoch_sparse_categorical_accuracy';
const WRITER = fileURLToPath(new URL('../support/tfevents-writer.ts', import.meta.url));

const workspace = workspaces();

const condition = { comparison: 'greater', success_threshold: { fixed_value: 0.96 } };
const tutorial = {
  alerting: { fallback: ['ml-infra@example.com'] },
  tests: {
    [TEST]: {
      accelerator: 'cpu',
      metric_collection_config: { metric_to_aggregation_strategies: { [TAG]: ['final', 'min'] } },
      regression_test_config: { metric_success_conditions: { [`${TAG}_final`]: condition } },
    },
  },
};

/** A training: writes 1000 points of a TF2 summary, the k-th a pseudo-random one, and `last` at the end. */
const TRAIN = `
import { mkdirSync, writeFileSync } from 'node:fs';
const [writer, folder, last] = process.argv.slice(2);
const { eventFile, tensorScalar } = await import(writer);
const values = Array.from({ length: 999 }, (_, k) => 0.2 + 0.7 * Math.abs(Math.sin(k * 12.9898)));
const all = [...values, Number(last)];
mkdirSync(folder, { recursive: true });
const records = all.map((value, step) => tensorScalar('${TAG}', step, { value, wallTime: 1785549600 + step }));
writeFileSync(folder + '/events.out.tfevents.1785549600.host-a.1.0.v2', eventFile(records));
writeFileSync(folder + '/min.txt', String(Math.min(...all.map(Math.fround))));
console.log('trained');
`;

function train(at: Workspace, folder: string, last: number): Promise<Answer> {
  const script = at.write('train.mjs', TRAIN);
  const command = [process.execPath, script, WRITER, at.path(folder), String(last)];
  return at.spawn(['run', '--test-name', TEST, '--model-dir', folder, '--', ...command]);
}

describe('one epoch, then ten', () => {
  const at = workspace();
  let first: Answer;
  let verdict: Answer;

  beforeAll(async () => {
    at.config(tutorial);
    first = await train(at, 'out/1', 0.79);
    const tick = await at.spawn(['tick']);
    expect(tick).toMatchObject({ status: 0 });
    verdict = await at.spawn(['verdict', TEST, '--json']);
    expect(tick.stderr).toContain(
      `Metric \`${TAG}_final\` was out of bounds for test \`${TEST}\`. Bounds were (0.96, inf) and value was 0.79`,
    );
    expect(tick.stderr).toContain(`Processed a message for each of the following tests: ['${TEST}']`);
  });

  test("the child's own exit status and output come through", () => {
    expect(first).toMatchObject({ status: 0, stdout: 'trained\n' });
  });

  test('the verdict is fail, with value and bound, and exits 1', () => {
    expect(verdict.status).toBe(1);
    expect(JSON.parse(verdict.stdout)).toMatchObject({
      outcome: 'success',
      verdict: 'fail',
      conditions: expect.arrayContaining([
        {
          metric: `${TAG}_final`,
          value: Math.fround(0.79),
          lower: 0.96,
          upper: null,
          verdict: 'fail',
          reason: 'below',
          baseline_n: 0,
        },
      ]),
    });
  });

  test('the minimum is that of all 1000 points, not of a sample', async () => {
    const [row] = await at.query(`select metric_value from metric_history where metric_name = '${TAG}_min'`);
    expect(row).toEqual({ metric_value: Number(at.read('out/1/min.txt')) });
  });

  test('one mail says so', () => {
    const mails = at.mails();
    expect(mails).toHaveLength(1);
    const mail = at.read(`state/mail/${mails[0]}`);
    expect(mail).toContain('To: ml-infra@example.com');
    expect(mail).toMatch(/0\.79/);
  });

  test('ten epochs pass; the tables have both runs, the accelerator and the bounds', async () => {
    expect(await train(at, 'out/2', 0.983)).toMatchObject({ status: 0 });
    expect(await at.spawn(['tick'])).toMatchObject({ status: 0 });
    expect(await at.spawn(['verdict', TEST])).toMatchObject({ status: 0 });
    const jobs = await at.query('select * from job_history order by timestamp');
    expect(jobs).toMatchObject([
      { accelerator: 'cpu', job_status: 'success', verdict: 'fail' },
      { accelerator: 'cpu', job_status: 'success', verdict: 'pass' },
    ]);
    const bounds = await at.query(
      `select distinct metric_lower_bound, metric_upper_bound from metric_history where metric_name = '${TAG}_final'`,
    );
    expect(bounds).toEqual([{ metric_lower_bound: 0.96, metric_upper_bound: null }]);
    expect(at.mails()).toHaveLength(1);
  });
});

const SECONDS = [600, 605, 595, 610, 590, 602, 598, 604, 596, 600];

/** Night `n` of a run that took so long. */
function night(n: number, seconds: number): Record<string, unknown> {
  const start = Date.UTC(2026, 7, 1 + n, 2);
  return finished(`night-${n}`, {
    test_name: TEST,
    started_at: new Date(start).toISOString(),
    finished_at: new Date(start + seconds * 1000).toISOString(),
  });
}

interface WallTime {
  readonly verdict: string;
  readonly conditions: readonly { metric_upper_bound: number }[];
}

async function judged(at: Workspace): Promise<WallTime & { conditions: Record<string, unknown>[] }> {
  expect(await at.run(['tick'])).toMatchObject({ status: 0 });
  return JSON.parse((await at.run(['verdict', TEST, '--json'])).stdout);
}

describe('a run of 700 s', () => {
  test('after ten of about 600 s it is over the bound of five sample deviations, 628.382', async () => {
    const at = workspace();
    for (const [n, seconds] of [...SECONDS, 700].entries()) at.message(night(n, seconds));
    const { verdict, conditions } = await judged(at);
    expect(verdict).toBe('fail');
    expect(conditions).toHaveLength(1);
    expect(conditions[0]).toMatchObject({
      metric: 'total_wall_time',
      value: 700,
      lower: null,
      baseline_n: 10,
    });
    expect(conditions[0]!.reason).toBe('above');
    // ml-jobs.md §8 S1 item 4: sample sd 5.6765, upper bound 628.382.
    expect(conditions[0]!.upper).toBeCloseTo(628.382, 3);
    expect((Number(conditions[0]!.upper) - 600) / 5).toBeCloseTo(5.6765, 4);
  });

  test('after nine it is inconclusive for want of history, and nobody is mailed', async () => {
    const at = workspace();
    at.config(tutorial);
    at.config({ alerting: { fallback: ['ml-infra@example.com'] } });
    for (const [n, seconds] of [...SECONDS.slice(0, 9), 700].entries()) at.message(night(n, seconds));
    const { verdict, conditions } = await judged(at);
    expect(verdict).toBe('inconclusive');
    expect(conditions).toMatchObject([{ verdict: 'inconclusive', reason: 'history', baseline_n: 9 }]);
    expect(at.mails()).toEqual([]);
  });
});

describe('alert after the second failure', () => {
  const at = workspace();
  const demanding = {
    ...tutorial,
    tests: {
      [TEST]: {
        regression_test_config: {
          metric_success_conditions: { accuracy: condition },
          alert_after_second_test_failure: true,
        },
      },
    },
  };

  test('good bad bad bad: one mail, at the second bad run', async () => {
    at.config(demanding);
    const mailsAfter: number[] = [];
    for (const [n, value] of [0.98, 0.5, 0.51, 0.52].entries()) {
      const event = night(n, 600);
      at.message({ ...event, data: { ...(event.data as object), metrics: [{ name: 'accuracy', value }] } });
      await at.run(['tick']);
      mailsAfter.push(at.mails().length);
    }
    expect(mailsAfter).toEqual([0, 0, 1, 1]);
    const [alert] = await at.query<{ run_id: string }>('select run_id from alerts');
    expect(alert).toEqual({ run_id: 'night-2' });
  });

  test('good again: no further mail', async () => {
    const event = night(4, 600);
    at.message({
      ...event,
      data: { ...(event.data as object), metrics: [{ name: 'accuracy', value: 0.99 }] },
    });
    await at.run(['tick']);
    expect(at.mails()).toHaveLength(1);
    expect(await at.run(['verdict', TEST])).toMatchObject({ status: 0 });
  });
});

describe('the same messages', () => {
  const events = [...SECONDS, 700].map((seconds, n) => night(n, seconds));
  const nextNight = events.map((event, n) => ({
    ...event,
    type: 'io.tidemark.run.started.v1',
    id: `night-${n}/1/started`,
    time: (event.data as { started_at: string }).started_at,
    data: {
      run_id: `night-${n}`,
      test_name: TEST,
      started_at: (event.data as { started_at: string }).started_at,
    },
  }));
  const all = events.flatMap((event, n) => [nextNight[n]!, event]);

  async function tablesOf(batches: readonly (readonly object[])[]) {
    const at = workspace();
    for (const batch of batches) {
      for (const event of batch) at.message(event);
      await at.run(['tick', '--now', '2026-09-01T00:00:00Z']);
    }
    return at.tables();
  }

  test('one by one, all at once, twice in reverse order: the same tables', async () => {
    const oneByOne = await tablesOf(all.map((event) => [event]));
    expect(oneByOne.jobs).toHaveLength(11);
    expect(await tablesOf([all])).toEqual(oneByOne);
    const reverse = [...all].reverse();
    expect(await tablesOf([[...reverse, ...reverse]])).toEqual(oneByOne);
    expect(await tablesOf(reverse.map((event) => [event]))).toEqual(oneByOne);
    expect(await tablesOf([all.slice(20), all.slice(0, 20), all])).toEqual(oneByOne);
  });
});
