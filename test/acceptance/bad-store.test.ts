// A history that is damaged, foreign, too new, not writable or out of room: told in a sentence, never changed.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { finished, MAIN, start, type Workspace, workspaces } from '../support/cli.ts';

const workspace = workspaces();
const NOW = ['--now', '2026-09-01T00:00:00Z'];

async function judged(): Promise<Workspace> {
  const at = workspace();
  at.message(finished('r1', { started_at: '2026-08-01T00:00:00Z' }));
  expect(await at.run(['tick', ...NOW])).toMatchObject({ status: 0 });
  return at;
}

/** Changes the database file behind Tidemark's back. */
function spoil(at: Workspace, how: (file: string) => void): Uint8Array {
  const file = at.path('state/tidemark.db');
  how(file);
  return readFileSync(file);
}

function sql(text: string): (file: string) => void {
  return (file) => {
    const database = new DatabaseSync(file);
    database.exec(text);
    database.close();
  };
}

const LATER_CALLS = [
  ['tick'],
  ['verdict', 'mnist'],
  ['query', 'select 1'],
  ['status'],
  ['replay'],
  ['doctor'],
];

describe('a database that cannot be used is refused and stays as it is', () => {
  test.each([
    [
      'corrupt',
      (file: string) => writeFileSync(file, 'no database at all, but long enough'.repeat(99)),
      /not a database/,
    ],
    [
      'of a newer Tidemark',
      sql('pragma user_version = 99'),
      /schema is version 99 .*Install the newer Tidemark/,
    ],
    ['of another program', sql('pragma application_id = 7'), /database of another program/],
  ])('%s', async (_, how, sentence) => {
    const at = await judged();
    const before = spoil(at, how);
    at.message(finished('r2'));
    for (const call of LATER_CALLS) {
      const answer = await at.run(call);
      expect(answer.status, call.join(' ')).toBe(2);
      expect(answer.stdout + answer.stderr).toMatch(sentence);
      expect(answer.stderr).not.toContain('internal error');
    }
    expect(readFileSync(at.path('state/tidemark.db'))).toEqual(Buffer.from(before));
    expect(at.list('state/spool/incoming')).toHaveLength(1);
  });

  test('one that is not there: commands that only look make none', async () => {
    const at = workspace();
    for (const call of [['verdict', 'mnist'], ['query', 'select 1'], ['status'], ['history', 'mnist']]) {
      const answer = await at.run(call);
      expect(answer).toMatchObject({ status: 2, stdout: '' });
      expect(answer.stderr).toContain(at.state);
    }
    expect(at.list('state')).toEqual([]);
  });
});

/** As root nothing is forbidden: then the command runs as nobody. */
const OTHER = process.getuid?.() === 0 ? { uid: 65_534 } : {};

describe('a state folder that may not be written', () => {
  test('told with its name; messages stay where they are', async () => {
    const at = workspace();
    at.message(finished('r1'));
    for (const folder of ['.', 'state', 'state/spool', 'state/spool/incoming'])
      chmodSync(at.path(folder), 0o555);
    const answer = await at.spawn(['tick'], OTHER);
    for (const folder of ['.', 'state', 'state/spool', 'state/spool/incoming'])
      chmodSync(at.path(folder), 0o755);
    expect(answer).toMatchObject({ status: 2, stdout: '' });
    expect(answer.stderr).toContain(at.path('state'));
    expect(answer.stderr).not.toContain('internal error');
    expect(at.list('state/spool/incoming')).toHaveLength(1);
    expect(await at.run(['tick', ...NOW])).toMatchObject({ status: 0 });
    expect(await at.query('select run_id from job_history')).toEqual([{ run_id: 'r1' }]);
  });

  test('publish keeps its exit code and says that the message is lost', async () => {
    const at = workspace();
    at.write('state/keep', '');
    chmodSync(at.path('.'), 0o755);
    chmodSync(at.path('state'), 0o555);
    const args = ['publish', '--test-name', 'mnist', '--outcome', 'success', '--run-id', 'r1'];
    const answer = await at.spawn(args, OTHER);
    const strict = await at.spawn([...args, '--strict'], OTHER);
    chmodSync(at.path('state'), 0o755);
    expect(answer).toMatchObject({ status: 0, stdout: '' });
    expect(answer.stderr).toContain('It is lost.');
    expect(strict.status).toBe(70);
  });
});

test('a disk that is full in the middle of a tick loses nothing', async () => {
  const messages = Array.from({ length: 300 }, (_, n) =>
    finished(`night-${n}`, { started_at: '2026-08-01T00:00:00Z', labels: { filler: 'x'.repeat(1500) } }),
  );
  const at = await judged();
  const whole = await judged();
  for (const message of messages) {
    at.message(message);
    whole.message(message);
  }
  // No file of the child may grow beyond 320 blocks of 512 bytes: to it the disk is full there.
  const command = `ulimit -f 320; exec '${process.execPath}' '${MAIN}' --state '${at.state}' tick ${NOW.join(' ')}`;
  const answer = await start(['sh', '-c', command]);
  expect(answer.status).toBe(70);
  expect(answer.stderr).toMatch(/^tidemark: Cannot (use|write) history/m);
  expect(answer.stderr).not.toContain('internal error');
  expect(await at.run(['tick', ...NOW])).toMatchObject({ status: 0 });
  await whole.run(['tick', ...NOW]);
  const tables = await at.tables();
  expect(tables.jobs).toHaveLength(301);
  expect(tables).toEqual(await whole.tables());
});
