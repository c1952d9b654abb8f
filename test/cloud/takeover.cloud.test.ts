// The dataset of ml-testing-accelerators, its rows in it, becomes a history in place, or is refused with what to do.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Field } from '../../shared/adapters/bigquery/client.ts';
import { remediesOf, stateOf } from '../../shared/adapters/bigquery/schema.ts';
import { type Column, tableOf } from '../../shared/adapters/bigquery/tables.ts';
import type { TableRow } from '../../shared/ports/tables.ts';
import { sql, standInCalls } from '../support/bigquery.ts';
import { finished, type Workspace, workspaces } from '../support/cli.ts';
import { newBucket } from '../support/cloud-resources.ts';
import { bigQueryStandIn, describeWith, storageStandIn, uniqueName } from '../support/stand-ins.ts';
import { analyse } from '../support/zetasql.ts';

const V2 = new URL('../fixtures/mta/v2-rows.jsonl', import.meta.url).pathname;

/** The columns as the handler of the first version makes them (its `add_status_and_metrics_to_bigquery`). */
const REQUIRED = ' NOT NULL';
const V1_TABLES: Readonly<Record<string, readonly string[]>> = {
  job_history: [
    ...['uuid', 'test_name', 'test_type', 'accelerator', 'framework_version', 'job_status'].map(
      (name) => `${name} STRING${REQUIRED}`,
    ),
    ...['num_failures', 'job_duration_sec'].map((name) => `${name} INT64${REQUIRED}`),
    `timestamp TIMESTAMP${REQUIRED}`,
    `stackdriver_logs_link STRING${REQUIRED}`,
    'msg_publish_time INT64',
    'logs_download_command STRING',
    'kubernetes_workload_link STRING',
  ],
  metric_history: [
    ...[
      'uuid STRING',
      'test_name STRING',
      'timestamp TIMESTAMP',
      'metric_name STRING',
      'metric_value FLOAT64',
    ].map((column) => `${column}${REQUIRED}`),
    'metric_lower_bound FLOAT64',
    'metric_upper_bound FLOAT64',
  ],
};

/** What somebody's dashboard asks: names and types that the original had, the tables joined by uuid. */
const DASHBOARD = `SELECT j.uuid AS uuid, j.test_name AS test_name, j.job_status AS job_status,
    CAST(j.job_duration_sec AS FLOAT64) AS took, m.metric_name AS metric_name, m.metric_value AS metric_value,
    m.metric_upper_bound AS upper
  FROM job_history AS j LEFT JOIN metric_history AS m ON j.uuid = m.uuid
  WHERE j.test_name LIKE 'tf-nightly-%' ORDER BY uuid, metric_name`;
const DASHBOARD_COLUMNS = (
  [
    ...(['uuid', 'test_name', 'job_status'] as const).map((name) => [name, 'STRING'] as const),
    ['took', 'FLOAT64'],
    ['metric_name', 'STRING'],
    ...(['metric_value', 'upper'] as const).map((name) => [name, 'FLOAT64'] as const),
  ] as const
).map(([name, type]): Column => ({ name, type, required: false }));

const UUIDS = [1, 2, 3].map((n) => `aaaaaaaa-0000-4000-8000-00000000000${n}`);

interface Original {
  readonly dataset: string;
  fields(table: string): Promise<readonly string[]>;
  dashboard(): Promise<readonly TableRow[]>;
  run(statement: string): Promise<unknown>;
  count(from: string): Promise<number>;
}

/** A dataset with the original's tables, changed by `change`, and rows in them, one of them twice. */
async function original(change: (column: string) => string = (column) => column): Promise<Original> {
  const dataset = uniqueName('mta');
  const { client, jobs } = await standInCalls(dataset);
  await client.createDataset(dataset, undefined);
  for (const [table, columns] of Object.entries(V1_TABLES)) {
    const fields = columns.map(change).map((column): Field => {
      const [name = '', type = ''] = column.split(' ');
      return { name, type, mode: column.endsWith(REQUIRED) ? 'REQUIRED' : 'NULLABLE' };
    });
    await client.createTable(dataset, table, { schema: { fields } });
  }
  const isText = change('msg_publish_time INT64').includes('STRING');
  const published = isText ? "'1622513100'" : '1622513100';
  const job = (uuid: string) =>
    `('${uuid}', 'tf-nightly-mnist', 'func', 'tpu-v2-8', 'tf-nightly', 'success', 0, 600,
      TIMESTAMP '2021-06-01 02:15:00+00', 'https://logs.example.com', ${published}, NULL, NULL)`;
  await jobs.run(sql(`INSERT INTO job_history VALUES ${[...UUIDS, UUIDS[2]!].map(job).join(', ')}`));
  const metric = (uuid: string) =>
    `('${uuid}', 'tf-nightly-mnist', TIMESTAMP '2021-06-01 02:14:00+00', 'acc_final', 0.98, 0.96, NULL)`;
  await jobs.run(sql(`INSERT INTO metric_history VALUES ${UUIDS.slice(0, 2).map(metric).join(', ')}`));
  return {
    dataset,
    async fields(table) {
      const metadata = await client.table(dataset, table);
      const { fields = [] } = (metadata?.schema ?? {}) as { fields?: Field[] };
      return fields.map(({ name, type, mode }) => `${name} ${type} ${mode}`);
    },
    dashboard: () => jobs.rows(sql(DASHBOARD, DASHBOARD_COLUMNS)),
    run: (statement) => jobs.run(sql(statement)),
    async count(from) {
      const n = { name: 'n', type: 'INT64', required: true } as const;
      const [row] = await jobs.rows(sql(`SELECT COUNT(*) AS n FROM ${from}`, [n]));
      return Number(row!.n);
    },
  };
}

/** As the statements that a refusal gives leave it. */
const relaxed = (column: string) =>
  /^(uuid|test_name|job_status|timestamp|metric_name) /.test(column)
    ? column
    : column.replace(REQUIRED, '').replace('job_duration_sec INT64', 'job_duration_sec FLOAT64');

describeWith(['bigquery', 'gcs'], "the original's dataset", () => {
  const newWorkspace = workspaces();

  async function environment({ dataset }: Original) {
    return {
      TIDEMARK_BIGQUERY_ENDPOINT: bigQueryStandIn().endpoint,
      TIDEMARK_STORAGE_ENDPOINT: storageStandIn().endpoint,
      TIDEMARK_LEASE: `gs://${await newBucket()}/locks/tick.json`,
      TIDEMARK_HISTORY: `bigquery://${bigQueryStandIn().project}/${dataset}?location=US`,
    };
  }

  async function ticked(at: Workspace, its: Original) {
    return at.run(['tick'], { env: await environment(its) });
  }

  test('as it was made is refused: every column that does not fit, and the statements that help', async () => {
    const its = await original();
    const before = await its.fields('job_history');
    const answer = await ticked(newWorkspace(), its);
    expect(answer).toMatchObject({ status: 2, stdout: '' });
    const on = (table: string) => `ALTER TABLE \`p1.${its.dataset}.${table}\``;
    const relax = (name: string) => `${on('job_history')} ALTER COLUMN \`${name}\` DROP NOT NULL;`;
    const statements = [
      `${on('metric_history')} ALTER COLUMN \`metric_value\` DROP NOT NULL;`,
      ...['test_type', 'accelerator', 'framework_version', 'num_failures', 'job_duration_sec'].map(relax),
      `${on('job_history')} ALTER COLUMN \`job_duration_sec\` SET DATA TYPE FLOAT64;`,
      relax('stackdriver_logs_link'),
    ];
    expect(answer.stderr).toContain(`try again: ${statements.join(' ')}`);
    expect(answer.stderr).toContain('job_duration_sec of table job_history is INT64 and has to be FLOAT64');
    expect(await its.fields('job_history')).toEqual(before);
    expect(await its.fields('run_events')).toEqual([]);
  });

  test('of the second version is refused for its text column too, which is to be renamed', async () => {
    const its = await original((column) =>
      column.replace('msg_publish_time INT64', 'msg_publish_time STRING'),
    );
    const { stderr } = await ticked(newWorkspace(), its);
    expect(stderr).toContain('RENAME COLUMN `msg_publish_time` TO `msg_publish_time_before`;');
  });

  test('once it fits is taken over: rows stay as they are, what asked them still answers, runs come beside', async () => {
    // The stand-in takes the statements that a refusal gives, but goes on telling the old columns.
    const its = await original(relaxed);
    const [before, jobs] = [await its.dashboard(), await its.count('job_history')];
    const at = newWorkspace();
    at.message(finished('new', { test_name: 'mnist' }));
    const answer = await ticked(at, its);
    expect(answer.stderr).not.toContain('Cannot');
    expect(answer.status).toBe(0);
    expect(before).toHaveLength(4);
    expect(await its.dashboard()).toEqual(before);
    expect(await its.count('job_history')).toBe(jobs + 1);
    expect(
      await its.count("job_history WHERE run_id IS NULL AND verdict IS NULL AND test_name LIKE 'tf-%'"),
    ).toBe(jobs);
    // A row that the original inserted twice is one row of the view; all others are in it.
    expect(await its.count('job_history_latest')).toBe(4);
    expect(await its.count("metric_history_latest WHERE metric_name = 'acc_final'")).toBe(2);
    // Who asks for a test of the old rows is told of none, since nothing says yet what they measured.
    const asked = await at.run(['history', 'tf-nightly-mnist'], { env: await environment(its) });
    expect(asked.stderr).toContain('There is no test "tf-nightly-mnist"');
    // A second pass adds nothing.
    expect((await ticked(at, its)).status).toBe(0);
    expect(await its.dashboard()).toEqual(before);
  });

  test('gives history to the first night when its rows are imported into it', async () => {
    const its = await original(relaxed);
    const at = newWorkspace();
    const env = await environment(its);
    const before = await its.dashboard();
    const same = { test_name: 'tf-nightly-mnist', timestamp: '2021-06-01 02:15:00 UTC' };
    const rows = UUIDS.flatMap((uuid, n) => [
      {
        uuid,
        ...same,
        job_status: 'success',
        num_failures: '0',
        job_duration_sec: '600',
        msg_publish_time: '1622513100',
      },
      ...(n < 2
        ? [{ uuid, ...same, metric_name: 'acc_final', metric_value: 0.98, metric_lower_bound: 0.96 }]
        : []),
    ]);
    const file = at.write('rows.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
    const answer = await at.run(['import', 'mta', file, V2, '--json'], { env });
    expect(answer.stderr).toBe('');
    const runs = new Set(readFileSync(V2, 'utf8').match(/"uuid": "\d+"/g)).size;
    expect(JSON.parse(answer.stdout)).toMatchObject({ runs: runs + 3, judged: runs + 3, rejected: 0 });
    // As the guide says: an imported row stands at another time, so old ones may stand beside them.
    for (const table of ['job_history', 'metric_history']) {
      const imported = `SELECT run_id FROM ${table} WHERE ingested_at IS NOT NULL`;
      await its.run(`DELETE FROM ${table} WHERE ingested_at IS NULL AND uuid IN (${imported})`);
    }
    expect(await its.count('job_history WHERE run_id IS NULL')).toBe(0);
    expect(await its.count('job_history_latest')).toBe(3 + runs);
    const after = await its.dashboard();
    const measured = (rows: typeof after) => rows.filter(({ metric_name: name }) => name === 'acc_final');
    expect(measured(before)).toHaveLength(2);
    expect(measured(after)).toEqual(measured(before));
    const again = await at.run(['import', 'mta', V2, file, '--json'], { env });
    expect(JSON.parse(again.stdout)).toMatchObject({ runs: runs + 3, judged: 0, conflicts: 0 });
    // A night after that is held against them.
    const last = finished('tonight', {
      ...{
        test_name: 'tf-nightly-mnist',
        started_at: '2021-06-02T02:00:00Z',
        finished_at: '2021-06-02T02:10:00Z',
      },
      config: {
        regression_test_config: {
          metric_success_conditions: {
            acc_final: { comparison: 'greater', success_threshold: { stddevs_from_mean: 5 } },
          },
        },
      },
      metrics: [{ name: 'acc_final', value: 0.5 }],
    });
    at.message(last);
    const tick = JSON.parse((await at.run(['tick', '--json'], { env })).stdout);
    expect(tick.runs[0].conditions).toContainEqual(
      expect.objectContaining({ metric: 'acc_final', verdict: 'fail', lower: 0.98, baseline_n: 2 }),
    );
  });
});

describeWith(['zetasql'], 'what a refusal says to run', () => {
  test('is legal SQL, as far as the analyser knows it', async () => {
    const fields = [
      { name: 'test_type', type: 'STRING', mode: 'REQUIRED' },
      { name: 'job_duration_sec', type: 'INT64', mode: 'REQUIRED' },
      { name: 'msg_publish_time', type: 'STRING', mode: 'NULLABLE' },
    ];
    const state = stateOf(tableOf('job_history'), fields);
    const tables = [{ name: 'p1.mta.job_history', columns: fields }];
    const place = { projectId: 'p1', dataset: 'mta' };
    const statements = state.remedies.map((remedy) => ({
      name: remedy,
      sql: remediesOf([{ ...state, remedies: [remedy] }], place),
    }));
    const results = await analyse(tables, statements);
    // Changing a type in place is of BigQuery alone: the analyser parses it and does not have it.
    const unknown = 'ALTER TABLE does not support ALTER COLUMN SET DATA TYPE';
    expect(results.map(({ name, error }) => [name, error])).toEqual([
      ['ALTER COLUMN `test_type` DROP NOT NULL', null],
      ['ALTER COLUMN `job_duration_sec` DROP NOT NULL', null],
      ['ALTER COLUMN `job_duration_sec` SET DATA TYPE FLOAT64', expect.stringContaining(unknown)],
      ['RENAME COLUMN `msg_publish_time` TO `msg_publish_time_before`', null],
    ]);
  });
});
