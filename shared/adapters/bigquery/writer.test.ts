import { expect, test } from 'vitest';
import type { RowChange, TableChanges, TableName } from '../../ports/tables.ts';
import type { Jobs, Values } from './jobs.ts';
import type { Statement } from './statement.ts';
import { writerOf } from './writer.ts';

/** Jobs that note what runs; `journaled` is what the journal holds. */
function noted(journaled: readonly Record<string, string>[] = []) {
  const ran: { readonly statement: Statement; readonly values: Values }[] = [];
  const loaded: string[][] = [];
  const jobs = {
    rows: async () => journaled,
    run: async (statement: Statement, values: Values = {}) => void ran.push({ statement, values }),
    load: async (_: string, lines: Iterable<string>) => void loaded.push([...lines]),
  } as unknown as Jobs;
  return { jobs, ran, loaded, names: () => ran.map(({ statement }) => statement.name) };
}

const thread = (name: string, unsettled: number): RowChange => {
  return { key: [name], row: { thread: name, unsettled }, between: null };
};
const gone = (uuid: string, metric: string, at: string): RowChange => {
  return { key: [uuid, metric], row: null, between: [at, at] };
};
const changes = (...given: readonly (readonly [TableName, readonly RowChange[]])[]): TableChanges =>
  new Map(given);

const AUGUST = '2026-08-01T00:00:00.000Z';
const OCTOBER = '2026-10-01T00:00:00.000Z';

test('changes of one table are one MERGE, rows and those that are gone in one list', async () => {
  const { jobs, ran } = noted();
  const two = changes(['metric_history', [gone('u', 'a', OCTOBER), gone('u', "b'", AUGUST)]]);
  await writerOf(jobs).write(two);
  const { statement, values } = ran[0]!;
  expect(ran).toHaveLength(1);
  const at = (time: string) => `T.timestamp BETWEEN TIMESTAMP '${time}' AND TIMESTAMP '${time}'`;
  expect(statement.sql).toContain(`(${at(AUGUST)} OR ${at(OCTOBER)})`);
  const [first, second] = (values.changes as string[]).map((text) => JSON.parse(text) as (string | null)[]);
  expect(first).toStrictEqual(['u', null, null, null, 'a', ...Array.from({ length: 9 }, () => null), 'true']);
  expect(second![4]).toBe("b'");
  expect(statement.sql).not.toContain("b'");
});

test('changes of several tables go through the journal, its last row saying to what they belong', async () => {
  const { jobs, ran, names } = noted();
  await writerOf(jobs).write(
    changes(['metric_history', [gone('u', 'a', AUGUST)]], ['threads', [thread('run:a', 0)]]),
  );
  expect(names()).toStrictEqual(['write journal', 'apply batch']);
  const rows = ran[0]!.values.rows as { n: number; table_name: string; change: string }[];
  expect(rows.map(({ n, table_name }) => [n, table_name])).toStrictEqual([
    [0, 'metric_history'],
    [1, 'threads'],
    [2, ''],
  ]);
  expect(JSON.parse(rows[2]!.change)).toStrictEqual({ metric_history: [[AUGUST, AUGUST]], threads: null });
  const { sql } = ran[1]!.statement;
  expect(sql).toMatch(
    /^BEGIN TRANSACTION;\nMERGE metric_history [\s\S]*;\nMERGE threads [\s\S]*;\nCOMMIT TRANSACTION;$/,
  );
  expect(sql.match(new RegExp(`batch = '${ran[0]!.values.batch}'`, 'g'))).toHaveLength(3);
});

test('months that follow each other are one span, and spans beyond a number are one', async () => {
  const spansOf = async (times: readonly string[]) => {
    const { jobs, ran } = noted();
    const rows = times.map((time, n) => gone(`u${n}`, 'm', `${time}T00:00:00.000Z`));
    await writerOf(jobs).write(changes(['metric_history', rows]));
    return [...ran[0]!.statement.sql.matchAll(/BETWEEN TIMESTAMP '(.{10}).*?' AND TIMESTAMP '(.{10})/g)].map(
      ([, low, high]) => `${low} ${high}`,
    );
  };
  expect(await spansOf(['2026-03-09', '1970-01-01', '2026-02-01', '2025-12-31'])).toStrictEqual([
    '1970-01-01 1970-01-01',
    '2025-12-31 2025-12-31',
    '2026-02-01 2026-03-09',
  ]);
  const years = Array.from({ length: 21 }, (_, n) => `${1990 + n}-07-01`);
  expect(await spansOf(years.slice(1))).toHaveLength(20);
  expect(await spansOf(years)).toStrictEqual(['1990-07-01 2010-07-01']);
});

test('nothing changed, nothing written', async () => {
  const { jobs, names } = noted();
  await writerOf(jobs).write(changes());
  await writerOf(jobs).write(changes(['threads', []]));
  expect(names()).toStrictEqual([]);
});

test.each([
  ['more rows than parameters are good for', { rows: 2 }],
  ['more bytes than a request holds', { bytes: 300 }],
])('%s are loaded from a file, all of them in one', async (_, limits) => {
  const { jobs, loaded, names } = noted();
  await writerOf(jobs, limits).write(changes(['threads', ['a', 'b', 'c'].map((name) => thread(name, 1))]));
  expect(names()).toStrictEqual(['apply batch']);
  expect(loaded).toHaveLength(1);
  const lines = loaded[0]!.map(
    (line) => JSON.parse(line) as { n: number; table_name: string; change: string },
  );
  expect(lines.map(({ table_name }) => table_name)).toStrictEqual(['threads', 'threads', 'threads', '']);
  expect(JSON.parse(lines[0]!.change)).toStrictEqual(['a', '1', 'false']);
});

test('batches that another process left are applied, oldest first', async () => {
  const left = ['001', '002'].map((batch) => ({ batch, change: '{"threads":null}' }));
  const { jobs, ran } = noted(left);
  await writerOf(jobs).recover();
  expect(ran.map(({ statement }) => /batch = '(\d+)'/.exec(statement.sql)?.[1])).toStrictEqual([
    '001',
    '002',
  ]);
});

test('a batch with a name that is none of ours is not put into a statement', async () => {
  const { jobs } = noted([{ batch: "x'; DROP TABLE runs; --", change: '{"threads":null}' }]);
  await expect(writerOf(jobs).recover()).rejects.toThrow(/none of ours/);
});
