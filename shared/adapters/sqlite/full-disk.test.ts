import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import {
  day,
  ended,
  event,
  judge,
  metric,
  recordOf,
  tasks,
  threads,
} from '../../../test/support/history-rows.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { openFile, sqliteHistory } from './history.ts';

test('on a full disk nothing is changed, and the store works again when there is room', async () => {
  const file = join(temporaryFolder(), 'tidemark.db');
  const small = sqliteHistory({ file });
  for (let i = 0; i < 3; i++) await judge(small, ended(`r${i}`, i), [metric('loss', i)]);
  await small.close();
  const pages = pageCount(file);
  const disk = { database: openFile(file) };
  disk.database.exec(`PRAGMA max_page_count = ${pages + 1}`);
  const history = sqliteHistory({ file, open: () => disk.database });
  const before = await everything(history);
  const big = Array.from({ length: 200 }, (_, i) => event({ id: `${i}`, body: 'x'.repeat(1000) }));
  const run = ended('big', 9);
  const metrics = Array.from({ length: 2000 }, (_, i) => metric(`metric ${i}`, i));
  const full = { code: 'full', retryable: true };
  await expect(history.append({ events: big, rejected: [], at: day(9) })).rejects.toMatchObject(full);
  await expect(history.record(recordOf(run, metrics))).rejects.toMatchObject(full);
  await expect(
    history.settle(threads(...Array.from({ length: 999 }, (_, i) => ended(`n${i}`, i)))),
  ).rejects.toMatchObject(full);
  expect(await everything(history)).toStrictEqual(before);

  disk.database.exec('PRAGMA max_page_count = 1000000');
  await history.append({ events: big, rejected: [], at: day(9) });
  await judge(history, run, metrics);
  expect((await history.counts()).metric_rows).toBe(2003);
  await history.close();
});

async function everything(history: ReturnType<typeof sqliteHistory>) {
  return {
    counts: await history.counts(),
    unsettled: await history.unsettled(day(99), 9),
    tasks: await tasks(history),
    events: [...(await history.eventsOf(['run:a']))],
  };
}

function pageCount(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true });
  const row = database.prepare('PRAGMA page_count').get();
  database.close();
  return Number(row?.page_count);
}
