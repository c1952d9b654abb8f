import { join } from 'node:path';
import { expect, test } from 'vitest';
import { day, ended, event, metric, recordOf, threads } from '../../../test/support/history-rows.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import type { SqlDatabase } from './database.ts';
import { openFile, sqliteHistory } from './history.ts';

/** A history that notes whether each commit waits for the disk. */
function noted() {
  let waits = 'FULL';
  const commits: string[] = [];
  let failing = false;
  const open = (path: string): SqlDatabase => {
    const database = openFile(path);
    return {
      exec: (sql) => {
        waits = /^PRAGMA synchronous = (\w+)$/.exec(sql)?.[1] ?? waits;
        if (sql === 'COMMIT') commits.push(waits);
        if (sql === 'COMMIT' && failing) throw new Error('no more');
        database.exec(sql);
      },
      prepare: (sql) => database.prepare(sql),
      close: () => database.close(),
    };
  };
  const history = sqliteHistory({ file: join(temporaryFolder(), 'tidemark.db'), open });
  commits.length = 0;
  return {
    history,
    commits,
    waits: () => waits,
    fail: (now: boolean) => {
      failing = now;
    },
  };
}

const run = ended('a', 1);

test('rows of a run do not wait for the disk; messages, the index, mails and what follows do', async () => {
  const { history, commits, waits } = noted();
  await history.append({ events: [event()], rejected: [], at: day(1) });
  await history.settle(threads(run));
  await history.record(recordOf(run, [metric('loss', 1)]));
  await history.addMails([], {});
  expect(commits).toStrictEqual(['FULL', 'FULL', 'NORMAL', 'FULL']);
  expect(waits()).toBe('FULL');
  await history.close();
});

test('after rows that could not be written, commits wait for the disk again', async () => {
  const { history, waits, fail } = noted();
  await history.settle(threads(run));
  fail(true);
  await expect(history.record(recordOf(run, [metric('loss', 1)]))).rejects.toThrow('no more');
  expect(waits()).toBe('FULL');
  fail(false);
  expect(await history.findRun('t', 'a')).toMatchObject({ job: null });
  await history.close();
});
