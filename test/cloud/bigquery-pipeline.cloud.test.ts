import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { sqliteHistory } from '../../shared/adapters/sqlite/history.ts';
import { tick } from '../../shared/pipeline/tick.ts';
import type { History } from '../../shared/ports/history.ts';
import { TABLE_NAMES, type TableRow, type TableStore } from '../../shared/ports/tables.ts';
import { reusedDataset, standInHistory } from '../support/bigquery.ts';
import { everything } from '../support/scenario.ts';
import { deliveriesOf, type Pass, schedules } from '../support/schedule.ts';
import { describeWith } from '../support/stand-ins.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { makeWorld, plainQueue, settingsOf } from '../support/world.ts';

const SCENARIO = everything('memory:/models');

type Store = History & TableStore;

/** What passes leave behind, each of them with a history that is opened for it. */
async function play(open: () => Promise<Store>, passes: readonly Pass[]) {
  const settings = settingsOf(SCENARIO.tests);
  const { ports } = makeWorld(settings, { files: SCENARIO.files, queue: plainQueue() });
  for (const { now, messages } of passes) {
    for (const { body, name, publishTime } of messages)
      await ports.queue.publish(body, name, { publishTime });
    const history = await open();
    await tick({ ...ports, history, clock: { now: () => now } }, settings);
    await history.close();
  }
  const history = await open();
  const tables = await tablesOf(history);
  await history.close();
  return tables;
}

/** All rows of all tables. Labels are an object, whose order says nothing. */
async function tablesOf(store: TableStore) {
  const tables: Record<string, readonly object[]> = {};
  for (const name of TABLE_NAMES) {
    const rows: TableRow[] = [];
    for await (const page of store.rowsOf(name)) rows.push(...page);
    tables[name] = rows.map(({ labels, ...row }) =>
      labels === undefined ? row : { ...row, labels: JSON.parse(String(labels)) },
    );
  }
  return tables;
}

describeWith(['bigquery'], 'ticks on BigQuery', () => {
  const empty = reusedDataset();

  // Eleven ticks; the stand-in takes a second for each transaction where the machine is busy.
  test('leave the same rows in every table as ticks on SQLite, however messages are spread over them', {
    timeout: 400_000,
  }, async () => {
    const given = fc.sample(schedules(SCENARIO.messages.length), { numRuns: 1, seed: 20260803 });
    for (const schedule of given) {
      const passes = deliveriesOf(SCENARIO, schedule);
      const file = join(temporaryFolder(), 'tidemark.db');
      const embedded = await play(async () => sqliteHistory({ file }), passes);
      const dataset = await empty();
      const cloud = await play(() => standInHistory({ dataset, limits: { depth: 2 } }), passes);
      expect(cloud).toStrictEqual(embedded);
      expect(cloud.job_history!.length).toBeGreaterThan(10);
      expect(cloud.alerts!.length).toBeGreaterThan(0);
    }
  });

  test('a history is copied from SQLite and back without loss', async () => {
    const file = join(temporaryFolder(), 'tidemark.db');
    const from = sqliteHistory({ file });
    await from.close();
    const passes = [{ now: SCENARIO.end, messages: SCENARIO.messages }];
    const before = await play(async () => sqliteHistory({ file }), passes);
    const dataset = await empty();
    const [source, cloud] = [sqliteHistory({ file }), await standInHistory({ dataset })];
    const back = sqliteHistory({ file: join(temporaryFolder(), 'back.db') });
    for (let time = 1; time <= 2; time++) {
      for (const name of TABLE_NAMES) {
        for await (const rows of source.rowsOf(name)) await cloud.putRows(name, rows);
      }
    }
    for (const name of TABLE_NAMES) {
      for await (const rows of cloud.rowsOf(name)) await back.putRows(name, rows);
    }
    expect(await tablesOf(cloud)).toStrictEqual(before);
    expect(await tablesOf(back)).toStrictEqual(before);
    for (const store of [source, cloud, back]) await store.close();
  });
});
