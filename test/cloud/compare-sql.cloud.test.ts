// Story S4 of the studies: outputs of two versions in Postgres, by its own numbers, in a real database.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tidemark } from '../support/cli.ts';
import { describeWith, postgresStandIn } from '../support/stand-ins.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const CLASSES = ['setosa', 'versicolor', 'virginica'];
const schema = `t${randomBytes(6).toString('hex')}`;

describeWith(['postgres'], 'compare --sql', () => {
  const state = temporaryFolder();
  let db: pg.Client;

  beforeAll(async () => {
    const { url, password } = postgresStandIn();
    db = new pg.Client({ connectionString: url.replace('@', `:${password}@`) });
    await db.connect();
    await db.query(`CREATE SCHEMA ${schema}`);
    for (const version of ['a', 'b', 'c']) await makeVersion(version);
  });
  afterAll(async () => {
    await db?.query(`DROP SCHEMA ${schema} CASCADE`);
    await db?.end();
  });

  /** 150 requests, 50 of each class; b calls 20 of the versicolor virginica. */
  async function makeVersion(version: string): Promise<void> {
    await db.query(
      `CREATE TABLE ${schema}."inputs_${version}" (run_id int, id int, request_time timestamptz, truth text, score float8)`,
    );
    await db.query(
      `CREATE TABLE ${schema}."outputs_${version}" (run_id int, id int, finished_at timestamptz, output text, latency float8)`,
    );
    for (let id = 0; id < 150; id++) {
      const known = CLASSES[Math.floor(id / 50)]!;
      const said = version === 'b' && id >= 50 && id < 70 ? 'virginica' : known;
      const run = version.charCodeAt(0);
      const time = new Date(Date.UTC(2017, 5, 1, 0, 0, id));
      await db.query(`INSERT INTO ${schema}."inputs_${version}" VALUES ($1, $2, $3, $4, $5)`, [
        run,
        id,
        time,
        known,
        id / 150,
      ]);
      const latency = 20 + ((id * 7919) % 31) + (version === 'b' ? 6 : 0);
      await db.query(`INSERT INTO ${schema}."outputs_${version}" VALUES ($1, $2, now(), $3, $4)`, [
        run,
        id,
        said,
        latency,
      ]);
    }
  }

  const joined = ['--inputs', `${schema}.inputs_{version}`, '--join', 'run_id,id'];
  const compare = (...args: string[]) => {
    const { url, password } = postgresStandIn();
    const from = ['--state', state, 'compare', '--sql', url, '--outputs', `${schema}.outputs_{version}`];
    return tidemark([...from, ...args], { env: { PGPASSWORD: password } });
  };
  const versions = (b: string) => ['--baseline', 'a', '--candidate', b];
  const paired = [...joined, '--pair', 'id,request_time'];

  test('pairs by input: 20 moved and none back', async () => {
    const answer = await compare(...versions('b'), ...paired, '--value', 'output', '--json');
    expect(answer).toMatchObject({ status: 1, stderr: expect.stringContaining('Kept as') });
    const { verdict, findings, notes } = JSON.parse(answer.stdout);
    expect({ verdict, notes }).toEqual({ verdict: 'fail', notes: [] });
    expect(findings[0]).toMatchObject({ reason: 'changed', test: 'sign test', a: { n: 150 } });
    expect(findings[0].moves).toEqual([{ from: 'versicolor', to: 'virginica', forth: 20, back: 0 }]);
    expect(findings[0].figures.agreement).toBeCloseTo(0.8667, 4);
    expect(findings[0].p).toBeCloseTo(1.907e-6, 9);
    const text = await compare(...versions('b'), ...paired, '--value', 'output');
    expect(text.stdout).toContain('20 from versicolor to virginica, none back');
  });

  test('without pairs: shares of classes, and the stability index against its own critical value', async () => {
    const answer = await compare(...versions('b'), '--unpaired', '--value', 'output', '--json');
    expect(answer.status).toBe(1);
    const [{ p, figures }] = JSON.parse(answer.stdout).findings;
    expect(figures).toMatchObject({ df: 2 });
    expect(figures.statistic).toBeCloseTo(8.3333, 4);
    expect(p).toBeCloseTo(0.0155, 4);
    expect(figures.psi).toBeCloseTo(0.11297, 5);
    expect(figures.psi_critical).toBeCloseTo(0.0799, 4);
  });

  test('with the truth known: McNemar exactly, on the inputs that one was right on', async () => {
    // The story's 20 against 2: on two of the 22 that differ the candidate is the one that is right.
    await db.query(`UPDATE ${schema}."inputs_a" SET truth = 'virginica' WHERE id IN (50, 51)`);
    await db.query(`UPDATE ${schema}."inputs_b" SET truth = 'virginica' WHERE id IN (50, 51)`);
    await db.query(`UPDATE ${schema}."outputs_b" SET output = 'setosa' WHERE id IN (70, 71)`);
    try {
      const answer = await compare(
        ...versions('b'),
        ...paired,
        '--value',
        'output',
        '--truth',
        'truth',
        '--json',
      );
      const { verdict, findings } = JSON.parse(answer.stdout);
      expect(verdict).toBe('fail');
      expect(findings[0]).toMatchObject({ test: 'McNemar exact', reason: 'worse' });
      expect(findings[0].figures).toMatchObject({ only_a: 20, only_b: 2 });
      expect(findings[0].p).toBeCloseTo(1.211e-4, 7);
    } finally {
      await db.query(`UPDATE ${schema}."outputs_b" SET output = 'versicolor' WHERE id IN (70, 71)`);
      for (const version of ['a', 'b'])
        await db.query(`UPDATE ${schema}."inputs_${version}" SET truth = 'versicolor' WHERE id IN (50, 51)`);
    }
  });

  test('the truth may be other for every input, or not known', async () => {
    const make = (version: string, wrong: number) =>
      db.query(
        `CREATE TABLE ${schema}."outputs_${version}" AS SELECT id, CASE WHEN id >= ${wrong} THEN 'word ' || id END AS output,
          CASE WHEN id < 1250 THEN 'word ' || id END AS truth FROM generate_series(0, 1299) AS id`,
      );
    await make('words', 10);
    await make('fewer', 135);
    const asked = ['--baseline', 'words', '--candidate', 'fewer', '--pair', 'id', '--value', 'output'];
    const answer = await compare(...asked, '--truth', 'truth', '--json');
    const { verdict, findings, notes } = JSON.parse(answer.stdout);
    expect({ verdict, notes }).toEqual({
      verdict: 'fail',
      notes: ['50 inputs have no right answer and do not count.'],
    });
    expect(findings[0]).toMatchObject({
      a: { n: 1250, estimate: 1240 / 1250 },
      b: { n: 1250, estimate: 1115 / 1250 },
      figures: { only_a: 125, only_b: 0 },
    });
    const without = await compare(...asked);
    expect(without).toMatchObject({ status: 2, stdout: '' });
    expect(without.stderr).toContain('"output" has more than 1000 different values: it is no label');
  });

  test('numbers pair too, and the same data and seed give the same bytes', async () => {
    const ask = () => compare(...versions('b'), ...paired, '--value', 'latency', '--json');
    const [first, second] = [await ask(), await ask()];
    expect(first.stdout).toBe(second.stdout);
    const [finding] = JSON.parse(first.stdout).findings;
    expect(finding).toMatchObject({ test: 'Wilcoxon', difference: 6, reason: 'worse', verdict: 'fail' });
    const quantile = await compare(
      ...versions('b'),
      '--unpaired',
      '--value',
      'latency',
      '--statistic',
      'p95',
      '--json',
    );
    expect(JSON.parse(quantile.stdout).findings[0]).toMatchObject({ estimates: 'p95', test: 'bootstrap' });
  });

  test('equal versions pass, and a version file may end in a line break', async () => {
    const answer = await compare('--baseline', 'a', '--candidate', 'c\n', ...paired, '--value', 'output');
    expect({ status: answer.status, text: answer.stdout }).toMatchObject({ status: 0 });
  });

  test('a version that mostly gives no number is worse, paired or not', async () => {
    await db.query(
      `CREATE TABLE ${schema}."outputs_nan" AS SELECT run_id, id, output, CASE WHEN id % 5 = 0 THEN latency WHEN id % 2 = 0 THEN 'NaN' END AS latency FROM ${schema}."outputs_a"`,
    );
    for (const how of [['--pair', 'id'], ['--unpaired']]) {
      const answer = await compare(
        '--baseline',
        'a',
        '--candidate',
        'nan',
        ...how,
        '--value',
        'latency',
        '--json',
      );
      expect(answer.status).toBe(1);
      const { findings } = JSON.parse(answer.stdout);
      expect(findings[1]).toMatchObject({
        metric: 'latency: a number',
        reason: 'worse',
        b: { estimate: 0.2 },
      });
    }
    const paired = await compare(
      '--baseline',
      'a',
      '--candidate',
      'nan',
      '--pair',
      'id',
      '--value',
      'latency',
    );
    expect(paired.stdout).toContain('120 of 150 pairs have no two finite numbers and do not count.');
  });

  test('rows that lie in another order give the same bytes, of pairs and of each side alone', async () => {
    const values = 'SELECT id, (id * 7919 % 331) / 7.0 AS latency FROM generate_series(0, 2999) AS id';
    const make = (version: string, order: string) =>
      db.query(`CREATE TABLE ${schema}."outputs_${version}" AS ${values} ORDER BY ${order}`);
    await make('up', 'id');
    await make('down', 'id DESC');
    await make('new', 'id');
    const bytes = async (...flags: string[]) => {
      const sides = (version: string) => ['--baseline', version, '--candidate', 'new', '--no-keep'];
      const asked = [...flags, '--value', 'latency', '--json'];
      const [up, down] = [await compare(...sides('up'), ...asked), await compare(...sides('down'), ...asked)];
      expect(down.stdout.replace('"a":"down"', '"a":"up"')).toBe(up.stdout);
      expect(up.stdout).toContain('"digest"');
    };
    await bytes('--pair', 'id');
    await bytes('--unpaired');
    await bytes('--unpaired', '--statistic', 'p95');
  });

  test('a comparison is still shown, with the digest of its sample, when the tables are gone', async () => {
    await makeVersion('gone');
    const made = await compare(...versions('gone'), ...paired, '--value', 'output', '--json');
    const id = /--show (\w+)/.exec(made.stderr)![1]!;
    await db.query(`DROP TABLE ${schema}."inputs_gone", ${schema}."outputs_gone"`);
    expect((await compare(...versions('gone'), ...paired, '--value', 'output')).status).toBe(2);
    const here = (...args: string[]) => tidemark(['--state', state, ...args]);
    expect((await here('tick')).status).toBe(0);
    const shown = await here('compare', '--show', id, '--json');
    expect(shown.status).toBe(made.status);
    expect(JSON.parse(shown.stdout)).toStrictEqual(JSON.parse(made.stdout));
    expect(JSON.parse(shown.stdout).findings[0].sample).toMatchObject({
      kind: 'pairs',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      counts: CLASSES.map((name) => [name, name, 50]),
    });
  });

  test('rows whose times are an hour off have no partner, and decide nothing', async () => {
    await makeVersion('shifted');
    await db.query(`UPDATE ${schema}."inputs_shifted" SET request_time = request_time + interval '1 hour'`);
    const answer = await compare(...versions('shifted'), ...paired, '--value', 'output', '--no-keep');
    expect(answer.status).toBe(3);
    expect(answer.stdout).toContain('150 of 150 rows of a have no partner and do not count.');
    expect(answer.stdout).toContain('150 of 150 rows of shifted have no partner and do not count.');
  });

  test('a table that somebody drops meanwhile is told by its name, and nothing is kept', async () => {
    await makeVersion('dropped');
    await db.query(`BEGIN; DROP TABLE ${schema}."outputs_dropped"`);
    // It waits for who drops the table, and finds it gone.
    const waiting = compare(...versions('dropped'), ...paired, '--value', 'output');
    for (let waits = 0; waits === 0; ) {
      // Within a transaction Postgres shows what it saw first.
      await db.query('SELECT pg_stat_clear_snapshot()');
      const sql = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'tidemark' AND wait_event_type = 'Lock'`;
      waits = (await db.query(sql)).rows[0].n;
    }
    await db.query('COMMIT');
    const { status, stdout, stderr } = await waiting;
    expect({ status, stdout }).toStrictEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('outputs_dropped');
    expect(stderr).not.toContain('Kept');
  });

  test('seven rows decide nothing', async () => {
    for (const table of ['inputs', 'outputs'])
      await db.query(
        `CREATE TABLE ${schema}."${table}_few" AS SELECT * FROM ${schema}."${table}_b" WHERE id BETWEEN 50 AND 56`,
      );
    const answer = await compare('--baseline', 'a', '--candidate', 'few', ...paired, '--value', 'output');
    expect(answer.status).toBe(3);
    expect(answer.stdout).toContain('143 of 150 rows of a have no partner');
  });

  describe('what is refused', () => {
    test.each([
      ['b; drop table x', 'wanted a version'],
      ["b' or 1=1", 'wanted a version'],
      ['../b', 'wanted a version'],
      ['$(touch x)', 'wanted a version'],
    ])('the version %j, before any SQL is sent', async (candidate, told) => {
      const unreachable = ['compare', '--sql', 'postgres://nobody@127.0.0.1:1/x'];
      const answer = await tidemark([
        ...unreachable,
        '--baseline',
        'a',
        '--candidate',
        candidate,
        ...paired,
        '--value',
        'output',
      ]);
      expect(answer).toMatchObject({ status: 2, stdout: '' });
      expect(answer.stderr).toContain(told);
    });

    test('a table or a column that is not there, rows that pair twice, a wrong password, no server', async () => {
      const gone = await compare('--baseline', 'a', '--candidate', 'z', ...paired, '--value', 'output');
      expect(gone).toMatchObject({ status: 2, stdout: '' });
      expect(gone.stderr).toContain('outputs_z');
      const column = await compare(...versions('b'), ...paired, '--value', 'outpt');
      expect(column.stderr).toContain('outpt');
      const twice = await compare(...versions('b'), ...joined, '--pair', 'truth', '--value', 'output');
      expect(twice.stderr).toContain('name more columns');
      const { url } = postgresStandIn();
      const all = [...versions('b'), ...paired, '--value', 'output'];
      const denied = await tidemark(['compare', '--sql', url, ...all], { env: { PGPASSWORD: 'wrong' } });
      expect(denied.stderr).toContain('password authentication failed');
      expect(denied.stderr).not.toContain('wrong');
      const away = await tidemark(['compare', '--sql', 'postgres://me@127.0.0.1:1/x', ...all]);
      expect(away.stderr).toContain('cannot be reached');
      expect([twice.status, denied.status, away.status]).toEqual([2, 2, 70]);
    });

    test('a statement that takes too long', async () => {
      await db.query(
        `CREATE VIEW ${schema}."outputs_slow" AS SELECT run_id, id, output || pg_sleep(0.1)::text AS output FROM ${schema}."outputs_b"`,
      );
      const answer = await compare(
        '--baseline',
        'a',
        '--candidate',
        'slow',
        '--pair',
        'id',
        '--value',
        'output',
        '--sql-timeout',
        '1s',
      );
      expect(answer.stderr).toContain('took too long');
    });
  });

  test('nothing in the session can write', async () => {
    const { url, password } = postgresStandIn();
    const { postgresOutputs } = await import('../../shared/adapters/postgres/outputs.ts');
    const outputs = await postgresOutputs({ url, password, timeout: 5000 });
    await db.query(
      `CREATE FUNCTION ${schema}.write() RETURNS text LANGUAGE sql AS $$ INSERT INTO ${schema}."outputs_c" DEFAULT VALUES RETURNING 'x'::text $$`,
    );
    await db.query(`CREATE VIEW ${schema}."outputs_w" AS SELECT 1 AS id, ${schema}.write() AS output`);
    const question = {
      a: 'w',
      b: 'c',
      outputs: `${schema}.outputs_{version}`,
      inputs: null,
      pair: ['id'],
      value: 'output',
      truth: null,
    };
    await expect(outputs.labelCounts(question)).rejects.toThrow('read-only transaction');
    await outputs.close();
  });
});
