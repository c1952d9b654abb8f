import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { changesOf, episode, sighting } from '../../../test/support/episode-rows.ts';
import { ended, judge, metric } from '../../../test/support/history-rows.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { renderMail } from '../../render/mail/render-mail.ts';
import { sqliteHistory } from './history.ts';
import { SCHEMA_VERSION } from './migrations.ts';
import { INITIAL } from './schema.ts';

/** What version 1 wrote of an alert. */
const OLD_ITEM = {
  ...{ testName: 't', runId: 'r2', attempt: 1, outcome: 'success', finishedAt: Date.UTC(2026, 7, 3) },
  ...{ signal: 'metric:loss', reason: 'above', value: 2, valueKind: 'finite', lower: null, upper: 1.5 },
  ...{ baselineN: 0, demand: 'less than 1.5', streak: 1, recent: [1, 2], modelDir: '/models/r2' },
  ...{ lastGood: { runId: 'r1', finishedAt: Date.UTC(2026, 7, 2), value: 1 } },
  ...{ logsLink: null, workloadLink: 'https://jobs/r2' },
};

/** A store as version 1 left it: two runs, of which one raised an alert that is in no mail yet. */
function oldStore(): string {
  const file = join(temporaryFolder(), 'tidemark.db');
  const database = new DatabaseSync(file);
  database.exec(INITIAL);
  database.exec('PRAGMA user_version = 1; PRAGMA application_id = 0x54494445');
  const put = (table: string, row: Readonly<Record<string, string | number | null>>) => {
    const columns = Object.keys(row);
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
    database.prepare(sql).run(...Object.values(row));
  };
  for (const n of [1, 2]) {
    const at = `2026-08-0${n + 1}T00:00:00.000Z`;
    const run = { uuid: `uuid-r${n}`, run_id: `r${n}`, attempt: 1, test_name: 't' };
    put('job_history', {
      ...{ ...run, job_status: 'success', timestamp: at, finished_at: at, msg_publish_time: 0 },
      ...{ verdict: 'pass', labels: '{}', schema_version: 1, ingested_at: at },
    });
    put('metric_history', {
      ...{ uuid: run.uuid, run_id: run.run_id, test_name: 't', timestamp: at, metric_name: 'loss' },
      ...{ metric_value: n, value_kind: 'finite', verdict: 'pass', baseline_n: 0, ingested_at: at },
    });
    put('runs', {
      ...{ ...run, thread: `run:r${n}`, begun_at: at, outcome: 'success', finished_at: at },
      ...{ to_judge: 0, judged: 1 },
    });
  }
  put('alerts', {
    ...{ id: 'old', uuid: 'uuid-r2', test_name: 't', run_id: 'r2', signal: OLD_ITEM.signal },
    ...{ finished_at: '2026-08-03T00:00:00.000Z', recipients: '["ml@example.com"]', suppressed: 0 },
    ...{ item: JSON.stringify(OLD_ITEM), waiting: 1, created_at: '2026-08-03T00:00:00.000Z' },
  });
  database.close();
  return file;
}

test('a store of the first version opens with all that is in it, and takes episodes', async () => {
  const file = oldStore();
  const history = sqliteHistory({ file });
  const points = await history.series('t', 'loss', 9);
  expect(points.map(({ value }) => value)).toStrictEqual([1, 2]);
  expect(await history.episodesOf('t')).toStrictEqual([]);
  const [old, ...others] = await history.waitingNotices();
  expect(others).toStrictEqual([]);
  expect(old).toMatchObject({
    suppressed: false,
    notice: { id: 'old', kind: 'firing', episode: { testName: 't', signal: 'metric:loss', reason: 'above' } },
  });
  // It can be told, and is then off the list like any other.
  const request = { kind: 'test', notices: [old!.notice], cause: null, stillOpen: [] } as const;
  const frame = {
    key: 'k',
    from: 'a@b.example',
    to: ['c@d.example'],
    date: 0,
    threadId: null,
    subject: null,
  };
  const words = { why: 'x', silences: [], configFile: 'tidemark.yaml', command: 'tidemark' };
  expect(renderMail({ ...request, ...frame, ...words }).text).toContain('loss');
  await history.addMails([], { settled: ['old'] });
  const changes = changesOf(episode('e'));
  await judge(history, ended('r3', 3), [metric('loss', 9)], { learnt: [sighting('r3')], told: changes });
  expect(await history.waitingNotices()).toStrictEqual(changes.notices);
  await history.close();
  const database = new DatabaseSync(file, { readOnly: true });
  expect(database.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: SCHEMA_VERSION });
  database.close();
});
