// What scripts rely on: documents, exit codes, where settings come from, what goes where.
import { beforeAll, describe, expect, test } from 'vitest';
import { type Answer, finished, MAIN, start, started, tidemark, workspaces } from '../support/cli.ts';

const workspace = workspaces();
const at = workspace();

const JOB_COLUMNS =
  'uuid run_id attempt test_name test_type accelerator framework_version job_status num_failures job_duration_sec timestamp started_at finished_at stackdriver_logs_link logs_download_command kubernetes_workload_link msg_publish_time verdict labels schema_version ingested_at';
const METRIC_COLUMNS =
  'uuid run_id test_name timestamp metric_name metric_value value_kind metric_lower_bound metric_upper_bound verdict reason baseline_n ingested_at baseline';

const bound = { comparison: 'greater', success_threshold: { fixed_value: 0.96 } };

beforeAll(async () => {
  at.config({
    tests: {
      mnist: {
        regression_test_config: {
          metric_success_conditions: { acc_final: bound, loss_final: { ...bound, comparison: 'less' } },
        },
      },
    },
  });
  const modelDir = at.model('out', {
    acc: [0.5, 0.99],
    loss: [1, Number.NaN],
    up: [Number.POSITIVE_INFINITY],
    down: [Number.NEGATIVE_INFINITY],
  });
  at.message(finished('bad', { model_dir: modelDir, started_at: '2026-08-01T00:00:00Z' }));
  at.message(finished('young', { test_name: 'young', started_at: '2026-08-01T00:00:00Z' }));
  at.message(finished('good', { test_name: 'good', metrics: [], config: { regression_test_config: null } }));
  at.message(started('open', { test_name: 'open' }));
  await at.run(['tick', '--now', '2026-08-01T02:00:00Z']);
});

function json(answer: Answer): Record<string, unknown> {
  expect(answer.stdout.trim().split('\n')).toHaveLength(1);
  return JSON.parse(answer.stdout);
}

describe('tables', () => {
  test.each([
    ['job_history', JOB_COLUMNS],
    ['metric_history', METRIC_COLUMNS],
  ])(
    "%s has the tutorial's columns in the order of the contract, under both names",
    async (table, columns) => {
      const plain = await at.run(['query', `select * from ${table}`, '--format', 'csv']);
      expect(plain.stdout.split('\r\n')[0]?.split(',')).toEqual(columns.split(' '));
      const named = await at.run([
        'query',
        `SELECT * FROM metrics_handler_dataset.${table}`,
        '--format',
        'csv',
      ]);
      expect(named.stdout).toBe(plain.stdout);
    },
  );

  test('the other tables of the contract are there', async () => {
    for (const table of 'run_events alert_episodes alert_episode_events alert_actions alert_outbox rejected_messages ticks'.split(
      ' ',
    ))
      expect(await at.run(['query', `select count(*) as n from ${table}`])).toMatchObject({ status: 0 });
  });

  test('json is one array of row objects, table is for people, another format is refused', async () => {
    const sql = "select 'a,\"b' as x, null as y, 1.5 as z";
    expect(JSON.parse((await at.run(['query', sql, '--format', 'json'])).stdout)).toEqual([
      { x: 'a,"b', y: null, z: 1.5 },
    ]);
    expect((await at.run(['query', sql, '--format', 'csv'])).stdout).toBe('x,y,z\r\n"a,""b",,1.5\r\n');
    expect((await at.run(['query', sql, '--format', 'table'])).stdout).toMatch(/x +y +z/);
    expect(await at.run(['query', sql, '--format', 'xml'])).toMatchObject({ status: 2, stdout: '' });
  });

  test.each([
    'delete from job_history',
    "vacuum into 'copy.db'",
    'pragma user_version = 9',
    'select 1; select 2',
    '',
  ])('query only reads: %s', async (sql) => {
    expect(await at.run(['query', sql])).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('documents', () => {
  const RUN_KEYS = ['run_id', 'test_name', 'outcome', 'verdict', 'conditions'];
  const CONDITION_KEYS = ['metric', 'value', 'lower', 'upper', 'verdict', 'reason', 'baseline_n'];

  test('verdict', async () => {
    const verdict = json(await at.run(['verdict', 'mnist', '--json']));
    expect(Object.keys(verdict)).toEqual(RUN_KEYS);
    const conditions = verdict.conditions as Record<string, unknown>[];
    for (const condition of conditions) expect(Object.keys(condition)).toEqual(CONDITION_KEYS);
    const loss = conditions.find(({ metric }) => metric === 'loss_final');
    expect(loss).toMatchObject({ value: 'NaN', verdict: 'fail', reason: 'nonfinite' });
  });

  test('history writes infinities by name', async () => {
    const answer = json(await at.run(['history', 'mnist', '--json']));
    const series = answer.series as { metric: string; points: { value: unknown }[] }[];
    const value = (name: string) => series.find(({ metric }) => metric === name)?.points[0]?.value;
    expect([value('up_final'), value('down_final'), value('loss_final')]).toEqual([
      'Infinity',
      '-Infinity',
      'NaN',
    ]);
  });

  test('tick and backfill', async () => {
    const tick = await at.run(['tick', '--json', '--now', '2026-08-01T02:15:00Z']);
    expect(json(tick)).toEqual({
      tick_id: '2026-08-01T02:15:00.000Z',
      runs: [],
      waiting: 1,
      rejected: 0,
      mails: 0,
    });
    const line = {
      test_name: 'past',
      job_name: 'past-1',
      finished_at: '2026-07-01T00:00:00Z',
      outcome: 'success',
    };
    const file = at.write('runs.jsonl', JSON.stringify(line));
    const backfill = json(await at.run(['backfill', file, '--json', '--now', '2026-08-01T02:15:00Z']));
    expect(Object.keys(backfill)).toEqual(['tick_id', 'runs', 'waiting', 'rejected', 'mails']);
    expect(Object.keys((backfill.runs as object[])[0]!)).toEqual(RUN_KEYS);
  });

  test.each([['status'], ['doctor']])('%s is one document', async (command) => {
    expect(json(await at.run([command, '--json']))).toBeTypeOf('object');
  });

  test('read has the keys of the contract', async () => {
    const { runs } = json(await at.run(['read', at.path('out'), '--json', '--tag', 'acc'])) as {
      runs: { tags: object[]; files: object[] }[];
    };
    expect(Object.keys(runs[0]!)).toEqual(['run', 'tags', 'files']);
    expect(Object.keys(runs[0]!.tags[0]!)).toEqual(
      'tag count nan posinf neginf removed first final min max mean median'.split(' '),
    );
    expect(Object.keys(runs[0]!.files[0]!)).toEqual(['path', 'bytes', 'records', 'damage']);
  });
});

describe('exit codes', () => {
  test.each([
    ['pass', 'good', 0],
    ['fail', 'mnist', 1],
    ['inconclusive', 'young', 3],
    ['pending', 'open', 4],
  ])('verdict: %s', async (_, name, status) => {
    expect(await at.spawn(['verdict', name])).toMatchObject({ status });
  });

  test.each([
    ['no such command', ['tock']],
    ['no such option', ['tick', '--josn']],
    ['a clock that is none', ['tick', '--now', 'yesterday']],
    ['a time of no calendar', ['tick', '--now', '2026-13-40']],
    ['a duration that is none', ['tick', '--every', 'often']],
    ['--wait', ['verdict', 'mnist', '--wait', 'long']],
    ['--last', ['history', 'mnist', '--last', '0']],
    ['a missing argument', ['verdict']],
    ['a run nobody knows', ['verdict', 'mnist', '--run', 'nobody']],
    ['a metric nobody knows', ['history', 'mnist', '--metric', 'nothing']],
    ['a file that is not there', ['backfill', 'nothing.jsonl']],
    ['a config that is not there', ['validate', 'nothing.yaml']],
    ['an outcome that is none', ['publish', '--test-name', 't', '--outcome', 'fine']],
    ['another queue', ['tick', '--queue', 'carrier:pigeon']],
    ['another store', ['tick', '--history', 'paper']],
    ['no command to run', ['run', '--test-name', 't']],
    ['heartbeats that come too late', ['run', '--test-name', 't', '--heartbeat', '15m', '--', 'true']],
  ])('2: %s', async (_, args) => {
    const answer = await at.run(args);
    expect(answer).toMatchObject({ status: 2, stdout: '' });
    expect(answer.stderr).not.toContain('internal error');
    expect(answer.stderr).not.toBe('');
  });

  test('2: an unknown test, with the one that was meant', async () => {
    const answer = await at.run(['verdict', 'mnits']);
    expect(answer).toMatchObject({ status: 2, stdout: '' });
    expect(answer.stderr).toBe('tidemark: There is no test "mnits"; did you mean "mnist"?\n');
  });
});

describe('settings', () => {
  test.each([
    ['before', ['--state', 'S', '--now', 'N', 'tick', '--json']],
    ['after', ['tick', '--json', '--state', 'S', '--now', 'N']],
    ['around', ['--state', 'S', 'tick', '--json', '--now', 'N']],
  ])('flags %s the command', async (_, shape) => {
    const own = workspace();
    const words = { S: own.state, N: '2026-08-01T02:15:00Z' } as Record<string, string>;
    const answer = await tidemark(
      shape.map((word) => words[word] ?? word),
      { cwd: own.folder },
    );
    expect(json(answer).tick_id).toBe('2026-08-01T02:15:00.000Z');
    expect(own.list('state')).toContain('tidemark.db');
  });

  test('flags beat the environment, which beats the file, whose paths are meant from where it lies', async () => {
    const own = workspace();
    const config = own.write('etc/tidemark.json', JSON.stringify({ state: 'from-file' }));
    const given = (env: object, ...flags: string[]) =>
      tidemark(['tick', ...flags], { cwd: own.folder, env: { TIDEMARK_CONFIG: config, ...env } });
    expect(await given({})).toMatchObject({ status: 0 });
    expect(own.list('.')).toEqual(['etc']);
    expect(own.list('etc/from-file')).toContain('tidemark.db');
    expect(await given({ TIDEMARK_STATE: 'from-env' })).toMatchObject({ status: 0 });
    expect(own.list('from-env')).toContain('tidemark.db');
    expect(await given({ TIDEMARK_STATE: 'never' }, '--state', 'from-flag')).toMatchObject({ status: 0 });
    expect(own.list('from-flag')).toContain('tidemark.db');
    expect(own.list('.')).not.toContain('never');
    const history = {
      TIDEMARK_HISTORY: 'sqlite:elsewhere.db',
      TIDEMARK_QUEUE: 'spool:q',
      TIDEMARK_MAIL: 'eml:m',
    };
    expect(await given(history)).toMatchObject({ status: 0 });
    expect(own.list('.')).toContain('elsewhere.db');
  });
});

describe('people', () => {
  const COMMANDS =
    'read publish run flush tick backfill replay demo verdict history query status validate doctor migrate'.split(
      ' ',
    );

  test.each(COMMANDS)('%s --help has an example and exits 0', async (command) => {
    const answer = await at.run([command, '--help']);
    expect(answer).toMatchObject({ status: 0, stderr: '' });
    expect(answer.stdout).toMatch(/\nExamples?:\n {2}\$ tidemark /);
  });

  test.each([
    ['no terminal', {}],
    ['NO_COLOR', { NO_COLOR: '1', FORCE_COLOR: undefined }],
  ])('no escape codes: %s', async (_, env) => {
    for (const args of [['verdict', 'mnist'], ['history', 'mnist'], ['doctor']]) {
      const answer = await at.spawn(args, { env });
      expect(answer.stdout + answer.stderr).not.toContain('\u001b');
    }
  });

  test('a reader that closes early is no error, and the exit code stays the verdict', async () => {
    const call = `'${process.execPath}' '${MAIN}' --state '${at.state}'`;
    const many = `with recursive n(i) as (select 1 union all select i + 1 from n where i < 200000) select i from n`;
    const query = await start(['sh', '-c', `${call} query "${many}" --format csv | head -1`]);
    expect(query).toEqual({ status: 0, stdout: 'i\r\n', stderr: '' });
    const verdict = await start(['sh', '-c', `{ ${call} verdict mnist; echo $? >&2; } | true`]);
    expect(verdict.stderr).toBe('1\n');
  });
});

describe('verdict --wait', () => {
  test('answers as soon as a tick in another process has judged the run', async () => {
    const own = workspace();
    own.message(started('r1'));
    await own.run(['tick', '--now', '2026-08-01T00:51:00Z']);
    const waiting = own.spawn(['verdict', 'mnist', '--wait', '1h', '--json']);
    own.message(finished('r1', { outcome: 'failure' }));
    expect(await own.spawn(['tick', '--now', '2026-08-01T02:00:00Z'])).toMatchObject({ status: 0 });
    const answer = await waiting;
    expect(answer.status).toBe(1);
    expect(json(answer)).toMatchObject({ run_id: 'r1', outcome: 'failure', verdict: 'fail' });
  });

  test('gives up when the time is over: pending', async () => {
    expect(await at.run(['verdict', 'open', '--wait', '10ms'])).toMatchObject({ status: 4 });
  });
});
