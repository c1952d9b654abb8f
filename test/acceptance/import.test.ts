// What other systems kept becomes history here: the first night is judged by bounds from it.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { finished, workspaces } from '../support/cli.ts';

const FIXTURES = new URL('../fixtures/mta/', import.meta.url).pathname;
const V1 = [`${FIXTURES}v1-job_history.csv`, `${FIXTURES}v1-metric_history.csv`];
const V2 = `${FIXTURES}v2-rows.jsonl`;
const MNIST = 'tf-nightly-mnist-func-v2-8';

/** Cells of the fixture's CSV files, none of which has a line end in a cell; by title. */
function cellsOf(path: string): Record<string, string>[] {
  const [titles = '', ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const split = (line: string) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain = '']) =>
      quoted === undefined ? plain : quoted.replaceAll('""', '"'),
    );
  const names = split(titles);
  return lines.map((line) => Object.fromEntries(split(line).map((cell, i) => [names[i]!, cell])));
}

const sqlTime = (text: string) => text.replace(' UTC', '.000Z').replace(' ', 'T');

describe('tidemark import mta', () => {
  const newWorkspace = workspaces();

  test('every row of v1 is a row here: uuid, links, bounds and what they said', async () => {
    const at = newWorkspace();
    const answer = await at.run(['import', 'mta', ...V1, '--json']);
    expect(answer.stderr).toBe('');
    const [jobs, metrics] = V1.map(cellsOf) as [Record<string, string>[], Record<string, string>[]];
    expect(JSON.parse(answer.stdout)).toMatchObject({
      rows: jobs.length + metrics.length,
      runs: jobs.length,
      judged: jobs.length,
      rejected: 0,
    });
    const here = await at.query('select * from job_history order by timestamp');
    expect(here).toStrictEqual(
      jobs.map((job) =>
        expect.objectContaining({
          uuid: job.uuid,
          run_id: job.uuid,
          test_name: job.test_name,
          accelerator: job.accelerator,
          job_status: job.job_status,
          num_failures: Number(job.num_failures),
          job_duration_sec: Number(job.job_duration_sec),
          timestamp: sqlTime(job.timestamp!),
          stackdriver_logs_link: job.stackdriver_logs_link,
          logs_download_command: job.logs_download_command,
          kubernetes_workload_link: job.kubernetes_workload_link,
          msg_publish_time: Number(job.msg_publish_time),
        }),
      ),
    );
    const bound = (text: string) => (text === '' || text.endsWith('inf') ? null : Number(text));
    for (const metric of metrics) {
      const where = `where uuid = '${metric.uuid}' and metric_name = '${metric.metric_name}'`;
      const [row] = await at.query(`select * from metric_history ${where}`);
      const [value, lower, upper] = [
        Number(metric.metric_value),
        bound(metric.metric_lower_bound!),
        bound(metric.metric_upper_bound!),
      ];
      const said = (lower === null || value >= lower) && (upper === null || value <= upper) ? 'pass' : 'fail';
      expect(row).toMatchObject({
        metric_value: value,
        metric_lower_bound: lower,
        metric_upper_bound: upper,
        verdict: lower === null && upper === null ? null : said,
      });
    }
    const [bad] = await at.query(`select count(*) as n from metric_history where verdict = 'fail'`);
    expect(bad).toEqual({ n: 1 });
  });

  test('of v2 the timestamp is the start, ids of messages are no uuids, and a row that came twice counts once', async () => {
    const at = newWorkspace();
    const answer = await at.run(['import', 'mta', V2, '--json']);
    expect(JSON.parse(answer.stdout)).toMatchObject({ runs: 6, duplicates: 1, rejected: 0, orphans: 0 });
    const [first] = await at.query('select * from job_history order by timestamp limit 1');
    expect(first).toMatchObject({
      run_id: '3000000000000000',
      uuid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5/),
      started_at: '2021-12-18T02:15:00.000Z',
      timestamp: '2021-12-18T02:35:00.000Z',
      job_duration_sec: 1200,
    });
    // Known without a metric of that name: the default rule has history.
    const walls = await at.query(
      "select metric_value from metric_history where metric_name = 'total_wall_time' and test_name like 'pt-%'",
    );
    expect(walls).toHaveLength(6);
  });

  test('the first night is held against what was imported', async () => {
    const at = newWorkspace();
    at.write(
      'tidemark.json',
      JSON.stringify({
        tests: {
          [MNIST]: {
            owner: 'ml-infra@example.com',
            regression_test_config: {
              required_metrics: ['epoch_accuracy_new'],
              metric_success_conditions: {
                epoch_loss_final: { comparison: 'less', success_threshold: { stddevs_from_mean: 5 } },
              },
            },
          },
        },
      }),
    );
    await at.run(['import', 'mta', ...V1]);
    // What the config file asks of today's runs is not asked of runs that another system judged.
    expect(await at.query("select * from metric_history where metric_name = 'epoch_accuracy_new'")).toEqual(
      [],
    );
    at.message(
      finished('tonight', {
        test_name: MNIST,
        started_at: '2026-08-01T00:30:00Z',
        metrics: [
          { name: 'epoch_loss_final', value: 0.5 },
          { name: 'epoch_accuracy_new', value: 1 },
        ],
      }),
    );
    const tick = JSON.parse((await at.run(['tick', '--json'])).stdout);
    expect(tick.runs).toHaveLength(1);
    const { conditions } = tick.runs[0];
    const byName = Object.fromEntries(conditions.map((one: { metric: string }) => [one.metric, one]));
    // 28 of 30 imported runs succeeded.
    expect(byName.epoch_loss_final).toMatchObject({ verdict: 'fail', reason: 'above', baseline_n: 28 });
    expect(byName.total_wall_time).toMatchObject({ verdict: 'fail', reason: 'above', baseline_n: 28 });
    expect(tick.mails).toBe(1);
  });

  test('a second import, in another order, changes nothing; a replay neither; no mail is made', async () => {
    const at = newWorkspace();
    await at.run(['import', 'mta', ...V1, V2]);
    const once = await at.tables();
    const again = await at.run(['import', 'mta', V2, ...V1.toReversed(), '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ runs: 36, judged: 0, conflicts: 0 });
    expect(await at.tables()).toEqual(once);
    expect((await at.run(['replay'])).status).toBe(0);
    expect(await at.tables()).toEqual(once);
    expect(await at.query('select * from alerts')).toEqual([]);
    expect(at.mails()).toEqual([]);
  });

  test('a bad row is told with line and column, kept, and the others go on', async () => {
    const at = newWorkspace();
    const titles = 'uuid,test_name,job_status,timestamp,num_failures,job_duration_sec';
    const jobs = at.write(
      'jobs.csv',
      [
        titles,
        'a,t,success,2021-06-01 02:15:00 UTC,0,60',
        'b,t,succes,2021-06-02 02:15:00 UTC,0,60',
        '"c","t","success","the ""2nd""",0,60',
        'd,t,success',
        ',t,success,2021-06-03 02:15:00 UTC,-1,60',
      ].join('\r\n'),
    );
    const metrics = at.write(
      'metrics.jsonl',
      [
        '{"uuid":"a","test_name":"t","metric_name":"loss","metric_value":"NaN"}',
        '{"uuid":"a","test_name":"t","metric_name":"acc","metric_value":"high"}',
        '{"uuid":"a","test_name":"t","metric_name":"loss","metric_value":3}',
        '{"uuid":"zz","test_name":"t","metric_name":"loss","metric_value":3}',
        '{"uuid":',
        '{"other":1}',
      ].join('\n'),
    );
    const answer = await at.run(['import', 'mta', jobs, metrics, '--json']);
    const told = JSON.parse(answer.stdout);
    expect(told).toMatchObject({ rows: 11, runs: 1, orphans: 1, orphan_runs: 1, rejected: 8 });
    const wanted = [
      `${jobs}:3:5: job_status: must be one of success, failure, timeout, missed: current value is "succes"`,
      `${jobs}:4:19: timestamp: must be a time: current value is "the \\"2nd\\""`,
      `${jobs}:5:1: has 3 cells where the titles have 6`,
      `${jobs}:6:36: num_failures: must be a whole number from 0: current value is -1; uuid: is missing`,
      `${metrics}:2:49: metric_value: must be a number: current value is "high"`,
      `${metrics}:3:1: says something else than ${metrics}:1:1 of the same run; that one counts`,
      `${metrics}:5:1: is not JSON: `,
      `${metrics}:6:1: row: is a row of neither job_history (job_status) nor metric_history (metric_name)`,
    ];
    const lines = answer.stderr.trimEnd().split('\n');
    expect(lines.map((line, i) => line.slice(0, `Cannot read ${wanted[i]}`.length))).toEqual(
      wanted.map((line) => `Cannot read ${line}`),
    );
    const [kept] = await at.query("select count(*) as n from rejected_messages where reason = 'line'");
    expect(kept).toEqual({ n: 8 });
    expect(
      await at.query('select metric_name, value_kind from metric_history where verdict is null'),
    ).toContainEqual({
      metric_name: 'loss',
      value_kind: 'nan',
    });
  });

  test('a run that is here already and says something else now stays as it is, and is told', async () => {
    const at = newWorkspace();
    const row = { uuid: 'a', test_name: 't', job_status: 'success', timestamp: '2021-06-01 02:15:00 UTC' };
    await at.run(['import', 'mta', at.write('first.jsonl', JSON.stringify(row))]);
    const before = await at.tables();
    const changed = at.write('second.jsonl', JSON.stringify({ ...row, accelerator: 'v3-8' }));
    const answer = await at.run(['import', 'mta', changed]);
    expect(answer.stdout).toContain('1 run here already with other contents, and stayed.');
    expect(await at.tables()).toEqual(before);
  });

  test('a file of many pieces is read to its end', async () => {
    const at = newWorkspace();
    const padding = 'ä'.repeat(300_000);
    const lines = [1, 2, 3].map((day) => `t${day},t,success,2021-06-0${day} 02:15:00 UTC,"${padding}"`);
    const file = at.write('jobs.csv', `uuid,test_name,job_status,timestamp,team\n${lines.join('\n')}\n`);
    const answer = await at.run(['import', 'mta', file, '--json']);
    expect(JSON.parse(answer.stdout)).toMatchObject({ rows: 3, runs: 3, rejected: 0 });
  });

  test('two rows of one Job with one end are one run, whichever file comes first', async () => {
    const line = (uuid: string) =>
      JSON.stringify({
        ...{ uuid, test_name: 't', job_status: 'success', timestamp: '2021-06-01 02:15:00 UTC' },
        kubernetes_workload_link: 'https://console.example.com/job/t-1',
      });
    for (const order of [
      ['b', 'a'],
      ['a', 'b'],
    ]) {
      const at = newWorkspace();
      const files = order.map((uuid) => at.write(`${uuid}.jsonl`, line(uuid)));
      const answer = await at.run(['import', 'mta', ...files, '--json']);
      expect(JSON.parse(answer.stdout)).toMatchObject({ rows: 2, runs: 1, duplicates: 1 });
      expect(await at.query('select run_id from job_history')).toEqual([{ run_id: 'a' }]);
    }
  });

  test('a file that is not there, a compressed one and another system are told', async () => {
    const at = newWorkspace();
    const packed = at.write('rows.csv.gz', new Uint8Array([0x1f, 0x8b, 8, 0]));
    for (const [args, words] of [
      [['mta', at.path('none.csv')], 'Cannot read'],
      [['mta', packed], 'unpack it first'],
      [['mlflow', packed], 'it must be mta or xlml'],
    ] as const) {
      const answer = await at.run(['import', ...args]);
      expect(answer).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(words) });
    }
  });
});

describe('tidemark import xlml', () => {
  const newWorkspace = workspaces();
  const LINES = `${FIXTURES}xlml.jsonl`;

  test('each line is a run: metrics as named, dimensions as labels; twice is once', async () => {
    const at = newWorkspace();
    for (const judged of [4, 0]) {
      const answer = await at.run(['import', 'xlml', LINES, '--json']);
      expect(JSON.parse(answer.stdout)).toMatchObject({ runs: 4, judged, rejected: 0 });
    }
    const rows = await at.query(
      "select m.metric_value as value, j.accelerator, labels ->> 'owner' as owner from metric_history as m join job_history as j using (uuid) where metric_name = 'latency_ms' order by m.timestamp",
    );
    expect(rows).toEqual(
      [7.5, 7.51, 7.52, 7.53].map((value) => ({ value, accelerator: 'v5e-8', owner: 'someone' })),
    );
  });

  test('what the lines do not say is asked for, and given by flags', async () => {
    const at = newWorkspace();
    const file = at.write(
      'report.jsonl',
      '{"metrics": {"a": 1}, "dimensions": {"x": "y"}}\n{"metrics": 3}\n',
    );
    const bare = await at.run(['import', 'xlml', file]);
    expect(bare).toMatchObject({ status: 2, stderr: expect.stringContaining('give --test-name') });
    expect(bare.stderr).toContain(`${file}:2:2: metrics: must be an object of numbers: current value is 3`);
    const flags = ['--test-name', 'gemma', '--finished-at', '2026-07-01T00:00:00Z'];
    const given = await at.run(['import', 'xlml', file, ...flags]);
    expect(given.status).toBe(0);
    expect(await at.query('select test_name, timestamp, labels from job_history')).toEqual([
      { test_name: 'gemma', timestamp: '2026-07-01T00:00:00.000Z', labels: '{"x":"y"}' },
    ]);
  });
});
