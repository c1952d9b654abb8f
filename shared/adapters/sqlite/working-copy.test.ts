import { expect, test } from 'vitest';
import { day, ended, event, judge, metric, rejection, threads } from '../../../test/support/history-rows.ts';
import { formatTime } from '../../core/time.ts';
import type { TableName, TableRow, WorkingCopy } from '../../ports/tables.ts';
import { sqliteWorkingCopy } from './working-copy.ts';

/** The rows of a table that were changed, as keys, with a minus before those that are gone. */
function changed(copy: WorkingCopy, table: TableName): string[] {
  return (copy.changes().get(table) ?? []).map(
    ({ key, row }) => `${row === null ? '-' : ''}${key.join(' ')}`,
  );
}

/** All rows that one copy says were changed, taken into another. */
function taken(from: WorkingCopy): WorkingCopy {
  const copy = sqliteWorkingCopy();
  for (const [table, rows] of from.changes())
    copy.load(
      table,
      rows.flatMap(({ row }) => (row === null ? [] : [row])),
    );
  return copy;
}

test('rows that are loaded are no change, and what is done to them is', async () => {
  const first = sqliteWorkingCopy();
  await judge(first, ended('a', 1), [metric('loss', 1), metric('acc', 1)]);
  const copy = taken(first);
  expect(copy.changes().size).toBe(0);
  expect((await copy.findRun('t', 'a'))?.metrics).toHaveLength(2);
  await judge(copy, ended('a', 1), [metric('loss', 2)]);
  expect(changed(copy, 'metric_history')).toStrictEqual(['-uuid-a acc', 'uuid-a loss']);
  expect(changed(copy, 'job_history')).toStrictEqual(['uuid-a']);
  expect(changed(copy, 'run_events')).toStrictEqual([]);
  copy.clean();
  expect(copy.changes().size).toBe(0);
  await first.close();
  await copy.close();
});

test('a change tells between which times its row stood', async () => {
  const first = sqliteWorkingCopy();
  await judge(first, ended('a', 5), [metric('loss', 1)]);
  const copy = taken(first);
  for (const n of [9, 2]) {
    await judge(copy, ended('a', 1, { ended: { outcome: 'success', finishedAt: day(n) } }), [
      metric('loss', 1),
    ]);
  }
  const [row] = copy.changes().get('metric_history')!;
  expect(row!.between).toStrictEqual([formatTime(day(2)), formatTime(day(9))]);
  expect(row!.row).toMatchObject({ timestamp: formatTime(day(2)) });
  expect(copy.changes().get('runs')![0]!.between).toBeNull();
  await first.close();
  await copy.close();
});

test('a row that was changed or removed here is newer than the one that is loaded later', async () => {
  const first = sqliteWorkingCopy();
  const messages = ['kept', 'gone'].map((id) => rejection({ id }));
  await first.append({ events: [event()], rejected: messages, at: day(1) });
  const rows = (table: TableName): TableRow[] =>
    first
      .changes()
      .get(table)!
      .flatMap(({ row }) => (row === null ? [] : [row]));
  const copy = sqliteWorkingCopy();
  copy.load('rejected_messages', rows('rejected_messages'));
  await copy.forgetRejected(['gone']);
  await copy.settle(threads(ended('a', 1)));
  await copy.append({ events: [event({ publishTime: day(0) })], rejected: [], at: day(2) });
  copy.load('rejected_messages', rows('rejected_messages'));
  copy.load('run_events', rows('run_events'));
  expect((await copy.rejected()).map(({ id }) => id)).toStrictEqual(['kept']);
  expect((await copy.eventsOf(['run:a'])).get('run:a')).toMatchObject([{ publishTime: day(0) }]);
  copy.clean();
  copy.load('run_events', rows('run_events'));
  expect((await copy.eventsOf(['run:a'])).get('run:a')).toMatchObject([{ publishTime: day(0) }]);
  await first.close();
  await copy.close();
});

test('rows that say less than a row must are left out', async () => {
  const copy = sqliteWorkingCopy();
  copy.load('job_history', [{ uuid: 'u', test_name: 't', timestamp: formatTime(day(1)) }]);
  expect(copy.rowsWith('job_history', 'test_name', ['t'])).toStrictEqual([]);
  await copy.close();
});

test('rows are found by a column, whatever its values hold', async () => {
  const copy = sqliteWorkingCopy();
  const names = ['a', "it's", '\u0000', '😀'];
  await copy.settle(threads(...names.map((testName, n) => ended(`r${n}`, n, { testName }))));
  const found = copy.rowsWith('runs', 'test_name', ["it's", '\u0000', 'none']);
  expect(found.map(({ run_id }) => run_id).sort()).toStrictEqual(['r1', 'r2']);
  expect(copy.rowsWith('runs', 'test_name', [])).toStrictEqual([]);
  await copy.close();
});
