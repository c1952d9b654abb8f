import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ended, judge, metric } from '../../../test/support/history-rows.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { TABLE_NAMES, type TableRow, type TableStore } from '../../ports/tables.ts';
import { sqliteHistory } from './history.ts';

const open = () => sqliteHistory({ file: join(temporaryFolder(), 'tidemark.db') });

async function rowsOf(store: TableStore, name: (typeof TABLE_NAMES)[number]): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  for await (const page of store.rowsOf(name)) rows.push(...page);
  return rows;
}

test('tables that are longer than a page are copied whole, in the order of their keys, once or twice', async () => {
  const [from, to] = [open(), open()];
  for (const id of ['😀', '\uff5e', 'b']) {
    const many = Array.from({ length: 4000 }, (_, n) => metric(`m${n}`, n / 3));
    await judge(from, ended(id, 1), many);
  }
  for (let time = 1; time <= 2; time++) {
    for (const name of TABLE_NAMES) {
      for await (const rows of from.rowsOf(name)) await to.putRows(name, rows);
    }
  }
  for (const name of TABLE_NAMES) {
    expect(await rowsOf(to, name)).toStrictEqual(await rowsOf(from, name));
  }
  const metrics = await rowsOf(to, 'metric_history');
  expect(metrics).toHaveLength(12_000);
  expect([...new Set(metrics.map(({ run_id }) => run_id))]).toStrictEqual(['b', '\uff5e', '😀']);
  await to.putRows('runs', [{ ...(await rowsOf(to, 'runs'))[0]!, thread: 'other' }]);
  expect((await rowsOf(to, 'runs')).map(({ thread }) => thread)).toContain('other');
  expect(await rowsOf(to, 'runs')).toHaveLength(3);
  await from.close();
  await to.close();
});
