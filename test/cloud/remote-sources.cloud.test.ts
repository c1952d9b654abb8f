import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { tidemark } from '../support/cli.ts';
import { experiment, finishedRun } from '../support/mlflow-runs.ts';
import { newS3Bucket, putS3 } from '../support/s3-resources.ts';
import { describeWith, mlflowStandIn, postgresStandIn, s3StandIn, uniqueName } from '../support/stand-ins.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { eventFile, simpleValue } from '../support/tfevents-writer.ts';

const ENDED = '2026-08-01T02:15:00Z';

describeWith(['s3', 'mlflow', 'postgres'], 'a run whose metrics are in four places', () => {
  test('is judged by all of them, and again by a replay that asks none', async () => {
    const bucket = await newS3Bucket();
    await putS3({ bucket, name: 'runs/1/train/a.tfevents.1.host' }, eventFile([simpleValue('loss', 0, 0.5)]));
    await putS3({ bucket, name: 'runs/1/eval.json' }, JSON.stringify({ metrics: { auc: 0.812 } }));
    const run = await finishedRun(await experiment(), {
      points: [0.7, 0.9].map((value, step) => ({
        name: 'accuracy',
        step,
        wallTime: 1_785_550_000 + step,
        value,
      })),
    });
    const { url, password } = postgresStandIn();
    const table = uniqueName();
    const owner = new pg.Client({ connectionString: url.replace('@', `:${password}@`) });
    await owner.connect();
    await owner.query(`CREATE TABLE ${table} (version text, metric text, value numeric)`);
    await owner.query(`INSERT INTO ${table} VALUES ('v1', 'errors', 3), ('v2', 'errors', 700)`);
    await owner.end();

    const cwd = temporaryFolder();
    const at = (least: number) => ({ comparison: 'greater', success_threshold: { fixed_value: least } });
    const config = {
      model_roots: [`s3://${bucket}/runs`],
      connections: { tracking: `mlflow+${mlflowStandIn().endpoint}`, warehouse: url },
      tests: {
        staging: {
          sources: [
            { tensorboard: {} },
            { json: { path: '*.json', metrics: { auc: '/metrics/auc' } } },
            { mlflow: { connection: 'tracking', run: '{label.mlflow_run_id}' } },
            {
              sql: {
                connection: 'warehouse',
                query: `SELECT metric, value FROM ${table} WHERE version = $1`,
                parameters: ['{label.version}'],
              },
            },
          ],
          regression_test_config: {
            metric_success_conditions: {
              loss_final: at(0.4),
              auc: at(0.8),
              accuracy_final: at(0.85),
              errors: { comparison: 'less', success_threshold: { fixed_value: 10 } },
            },
          },
        },
      },
    };
    writeFileSync(join(cwd, 'tidemark.yaml'), stringify(config));
    const env = {
      AWS_ENDPOINT_URL: s3StandIn().endpoint,
      AWS_ACCESS_KEY_ID: 'AKIATEST',
      AWS_SECRET_ACCESS_KEY: 'of the test',
      TIDEMARK_CONNECTION_WAREHOUSE_PASSWORD: password,
    };
    const done = async (...args: string[]) => {
      const answer = await tidemark(args, { cwd, env });
      expect(answer.stderr).not.toContain(password);
      return answer;
    };
    const labels = ['--label', `mlflow_run_id=${run}`, '--label', 'version=v1'];
    const times = ['--started-at', '2026-08-01T02:00:00Z', '--finished-at', ENDED];
    const publish = ['publish', '--test-name', 'staging', '--model-dir', `s3://${bucket}/runs/1`];
    expect((await done(...publish, '--outcome', 'success', ...times, ...labels)).status).toBe(0);
    const ticked = await done('tick', '--json');
    expect(ticked.status).toBe(0);
    const [judged] = (JSON.parse(ticked.stdout) as { runs: { verdict: string; conditions: Judged[] }[] })
      .runs;
    const values = Object.fromEntries(judged!.conditions.map(({ metric, value }) => [metric, value]));
    expect(values).toMatchObject({ loss_final: 0.5, auc: 0.812, accuracy_final: 0.9, errors: 3 });
    expect(judged!.verdict).toBe('pass');

    const rows = async () =>
      (
        await done(
          'query',
          'SELECT metric_name, metric_value, verdict FROM metric_history ORDER BY 1',
          '--format',
          'json',
        )
      ).stdout;
    const before = await rows();
    const silent = {
      ...env,
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      TIDEMARK_CONNECTION_WAREHOUSE_PASSWORD: '',
    };
    expect((await tidemark(['replay'], { cwd, env: silent })).status).toBe(0);
    expect(await rows()).toBe(before);

    const read = await done('read', `s3://${bucket}/runs/1`, '--json');
    expect(JSON.parse(read.stdout)).toMatchObject({ runs: [{ run: 'train', tags: [{ tag: 'loss' }] }] });
    const doctor = await done('doctor', '--json');
    const checks = (JSON.parse(doctor.stdout) as { findings: { what: string; state: string }[] }).findings;
    const stateOf = (what: string) => checks.find((check) => check.what === what)?.state;
    expect(stateOf(`model root s3://${bucket}/runs`)).toBe('ok');
    expect(stateOf('connection tracking')).toBe('ok');
    expect(stateOf('connection warehouse')).toBe('note');
  });
});

interface Judged {
  readonly metric: string;
  readonly value: number | null;
}
