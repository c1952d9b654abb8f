import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { sqliteHistory } from '../adapters/sqlite/history.ts';
import { TABLE_KEYS, TABLE_NAMES, type TableName, type TableRow, type TableStore } from '../ports/tables.ts';
import { compareHistories, copyHistories, digestTable, type Stores } from './copy-history.ts';
import { rowText } from './paired-rows.ts';

const folder = temporaryFolder();
let made = 0;

function newStore() {
  const store = sqliteHistory({ file: `${folder}/${made++}.db` });
  onTestFinished(() => store.close());
  return store;
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
}

const empty = `${folder}/empty.db`;
await sqliteHistory({ file: empty }).close();

/** Columns as SQLite itself tells them. */
function columnsOf(table: TableName): Column[] {
  const database = new DatabaseSync(empty);
  const columns = database.prepare('SELECT name, type, "notnull" FROM pragma_table_info(?)').all(table);
  database.close();
  return columns as unknown as Column[];
}

const text = fc.string({ unit: 'binary', maxLength: 8 });

function cellsOf({ name, type, notnull }: Column): fc.Arbitrary<TableRow[string]> {
  const values: Readonly<Record<string, fc.Arbitrary<TableRow[string]>>> = {
    TEXT: name === 'labels' ? fc.dictionary(text, text).map((labels) => JSON.stringify(labels)) : text,
    INTEGER: fc.maxSafeInteger(),
    REAL: fc.double({ noNaN: true }),
    BLOB: fc.uint8Array({ maxLength: 8 }),
  };
  const isOurs = name === 'schema_version' || name === 'value_kind';
  return notnull || isOurs ? values[type]! : fc.option(values[type]!);
}

const keyOf = (table: TableName, row: TableRow) => JSON.stringify(TABLE_KEYS[table].map((name) => row[name]));

/** Rows of every table, with all that a column can hold, each key once. */
const histories = fc.record(
  Object.fromEntries(
    TABLE_NAMES.map((table) => {
      const row = fc.record(
        Object.fromEntries(columnsOf(table).map((column) => [column.name, cellsOf(column)])),
      );
      return [table, fc.uniqueArray(row, { selector: (one) => keyOf(table, one), maxLength: 6 })];
    }),
  ) as Record<TableName, fc.Arbitrary<TableRow[]>>,
);

type Rows = Readonly<Record<TableName, readonly TableRow[]>>;

async function filled(rows: Rows): Promise<TableStore> {
  const store = newStore();
  for (const table of TABLE_NAMES) await store.putRows(table, rows[table]);
  return store;
}

async function all(store: TableStore): Promise<Record<string, string[]>> {
  const tables: Record<string, string[]> = {};
  for (const table of TABLE_NAMES) {
    tables[table] = [];
    for await (const page of store.rowsOf(table)) tables[table].push(...page.map(rowText));
  }
  return tables;
}

async function copyAll(stores: Stores): Promise<number> {
  let copied = 0;
  const onRows = (count: number) => {
    copied += count;
  };
  await copyHistories(await compareHistories(stores), { ...stores, onRows, mayWrite: () => {} });
  return copied;
}

const some = (rows: Rows, keep: (index: number) => boolean): Rows =>
  Object.fromEntries(
    TABLE_NAMES.map((table) => [table, rows[table].filter((_, index) => keep(index))]),
  ) as never;

test('a copy has the same rows to the last bit, whatever part of them was there already', async () => {
  await fc.assert(
    fc.asyncProperty(histories, fc.nat(3), async (rows, part) => {
      const stores = { from: await filled(rows), to: await filled(some(rows, (index) => index % 4 < part)) };
      await copyAll(stores);
      expect(await all(stores.to)).toEqual(await all(stores.from));
      expect(await copyAll(stores)).toBe(0);
      for (const table of TABLE_NAMES)
        expect(await digestTable(stores.to, table)).toEqual(await digestTable(stores.from, table));
    }),
    { numRuns: 25 },
  );
});

test('what was written by a copy that died is completed by the next, wherever it died', async () => {
  const rows: Rows = fc.sample(histories, { numRuns: 1, seed: 7 })[0]!;
  const from = await filled(rows);
  const written = TABLE_NAMES.filter((table) => rows[table].length > 0).length;
  expect(written).toBeGreaterThan(5);
  for (let dies = 0; dies < written; dies++) {
    const to = newStore();
    let writes = 0;
    const mortal: TableStore = {
      ...to,
      putRows: async (table, part) => {
        if (writes++ === dies) throw new Error('died');
        await to.putRows(table, part);
      },
    };
    await expect(copyAll({ from, to: mortal })).rejects.toThrow('died');
    await copyAll({ from, to });
    expect(await all(to)).toEqual(await all(from));
  }
});

/** A store of `ticks` alone, in the order given. */
function ticksStore(rows: readonly TableRow[]): TableStore {
  return {
    async *rowsOf(table) {
      if (table === 'ticks') yield rows;
    },
    putRows: async () => {},
  };
}
const tick = (tick_id: string, runs = 1) => ({ tick_id, runs });

test('rows are counted as the same, missing, different or only there', async () => {
  const [ticks] = (
    await compareHistories({
      from: ticksStore([tick('a'), tick('b'), tick('c')]),
      to: ticksStore([tick('b', 2), tick('c'), tick('d'), tick('e')]),
    })
  ).filter(({ table }) => table === 'ticks');
  expect(ticks).toEqual({ table: 'ticks', rows: 3, same: 1, missing: 1, different: 1, extra: 2 });
});

test('a digest tells order, number and contents of rows', async () => {
  const digests = await Promise.all(
    [[], [tick('a')], [tick('a', 2)], [tick('a'), tick('b')]].map((rows) =>
      digestTable(ticksStore(rows), 'ticks'),
    ),
  );
  expect(new Set(digests.map(({ digest }) => digest)).size).toBe(4);
  expect(digests.map(({ rows }) => rows)).toEqual([0, 1, 1, 2]);
});

test('two rows with one key, and rows without order, are refused', async () => {
  for (const rows of [
    [tick('a'), tick('a')],
    [tick('b'), tick('a')],
  ])
    await expect(digestTable(ticksStore(rows), 'ticks')).rejects.toThrow(/table ticks.*key "a"/);
});

test('rows of the tool before this one, which lack what we write, stay where they are', async () => {
  const rows = [
    { uuid: 'a', schema_version: null, job_status: 'success' },
    { uuid: 'a', schema_version: null, job_status: 'failure' },
    { uuid: 'b', schema_version: 1, job_status: 'success' },
  ];
  const store: TableStore = {
    ...ticksStore([]),
    rowsOf: async function* (table) {
      if (table === 'job_history') yield rows;
    },
  };
  expect((await digestTable(store, 'job_history')).rows).toBe(1);
});

test('the keys of a JSON column may come in another order', () => {
  expect(rowText({ labels: '{"b":"1","a":"2"}' })).toBe(rowText({ labels: '{"a": "2", "b": "1"}' }));
  expect(rowText({ labels: '{"b":"2","a":"1"}' })).not.toBe(rowText({ labels: '{"a":"2","b":"1"}' }));
});

test('nothing is written any more once it must not be', async () => {
  const from = ticksStore([tick('a')]);
  const to = newStore();
  const stores = { from, to };
  const mayWrite = () => {
    throw new Error('lost');
  };
  const compared = await compareHistories(stores);
  await expect(copyHistories(compared, { ...stores, onRows: () => {}, mayWrite })).rejects.toThrow('lost');
  expect((await digestTable(to, 'ticks')).rows).toBe(0);
});
