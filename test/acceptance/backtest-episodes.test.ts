// What `backtest` says a rule would have told is what a backfill under that rule told: one definition of an alert.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { NIGHTLY, workspaces } from '../support/cli.ts';

const AUTO = join(import.meta.dirname, '../fixtures/judging/nightly-auto.yaml');
const CLASSIC = join(NIGHTLY, 'tidemark.yaml');
const DIGITS = 'digits-mlp-func-v2-8';
const WINE = 'wine-linear-conv-v3-8';
const DIABETES = 'diabetes-reg-conv-v2-8';

/** Metrics whose condition of the config is the rule of the line. */
const CASES: readonly (readonly [config: string, test: string, metric: string, rule: string])[] = [
  [AUTO, DIGITS, 'accuracy/test_final', 'auto'],
  [AUTO, DIGITS, 'loss/train_final', 'auto'],
  [AUTO, DIGITS, 'total_wall_time', 'auto'],
  [AUTO, WINE, 'train/epoch_loss_final', 'auto'],
  [AUTO, WINE, 'validation/epoch_loss_final', 'auto'],
  [AUTO, WINE, 'validation/epoch_accuracy_final', 'auto'],
  [AUTO, DIABETES, 'rmse/validation_final', 'auto'],
  [CLASSIC, DIGITS, 'loss/train_final', 'stddevs=6'],
  [CLASSIC, DIGITS, 'total_wall_time', 'stddevs=5'],
  [CLASSIC, WINE, 'train/epoch_loss_final', 'stddevs=5'],
  [CLASSIC, DIABETES, 'rmse/validation_min', 'stddevs=4,confirm=2'],
];

describe.each([
  ['the recommended rule', AUTO],
  ['classic rules', CLASSIC],
])('%s', (_, config) => {
  const at = workspaces()();
  beforeAll(async () => {
    await at.run(['backfill', join(NIGHTLY, 'runs.jsonl'), '--config', config]);
  });

  test.each(CASES.filter(([of]) => of === config))('%s: %s %s by %s', async (_file, name, metric, rule) => {
    const fired = await at.query<{ run_id: string }>(
      `select s.run_id from alert_episode_events s join alert_episodes e on e.episode_id = s.episode_id
       where e.test_name = '${name}' and e.signal = 'metric:${metric}' and s.kind in ('fired', 'again')
       order by s.at`,
    );
    const runs = await at.query<{ run_id: string }>(
      `select run_id from metric_history where test_name = '${name}' and metric_name = '${metric}'
       order by timestamp, run_id, uuid`,
    );
    const args = [
      'backtest',
      '--test',
      name,
      '--metric',
      metric,
      '--rule',
      rule,
      '--json',
      '--config',
      config,
    ];
    const { stdout } = await at.run(args);
    const { alerts } = JSON.parse(stdout) as { alerts: { index: number }[] };
    expect(alerts.map(({ index }) => runs[index]!.run_id)).toEqual(fired.map(({ run_id }) => run_id));
  });
});

test('the cases name conditions that are in the configs', () => {
  for (const [config, , metric] of CASES) expect(readFileSync(config, 'utf8')).toContain(`${metric}: {`);
});
