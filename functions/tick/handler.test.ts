import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { handleTick } from './handler.ts';

/** A tick on a history that is no database, in a state that is fine otherwise. */
async function failingTick(history: string, settings: Readonly<Record<string, string>> = {}) {
  const folder = temporaryFolder();
  const config = join(folder, 'tidemark.json');
  writeFileSync(config, JSON.stringify({ model_roots: [], clusters: {} }));
  writeFileSync(join(folder, 'rubbish'), 'x'.repeat(10_000));
  const lines: string[] = [];
  const env = {
    TIDEMARK_CONFIG: config,
    TIDEMARK_STATE: folder,
    TIDEMARK_HISTORY: history.replace('FOLDER', folder),
    ...settings,
  };
  const { status, body } = await handleTick({ headers: {} }, { env, write: (line) => lines.push(line) });
  return { status, body, log: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

test.each([
  ['a history that cannot be used', 'sqlite:FOLDER/rubbish', 'rubbish'],
  ['a setting that names nothing', 'postgres:x', 'this version knows'],
])('%s fails the tick in one line that no stack follows', async (_, history, why) => {
  const { status, body, log } = await failingTick(history);
  expect(status).toBe(500);
  expect(body.error).toContain(why);
  expect(log).toHaveLength(1);
  expect(log[0]).toMatchObject({ event: 'tick_failed', severity: 'ERROR' });
  expect(log[0]).not.toHaveProperty('stack_trace');
});

test('the time of the function runs while its history is being opened', async () => {
  const begun = vi.spyOn(AbortSignal, 'timeout');
  try {
    // Opening fails, so the pass itself never begins.
    await failingTick('sqlite:FOLDER/rubbish');
    expect(begun.mock.calls).toStrictEqual([[672_000], [756_000]]);
  } finally {
    begun.mockRestore();
  }
});

test.each([
  'smpt://me:hunter2@mail.example.com:587',
  'SMTP://me:hunter2@mail.example.com:587',
  'me:hunter2@mail.example.com',
  'smtp://me:hunter2@mail.example.com:587',
])('a password in the mail setting %s stands neither in the log nor in the answer', async (mail) => {
  const { status, body, log } = await failingTick('sqlite:FOLDER/new.db', { TIDEMARK_MAIL: mail });
  expect(status).toBe(500);
  expect(body.error).toMatch(/mail/);
  expect(JSON.stringify({ body, log })).not.toContain('hunter2');
});
