// Messages that cannot be used: kept with one sentence that names them, blocking nobody.
import { beforeAll, describe, expect, test } from 'vitest';
import { type Answer, finished, started, workspaces } from '../support/cli.ts';

const workspace = workspaces();
const NOW = ['--now', '2026-09-01T00:00:00Z'];

const v1 = { test_name: 'mnist', job_name: 'j', model_dir: '/nowhere' };
const condition = { comparison: 'less', success_threshold: { fixed_value: 1 } };

/** Name of the file, what is in it, the reason it is kept under, and what the sentence must say. */
const BAD: readonly (readonly [string, object | string | Uint8Array, string, RegExp])[] = [
  ['cut.json', '{"job_name": "a", ', 'json', /is not JSON: .*position 18|is not JSON: .*column 19/],
  ['empty.json', '', 'json', /is empty/],
  ['binary.json', Uint8Array.from({ length: 256 }, (_, byte) => byte), 'json', /is not UTF-8 text/],
  ['list.json', '[1, 2]', 'shape', /must be a JSON object/],
  [
    'other.json',
    { hello: 'world' },
    'shape',
    /neither a Tidemark event .* nor a message of the v1 publisher/,
  ],
  ['no-test.json', { job_name: 'a', model_dir: '/x' }, 'shape', /test_name: is missing/],
  ['type.json', { ...finished('a'), type: 'io.tidemark.run.ended.v1' }, 'shape', /type: /],
  [
    'outcome.json',
    finished('a', { outcome: 'sucess' }),
    'shape',
    /data\.outcome: .*did you mean "success"\?/,
  ],
  [
    'key.json',
    finished('a', { modle_dir: '/x' }),
    'shape',
    /data\.modle_dir: unknown key; did you mean "model_dir"\?/,
  ],
  ['month.json', finished('a', { finished_at: '2026-13-40' }), 'shape', /data\.finished_at: .*"2026-13-40"/],
  ['day.json', finished('a', { finished_at: '2026-02-30T00:00:00Z' }), 'shape', /data\.finished_at: /],
  ['zero.json', finished('a', { finished_at: '0000-01-01T00:00:00Z' }), 'shape', /data\.finished_at: /],
  ['late.json', finished('a', { finished_at: '99999-01-01T00:00:00Z' }), 'shape', /data\.finished_at: /],
  [
    'milliseconds.json',
    { ...v1, job_info: { status: 'success', stop_time: 1_785_549_600_000 } },
    'shape',
    /job_info\.stop_time: is not a Unix time in seconds: current value is 1785549600000/,
  ],
  [
    'infinite.json',
    JSON.stringify(finished('a', { metrics: [{ name: 'm', value: 0 }] })).replace(
      '"value":0',
      '"value":1e999',
    ),
    'shape',
    /data\.metrics\.0\.value: .*current value is Infinity/,
  ],
  ['arrays.json', '['.repeat(400_000) + ']'.repeat(400_000), 'shape', /nested more than 100 levels/],
  [
    'config.json',
    `{"job_name":"a","test_name":"t","model_dir":"/x","metric_collection_config":${'{"a":'.repeat(99_999)}1${'}'.repeat(99_999)}}`,
    'shape',
    /nested more than 100 levels/,
  ],
  ['cut.pb', Uint8Array.from([10, 9, 97, 98, 99]), 'v2', /no v2 protobuf message: index out of range/],
  ['nameless.pb', Uint8Array.from([18, 3, 97, 98, 99]), 'v2', /names no test: benchmark_id is missing/],
  ['nowhere.pb', Uint8Array.from([10, 3, 97, 98, 99]), 'v2', /output_path and start_time are both missing/],
  ['text.pb', '{"job_name": "a"}', 'v2', /no v2 protobuf message|names no test/],
  [
    'large.json',
    JSON.stringify(finished('a', { message: 'x'.repeat(1_048_577) })),
    'oversized',
    /1048[0-9]+ bytes, more than the 1048576 allowed/,
  ],
];

describe('a spool full of them', () => {
  const at = workspace();
  let tick: Answer;

  beforeAll(async () => {
    for (const [name, content] of BAD) at.message(content, name);
    at.message(finished('good'), 'zz-good.json');
    tick = await at.run(['tick', '--json', ...NOW]);
  });

  test('the good one among them is judged', () => {
    expect(tick.status).toBe(0);
    expect(JSON.parse(tick.stdout)).toMatchObject({ rejected: BAD.length, runs: [{ run_id: 'good' }] });
  });

  test.each(BAD)('%s', async (name, _content, reason, sentence) => {
    const [row] = await at.query<{ reason: string; detail: string }>(
      `select reason, detail from rejected_messages where name = '${name}'`,
    );
    expect(row?.reason).toBe(reason);
    expect(row?.detail).toContain(`Cannot read message "${name}": `);
    expect(row?.detail).toMatch(sentence);
    expect(tick.stderr).toContain(row?.detail);
    expect(row?.detail.length).toBeLessThan(500);
  });

  test('every byte of them is kept: in the table, or beside the queue when it is too large', async () => {
    expect(at.list('state/spool/incoming')).toEqual([]);
    expect(at.list('state/spool/rejected')).toEqual(['large.json']);
    const kept = await at.query<{ n: number }>('select sum(length(body)) as n from rejected_messages');
    const sizes = BAD.map(([name, content]) => {
      if (name === 'large.json') return 0;
      if (content instanceof Uint8Array) return content.length;
      return Buffer.byteLength(typeof content === 'string' ? content : JSON.stringify(content));
    });
    expect(kept[0]?.n).toBe(sizes.reduce((sum, size) => sum + size, 0));
  });

  test('trying them again changes nothing while they are as they are', async () => {
    const answer = await at.run(['replay', '--rejected', ...NOW]);
    expect(answer.status).toBe(0);
    const [row] = await at.query<{ n: number }>('select count(*) as n from rejected_messages');
    expect(row?.n).toBe(BAD.length);
  });
});

describe('messages that contradict each other', () => {
  test('one id, two contents: the earlier counts, the other is kept as a conflict', async () => {
    const at = workspace();
    at.message(finished('r1', { outcome: 'success', finished_at: '2026-08-01T01:00:00Z' }));
    at.message(finished('r1', { outcome: 'failure', finished_at: '2026-08-01T02:00:00Z' }));
    expect(await at.run(['tick', ...NOW])).toMatchObject({ status: 0 });
    expect(await at.query('select job_status from job_history')).toEqual([{ job_status: 'success' }]);
    expect(await at.query('select reason from rejected_messages')).toEqual([{ reason: 'conflict' }]);
  });

  test('two runs that claim one uuid are two runs', async () => {
    const at = workspace();
    const uuid = 'efbabfe9-d54f-5b94-b596-f3b8c5c955f3';
    at.message(finished('r1', { uuid }));
    at.message(finished('r2', { uuid }));
    const tick = await at.run(['tick', ...NOW]);
    expect(tick.stderr).toContain(uuid);
    const rows = await at.query<{ uuid: string; run_id: string }>('select uuid, run_id from job_history');
    expect(rows.map(({ run_id }) => run_id).sort()).toEqual(['r1', 'r2']);
    expect(new Set(rows.map((row) => row.uuid)).size).toBe(2);
    expect(rows.filter((row) => row.uuid === uuid)).toHaveLength(1);
  });

  test('two lines of a backfill with one id: the second is told with its line and kept', async () => {
    const at = workspace();
    const line = { test_name: 't', job_name: 'j', outcome: 'success', finished_at: '2026-07-01T00:00:00Z' };
    const lines = [line, { ...line, outcome: 'failure' }, '{"test_name":', { ...line, job_name: 'k' }, line];
    const text = lines.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))).join('\n');
    const file = at.write('runs.jsonl', text);
    const answer = await at.run(['backfill', file, '--json', ...NOW]);
    expect(answer.stderr).toContain(`Cannot read ${file}:2: is another run with the id of line 1`);
    expect(answer.stderr).toContain(`Cannot read ${file}:3: is not JSON`);
    expect(JSON.parse(answer.stdout)).toMatchObject({
      rejected: 2,
      runs: [{ run_id: 'j' }, { run_id: 'k' }],
    });
    expect(await at.query('select job_status from job_history')).toEqual([
      { job_status: 'success' },
      { job_status: 'success' },
    ]);
  });

  test('a line of a backfill that cannot be used never becomes a message of another kind', async () => {
    const at = workspace();
    const line = { test_name: 't', job_name: 'j', outcome: 'ok', finished_at: '2026-07-01T00:00:00Z' };
    const file = at.write('runs.jsonl', JSON.stringify(line));
    expect(await at.run(['backfill', file, ...NOW])).toMatchObject({ status: 2 });
    expect((await at.run(['replay', '--rejected', ...NOW])).stdout).toContain('0 of 1');
    await at.run(['tick', ...NOW]);
    expect(await at.query('select run_id from runs')).toEqual([]);
    expect(await at.query('select reason from rejected_messages')).toEqual([{ reason: 'line' }]);
  });

  test('a run that ends before it starts is recorded; its wall time is missing, reason clock', async () => {
    const at = workspace();
    at.message(finished('r1', { started_at: '2026-08-01T02:00:00Z', finished_at: '2026-08-01T01:00:00Z' }));
    await at.run(['tick', ...NOW]);
    expect(await at.query('select job_status, job_duration_sec from job_history')).toEqual([
      { job_status: 'success', job_duration_sec: null },
    ]);
    expect(await at.query('select metric_name, value_kind, reason from metric_history')).toEqual([
      { metric_name: 'total_wall_time', value_kind: 'missing', reason: 'clock' },
    ]);
  });

  test('a clock that goes backwards between ticks changes no history', async () => {
    const at = workspace();
    at.message(started('r1', { deadline: '2026-08-01T02:00:00Z' }));
    await at.run(['tick', '--now', '2026-08-01T03:00:00Z']);
    const before = await at.tables();
    expect(before.jobs).toMatchObject([{ job_status: 'timeout', finished_at: '2026-08-01T02:00:00.000Z' }]);
    at.message(started('r2', { started_at: '2026-08-01T01:00:00Z' }));
    expect(await at.run(['tick', '--now', '2020-01-01T00:00:00Z'])).toMatchObject({ status: 0 });
    expect(await at.tables()).toEqual(before);
    expect(await at.run(['replay', '--now', '2020-01-01T00:00:00Z'])).toMatchObject({ status: 0 });
    expect(await at.tables()).toEqual(before);
  });

  test('a key that is there twice counts as JSON has it: the last one', async () => {
    const at = workspace();
    at.message(
      JSON.stringify(finished('r1')).replace(
        '"outcome":"success"',
        '"outcome":"failure","outcome":"success"',
      ),
    );
    await at.run(['tick', ...NOW]);
    expect(await at.query('select job_status from job_history')).toEqual([{ job_status: 'success' }]);
  });

  test('__proto__ and constructor are names like others', async () => {
    const at = workspace();
    const conditions = { constructor: condition, toString: condition };
    const config = { regression_test_config: { metric_success_conditions: conditions } };
    const text = JSON.stringify(finished('r1', { config, labels: { a: 'b' } }));
    at.message(text.replace('{"a":"b"}', '{"__proto__":"x","a":"b"}'));
    expect(await at.run(['tick', ...NOW])).toMatchObject({ status: 0 });
    const verdict = JSON.parse((await at.run(['verdict', 'mnist', '--json'])).stdout);
    expect(verdict.conditions.map(({ metric }: { metric: string }) => metric)).toEqual(
      expect.arrayContaining(['constructor', 'toString']),
    );
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});
