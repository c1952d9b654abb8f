import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../test/support/temporary-folder.ts';
import { keptLog } from '../test/support/world.ts';
import { loadSetup } from './config.ts';
import { withPorts } from './ports.ts';

async function around() {
  const log = keptLog();
  const setup = await loadSetup({ state: join(temporaryFolder(), 'state') }, {});
  return { setup, log, process: { env: {}, clock: { now: () => 0 }, log, print: () => {} } };
}

test('what cannot be closed hides neither the answer nor the failure of the work, and is told', async () => {
  const { setup, log, process } = await around();
  const breaking = async (ports: Parameters<Parameters<typeof withPorts>[2]>[0]) => {
    // Closing is the only thing the port is asked for after the work.
    Object.assign(ports.mailer, { close: () => Promise.reject(new Error('the line is dead')) });
    return 'done';
  };
  expect(await withPorts(setup, process, breaking)).toBe('done');
  const failing = withPorts(setup, process, async (ports) => {
    await breaking(ports);
    throw new Error('the work failed');
  });
  await expect(failing).rejects.toThrow('the work failed');
  expect(log.words.map(({ message }) => message)).toEqual([
    'What was opened could not be closed: the line is dead',
    'What was opened could not be closed: the line is dead',
  ]);
  // The history was closed all the same: its file is nobody's any more.
  const file = join(setup.state, 'tidemark.db');
  const database = new DatabaseSync(file);
  database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT');
  database.close();
});
