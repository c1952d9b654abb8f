import { expect, test } from 'vitest';
import { rowsIn, sql, standInCalls, standInHistory } from '../../../test/support/bigquery.ts';
import { day, ended, event, judge, metric } from '../../../test/support/history-rows.ts';
import { describeWith, uniqueName } from '../../../test/support/stand-ins.ts';
import { PortError } from '../../ports/error.ts';
import type { Price } from './people-query.ts';
import { tableMetadata } from './schema.ts';
import { JOURNAL, TABLES, tableOf, VIEWS } from './tables.ts';

/** A dataset with one table of a tool before us: fewer columns, all of them nullable, one that we do not know. */
async function datasetOfBefore(type = 'STRING'): Promise<string> {
  const dataset = uniqueName('before');
  const { client, jobs } = await standInCalls(dataset);
  await client.createDataset(dataset, undefined);
  const columns = [
    ['uuid', type],
    ['test_name', 'STRING'],
    ['job_status', 'STRING'],
    ['timestamp', 'TIMESTAMP'],
    ['team', 'STRING'],
  ];
  const fields = columns.map(([name, of]) => ({ name, type: of, mode: 'NULLABLE' }));
  await client.createTable(dataset, 'job_history', { schema: { fields } });
  if (type === 'STRING') {
    const row = `INSERT INTO job_history (uuid, test_name, job_status, timestamp, team)
      VALUES ('old', 't', 'success', TIMESTAMP '2026-07-01T00:00:00Z', 'ml')`;
    await jobs.run(sql(row));
  }
  return dataset;
}

async function columnsIn(dataset: string, table: string): Promise<string[]> {
  const { client } = await standInCalls(dataset);
  const metadata = await client.table(dataset, table);
  const { fields = [] } = (metadata?.schema ?? {}) as {
    fields?: { name: string; type: string; mode?: string }[];
  };
  return fields.map(({ name, type, mode = 'NULLABLE' }) => `${name} ${type} ${mode}`);
}

describeWith(['bigquery'], 'a dataset of BigQuery', () => {
  test('is made with all tables and views when it is missing, and opened again by one request', async () => {
    const dataset = uniqueName('history');
    await (await standInHistory({ dataset })).close();
    const { client } = await standInCalls(dataset);
    for (const table of [...TABLES, JOURNAL]) {
      const found = await client.table(dataset, table.name);
      const defined = tableMetadata(table) as Record<string, object>;
      expect(found?.clustering).toStrictEqual(defined.clustering);
      expect(found?.timePartitioning ?? null).toStrictEqual(
        defined.timePartitioning === undefined ? null : expect.objectContaining(defined.timePartitioning),
      );
      const modes = await columnsIn(dataset, table.name);
      expect(modes.filter((column) => column.endsWith('REQUIRED'))).toHaveLength(
        table.columns.filter(({ required }) => required).length,
      );
    }
    for (const { name } of VIEWS) expect(await client.table(dataset, name)).not.toBeNull();
    await (await standInHistory({ dataset, create: false })).close();
  });

  test('without a history is not found, and not made, by who only looks', async () => {
    const dataset = uniqueName('none');
    const refusal = standInHistory({ dataset, create: false });
    await expect(refusal).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining(dataset),
    });
    const { client } = await standInCalls(dataset);
    expect(await client.hasDataset(dataset)).toBe(false);
  });

  test('of the tool before is taken over: columns are added, rows and foreign columns stay', async () => {
    const dataset = await datasetOfBefore();
    const history = await standInHistory({ dataset });
    await judge(history, ended('a', 1), [metric('loss', 1)]);
    await history.flush();
    // The stand-in does not tell of added columns, but has them.
    const { jobs } = await standInCalls(dataset);
    const rows = await jobs.rows(
      sql('SELECT j.uuid AS uuid, j.team AS team, j.run_id AS run_id FROM job_history AS j ORDER BY uuid', [
        { name: 'uuid', type: 'STRING', required: false },
        { name: 'team', type: 'STRING', required: false },
        { name: 'run_id', type: 'STRING', required: false },
      ]),
    );
    expect(rows).toStrictEqual([
      { uuid: 'old', team: 'ml', run_id: null },
      { uuid: 'uuid-a', team: null, run_id: 'a' },
    ]);
    // What says too little is not judged by.
    expect(await history.lastGoodRun('t', { finishedAt: day(1), runId: '', uuid: '' }, null)).toBeNull();
    await history.close();
  });

  test('with a table of another shape is refused, and nothing in it is changed', async () => {
    const dataset = await datasetOfBefore('INT64');
    const before = await columnsIn(dataset, 'job_history');
    const refusal = standInHistory({ dataset });
    await expect(refusal).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(
        /uuid of table job_history is INT64 and has to be STRING.*Nothing was changed/,
      ),
    });
    expect(await columnsIn(dataset, 'job_history')).toStrictEqual(before);
    expect(await columnsIn(dataset, 'runs')).toStrictEqual([]);
  });

  test('of a newer version is refused', async () => {
    const dataset = uniqueName('history');
    await (await standInHistory({ dataset })).close();
    const { client } = await standInCalls(dataset);
    await client.changeTable(dataset, JOURNAL.name, { labels: { tidemark_schema: '99' } });
    for (const create of [true, false]) {
      const refusal = standInHistory({ dataset, create });
      await expect(refusal).rejects.toMatchObject({ code: 'newer', message: expect.stringContaining('99') });
    }
  });

  test('has a view with one row a run, although a row stands twice', async () => {
    const dataset = uniqueName('history');
    const history = await standInHistory({ dataset });
    await judge(history, ended('a', 1), [metric('loss', 1)]);
    await history.flush();
    const { jobs } = await standInCalls(dataset);
    const list = tableOf('metric_history')
      .columns.map(({ name }) => name)
      .join(', ');
    await jobs.run(sql(`INSERT INTO metric_history (${list}) SELECT ${list} FROM metric_history`));
    expect((await rowsIn(dataset)).metric_history).toHaveLength(2);
    const { rows } = await history.query('SELECT COUNT(*) AS n FROM metric_history_latest');
    expect([...rows]).toStrictEqual([[1]]);
    await history.close();
  });
});

describeWith(['bigquery'], 'a question of a person', () => {
  test('is answered with the values of every type, after its price was told', async () => {
    const prices: Price[] = [];
    const dataset = uniqueName('history');
    const history = await standInHistory({ dataset, onPrice: (price) => prices.push(price) });
    await judge(history, ended('a', 1), [metric('loss', 0.5)]);
    await history.append({ events: [event()], rejected: [], at: day(1) });
    const sentence = `SELECT j.run_id, m.metric_value, j.timestamp, j.attempt, 9007199254740993 AS big,
        CAST('NaN' AS FLOAT64) AS nan, CAST('-inf' AS FLOAT64) AS low, TRUE AS yes, [1, 2] AS list,
        STRUCT(1 AS x, 'y' AS y) AS pair, FROM_BASE64('AP8=') AS bytes, CAST(NULL AS STRING) AS nothing
      FROM ${dataset}.job_history AS j JOIN metric_history AS m ON m.uuid = j.uuid`;
    const { columns, rows } = await history.query(sentence);
    expect(columns.slice(0, 5)).toStrictEqual(['run_id', 'metric_value', 'timestamp', 'attempt', 'big']);
    const [row] = [...rows];
    expect(row).toStrictEqual([
      'a',
      0.5,
      '2026-08-02T00:00:00.000Z',
      1,
      '9007199254740993',
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      1,
      '[1,2]',
      '{"x":1,"y":"y"}',
      new Uint8Array([0, 255]),
      null,
    ]);
    // The stand-in has no estimate and says 0.
    expect(prices).toStrictEqual([{ bytes: 0 }]);
    await history.close();
  });

  test.each([
    'DELETE FROM runs WHERE TRUE',
    'SELECT 1; DELETE FROM runs WHERE TRUE',
    'CREATE TABLE x AS SELECT 1 AS y',
    'BEGIN TRANSACTION; DELETE FROM runs WHERE TRUE; COMMIT TRANSACTION;',
    'DROP TABLE runs',
    'SELEC 1',
    '',
    'SELECT nothing FROM runs',
    'SELECT * FROM not_there',
  ])('is refused and runs nothing: %s', async (text) => {
    const dataset = uniqueName('history');
    const history = await standInHistory({ dataset });
    await history.settle([{ thread: 'run:a', runs: [ended('a', 1)], learnt: [] }]);
    const refusal = await history.query(text).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(PortError);
    expect(refusal).toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/^Cannot run the query: /),
    });
    expect((await rowsIn(dataset)).runs).toHaveLength(1);
    await history.close();
  });
});
