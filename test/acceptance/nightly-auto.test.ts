// The recommended rule on 45 nights of three real trainings, whose changes are known. It was not tuned on them.
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { NIGHTLY, workspaces } from '../support/cli.ts';
import { NIGHTLY_AUTO, nightlyChanges, nightlyRuns } from '../support/nightly.ts';

interface Change {
  readonly test_name: string;
  readonly metric: string;
  readonly kind: string;
  readonly from_run: number;
  readonly to_run: number;
  readonly during?: { readonly n: number; readonly finite: number };
}

interface Told {
  readonly test_name: string;
  readonly run_id: string;
  readonly signal: string;
}

const truth = nightlyChanges<Change>();
const runs = nightlyRuns();
const at = workspaces()();
let told: (Told & { index: number })[];

beforeAll(async () => {
  await at.run(['backfill', join(NIGHTLY, 'runs.jsonl'), '--config', NIGHTLY_AUTO]);
  const alerts = await at.query<Told>("select test_name, run_id, signal from alerts where kind = 'firing'");
  told = alerts.map((alert) => ({ ...alert, index: nightOf(alert) }));
});

/** Counted per test, as the truth counts. */
function nightOf({ test_name, run_id }: Told): number {
  return runs.filter((run) => run.test_name === test_name).findIndex(({ job_name }) => job_name === run_id);
}

/** Whether the config watches the metric of a change. */
const watched = ({ metric }: Change) =>
  !['examples_per_sec', 'train/epoch_accuracy', 'outcome'].includes(metric);
const signalOf = ({ metric }: Change) => `metric:${metric}${metric === 'total_wall_time' ? '' : '_final'}`;

test('tells each change that lasts, and each value that is no number, once and in time; and nothing else', () => {
  const lasting = truth.filter(
    (change) => watched(change) && (change.to_run > change.from_run || change.during?.finite === 0),
  );
  const wanted = lasting.map((change) => `${change.test_name} ${signalOf(change)}`).sort();
  const metrics = told.filter(({ signal }) => signal.startsWith('metric:'));
  expect(metrics.map(({ test_name, signal }) => `${test_name} ${signal}`).sort()).toEqual(wanted);
  for (const change of lasting) {
    const alert = metrics.find(
      (one) => one.test_name === change.test_name && one.signal === signalOf(change),
    )!;
    const delay = alert.index - change.from_run;
    expect({
      change: signalOf(change),
      late: delay < 0 || delay > (change.kind === 'drift' ? 15 : 3),
    }).toEqual({
      change: signalOf(change),
      late: false,
    });
  }
});

test('tells a change of one night that is a number in the verdict of that night only', async () => {
  const [row] = await at.query<{ verdict: string; reason: string }>(
    "select verdict, reason from metric_history where metric_name = 'validation/epoch_accuracy_final' and verdict = 'fail'",
  );
  expect(row).toEqual({ verdict: 'fail', reason: 'below' });
  expect(told.filter(({ signal }) => signal.includes('epoch_accuracy'))).toEqual([]);
});

test('verdict --explain judges runs again to the numbers that are stored, and says from which runs', async () => {
  for (const { test_name, job_name } of runs.filter((_, index) => index % 11 === 5)) {
    const { stdout } = await at.run([
      'verdict',
      test_name,
      '--run',
      job_name,
      '--explain',
      '--json',
      '--config',
      NIGHTLY_AUTO,
    ]);
    const { conditions, explanations } = JSON.parse(stdout);
    expect(explanations.length).toBe(conditions.length);
    for (const one of explanations) {
      expect({ run: job_name, ...one }).toMatchObject({ same_as_stored: true });
      expect(one.baseline.length).toBe(one.recomputed.baseline_n);
      expect(one.baseline.map(({ run_id }: { run_id: string }) => run_id)).not.toContain(job_name);
    }
  }
});

test('verdict --explain says in words what was expected, how unusual the value is, and since when', async () => {
  const { job_name } = runs.filter(({ test_name }) => test_name.startsWith('digits'))[40]!;
  const { stdout } = await at.run([
    'verdict',
    'digits-mlp-func-v2-8',
    '--run',
    job_name,
    '--explain',
    '--config',
    NIGHTLY_AUTO,
  ]);
  const since = runs.filter(({ test_name }) => test_name.startsWith('digits'))[35]!.job_name;
  expect(stdout).toMatch(
    /total_wall_time: fail\. It is [\d,]+ and is judged by the recommended rule; 35 runs from .* have a median of 2,397; as bad as one in [\d,]+ ordinary runs; changed since run/,
  );
  expect(stdout).toContain(`changed since run ${since}`);
});
