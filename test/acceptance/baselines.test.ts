// Which earlier runs feed a judge: windows, labels, and what people decide about runs and levels.
import { describe, expect, test } from 'vitest';
import { finished, type Workspace, workspaces } from '../support/cli.ts';

const workspace = workspaces();
const HOUR = 3_600_000;
const FIRST = Date.UTC(2026, 7, 1);
/** The moment so many hours after the first run began. */
const at = (hour: number) => new Date(FIRST + hour * HOUR).toISOString();

/** Run `r<n>` ends at hour n and took so many seconds. */
function took(n: number, seconds: number, more: object = {}): object {
  const started_at = new Date(FIRST + n * HOUR - seconds * 1000).toISOString();
  return finished(`r${n}`, { started_at, finished_at: at(n), ...more });
}

/** Around 600 seconds, never twice the same. */
const ordinary = (n: number) => 600 + ((n * 7) % 11);

async function ticked(space: Workspace, hour: number, ...messages: object[]): Promise<void> {
  for (const message of messages) space.message(message);
  const answer = await space.run(['tick', '--now', at(hour)]);
  expect(answer.status).toBe(0);
}

function judgedBy(space: Workspace, condition: object, more: object = {}): void {
  const metric_success_conditions = { total_wall_time: { comparison: 'less', ...condition } };
  space.config({ tests: { mnist: { regression_test_config: { metric_success_conditions, ...more } } } });
}

interface Stored {
  readonly verdict: string;
  readonly n: number;
  readonly baseline: Readonly<Record<string, unknown>> | null;
}

async function stored(space: Workspace, runId: string): Promise<Stored> {
  const sql = `select verdict, baseline_n as n, baseline from metric_history where run_id = '${runId}'`;
  const [row] = await space.query<{ verdict: string; n: number; baseline: string | null }>(sql);
  return { ...row!, baseline: row!.baseline === null ? null : JSON.parse(row!.baseline) };
}

/** Every run judged again comes out as it is stored, and a replay changes no row. */
async function holds(space: Workspace): Promise<void> {
  const runs = await space.query<{ run_id: string }>('select run_id from job_history');
  expect(runs.length).toBeGreaterThan(10);
  for (const { run_id } of runs) {
    const { stdout } = await space.run(['verdict', 'mnist', '--run', run_id, '--explain', '--json']);
    const { explanations } = JSON.parse(stdout);
    expect({ run_id, differs: explanations[0].differs }).toEqual({ run_id, differs: [] });
    const { n, baseline } = await stored(space, run_id);
    expect(explanations[0].baseline).toHaveLength(n);
    // The recommended rule looks at more runs than its level is learnt from.
    if (n > 0 && n === baseline!.n) expect(explanations[0].baseline.at(-1).run_id).toBe(baseline!.last);
  }
  const before = await space.tables();
  expect((await space.run(['replay'])).status).toBe(0);
  expect(await space.tables()).toEqual(before);
}

const explained = async (space: Workspace, runId: string) =>
  (await space.run(['verdict', 'mnist', '--run', runId, '--explain'])).stdout;

describe('a run that somebody excludes', () => {
  test('counts in no baseline from then on, until it is included again', async () => {
    const space = workspace();
    judgedBy(space, { success_threshold: { stddevs_from_mean: 4 } });
    await ticked(
      space,
      12,
      ...Array.from({ length: 12 }, (_, n) => took(n + 1, n === 5 ? 3000 : ordinary(n))),
    );
    // The outlier hides a run that is half as slow again.
    await ticked(space, 13, took(13, 900));
    expect(await stored(space, 'r13')).toMatchObject({ verdict: 'pass', n: 12 });
    const excluded = await space.run([
      'exclude',
      'mnist',
      'r6',
      '--note',
      'broken disk',
      '--by',
      'ada',
      '--now',
      at(13.5),
    ]);
    expect(excluded.stdout).toContain('Run r6 is excluded');
    await ticked(space, 14, took(14, 900));
    expect(await stored(space, 'r14')).toMatchObject({ verdict: 'pass', n: 12, baseline: { excluded: 1 } });
    await space.run(['exclude', 'mnist', 'r13', '--note', 'too slow', '--by', 'ada', '--now', at(14.2)]);
    await space.run(['exclude', 'mnist', 'r14', '--note', 'too slow', '--by', 'ada', '--now', at(14.5)]);
    await ticked(space, 15, took(15, 900));
    expect(await stored(space, 'r15')).toMatchObject({
      verdict: 'fail',
      n: 11,
      baseline: { n: 11, first: 'r1', last: 'r12', excluded: 3 },
    });
    expect(await explained(space, 'r15')).toMatch(
      /11 runs from r1 to r12 \(without 3 that somebody excluded\).*judged again from the same runs it is the same/,
    );
    await space.run(['include', 'mnist', 'r6', '--by', 'ada', '--now', at(15.5)]);
    await ticked(space, 16, took(16, 900));
    expect(await stored(space, 'r16')).toMatchObject({ verdict: 'pass', n: 13, baseline: { excluded: 2 } });
    // A backtest passes over what is excluded.
    const tested = await space.run(['backtest', '--test', 'mnist', '--rule', 'stddevs=4', '--json']);
    const { verdicts } = JSON.parse(tested.stdout);
    expect([verdicts[12], verdicts[13], verdicts[14]]).toEqual(['inconclusive', 'inconclusive', 'pass']);
    const kept = await space.query('select kind, actor, via, note from alert_actions order by at');
    expect(kept).toEqual([
      { kind: 'exclude', actor: 'ada', via: 'cli', note: 'broken disk' },
      { kind: 'exclude', actor: 'ada', via: 'cli', note: 'too slow' },
      { kind: 'exclude', actor: 'ada', via: 'cli', note: 'too slow' },
      { kind: 'include', actor: 'ada', via: 'cli', note: null },
    ]);
    await holds(space);
  });

  test('has to be there, needs a reason, and is not excluded twice', async () => {
    const space = workspace();
    await ticked(space, 1, took(1, 600));
    const excluding = (...args: string[]) => space.run(['exclude', ...args, '--by', 'ada', '--now', at(2)]);
    expect(await excluding('mnist', 'r1')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--note'),
    });
    expect(await excluding('mnist', 'r9', '--note', 'x')).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/has no run "r9".*history mnist" lists its runs/),
    });
    expect(await excluding('mnits', 'r1', '--note', 'x')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('did you mean "mnist"?'),
    });
    expect((await excluding('mnist', 'r1', '--note', 'x')).status).toBe(0);
    expect((await excluding('mnist', 'r1', '--note', 'x')).stdout).toContain('is excluded already');
    expect(await space.query('select count(*) as n from alert_actions')).toEqual([{ n: 1 }]);
  });
});

test('a level that somebody accepts is where the baseline begins from then on', async () => {
  const space = workspace();
  judgedBy(space, { success_threshold: { auto: {} } });
  const slower = (n: number) => took(n, ordinary(n) + (n > 20 ? 300 : 0));
  await ticked(space, 32, ...Array.from({ length: 32 }, (_, n) => slower(n + 1)));
  expect(await stored(space, 'r32')).toMatchObject({
    verdict: 'fail',
    baseline: { n: 31, first: 'r1', last: 'r31' },
  });
  const { episodes } = JSON.parse((await space.run(['episodes', 'mnist', '--open', '--json'])).stdout);
  expect(episodes).toMatchObject([{ signal: 'metric:total_wall_time', first_bad_run_id: 'r21' }]);
  const accepted = await space.run([
    ...['accept', episodes[0].episode_id, '--note', 'larger model', '--by', 'ada', '--now', at(32.5)],
  ]);
  expect(accepted.status).toBe(0);
  await ticked(space, 34, slower(33), slower(34));
  for (const runId of ['r33', 'r34'])
    expect(await stored(space, runId)).toMatchObject({
      verdict: 'pass',
      baseline: { first: 'r21', accepted: 'r21' },
    });
  expect(await explained(space, 'r34')).toContain('(since run r21, which somebody accepted)');
  const tried = await space.run(['backtest', '--test', 'mnist', '--json']);
  const runs = await space.query<{ n: number }>('select count(*) as n from job_history');
  expect(JSON.parse(tried.stdout).verdicts).toHaveLength(runs[0]!.n - 20);
  await holds(space);
});

test('labels split a series where the config says so, for the test or for one condition', async () => {
  const space = workspace();
  const mixed = (n: number) =>
    took(n, ordinary(n) * (n % 2 === 0 ? 10 : 1), {
      accelerator: n % 2 === 0 ? 'cpu' : 'tpu',
      labels: { team: 'x' },
    });
  const some = Array.from({ length: 20 }, (_, n) => mixed(n + 1));
  judgedBy(
    space,
    { success_threshold: { prediction_interval: { confidence: 0.99 } } },
    { split_by: ['accelerator', 'label.team'] },
  );
  await ticked(space, 20, ...some, took(21, 1500, { accelerator: 'tpu', labels: { team: 'x' } }));
  expect(await stored(space, 'r21')).toMatchObject({
    verdict: 'fail',
    baseline: { n: 10, first: 'r1', last: 'r19', like: { accelerator: 'tpu', 'label.team': 'x' } },
  });
  expect(await explained(space, 'r21')).toContain('(accelerator tpu only, label.team x only)');
  const tried = await space.run(['backtest', '--test', 'mnist', '--rule', 'interval=0.99', '--json']);
  const series = tried.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(series.map(({ series: id, verdicts }) => [id, verdicts.length, verdicts.at(-1)])).toEqual([
    ['mnist total_wall_time (accelerator=tpu, team=x)', 11, 'fail'],
    ['mnist total_wall_time (accelerator=cpu, team=x)', 10, expect.any(String)],
  ]);
  const other = workspace();
  judgedBy(
    other,
    { success_threshold: { prediction_interval: { confidence: 0.99 } }, split_by: [] },
    { split_by: ['accelerator'] },
  );
  await ticked(other, 20, ...some, took(21, 1500, { accelerator: 'tpu', labels: { team: 'x' } }));
  expect(await stored(other, 'r21')).toMatchObject({ verdict: 'pass', baseline: { n: 20 } });
  await holds(space);
  await holds(other);
});

test('a window may be one of time or of versions', async () => {
  const space = workspace();
  const success_threshold = { mads_from_median: 5 };
  judgedBy(space, { success_threshold, history_window: '5h' });
  await ticked(space, 20, ...Array.from({ length: 20 }, (_, n) => took(n + 1, ordinary(n))));
  expect(await stored(space, 'r20')).toMatchObject({
    n: 5,
    baseline: { first: 'r15', last: 'r19', window: '5h' },
  });
  await holds(space);
  const other = workspace();
  judgedBy(other, { success_threshold, history_versions: { of: 'framework_version', last: 2 } });
  const version = (n: number) => ({ framework_version: `2.${Math.floor(n / 4)}` });
  await ticked(other, 20, ...Array.from({ length: 20 }, (_, n) => took(n + 1, ordinary(n), version(n))));
  expect(await stored(other, 'r20')).toMatchObject({
    n: 7,
    baseline: { first: 'r13', last: 'r19', window: '2 of framework_version' },
  });
  await holds(other);
});

test('runs of a change that lasts stay out of the bounds, and it goes on failing', async () => {
  const space = workspace();
  judgedBy(space, { success_threshold: { mads_from_median: 6 }, history_window: 10 });
  const slower = (n: number) => took(n, ordinary(n) + (n > 15 ? 300 : 0));
  await ticked(space, 40, ...Array.from({ length: 40 }, (_, n) => slower(n + 1)));
  const verdicts = await space.query<{ verdict: string }>(
    "select verdict from metric_history where metric_name = 'total_wall_time' and cast(substr(run_id, 2) as integer) > 15",
  );
  expect(new Set(verdicts.map(({ verdict }) => verdict))).toEqual(new Set(['fail']));
  expect(await stored(space, 'r40')).toMatchObject({ n: 10, baseline: { last: 'r15', frozen: 24 } });
  expect(await explained(space, 'r40')).toContain('(without 24 of a change that lasted)');
  await holds(space);
});
