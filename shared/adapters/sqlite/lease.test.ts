import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { leaseContract } from '../../../test/contracts/lease.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { PortError } from '../../ports/error.ts';
import { sqliteLease } from './lease.ts';

leaseContract({
  name: 'sqlite',
  open: async () => {
    const file = join(temporaryFolder(), 'state', 'lease.db');
    return [sqliteLease(file), sqliteLease(file)];
  },
});

/** A program that takes the lease, says whether it got it, and then does nothing. */
const HOLDER = `
import { sqliteLease } from '${pathToFileURL(join(import.meta.dirname, 'lease.ts'))}';
const held = await sqliteLease(process.argv[2]).acquire();
console.log(held === null ? 'null' : 'held');
setInterval(() => held, 1000);
`;

/** Starts the program and waits for what it says first. */
async function holder(folder: string, file: string) {
  const script = join(folder, 'holder.ts');
  writeFileSync(script, HOLDER);
  const child = spawn(process.execPath, [script, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(child.stdout, 'data');
  const kill = async () => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return { said: String(said).trim(), kill };
}

test('what another process holds is refused until that process is killed', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'lease.db');
  const lease = sqliteLease(file);
  const first = await holder(folder, file);
  try {
    expect(first.said).toBe('held');
    expect(await lease.acquire()).toBeNull();
  } finally {
    await first.kill();
  }
  const held = await lease.acquire();
  expect(held).not.toBeNull();
  const second = await holder(folder, file);
  try {
    expect(second.said).toBe('null');
  } finally {
    await second.kill();
  }
  await held!.release();
});

test('a place where no lease can be is an error in our words, not "somebody else holds it"', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'lease.db'));
  writeFileSync(join(folder, 'text'), 'a file, not a folder');
  for (const file of [join(folder, 'lease.db'), join(folder, 'text', 'lease.db')]) {
    const refusal = await sqliteLease(file)
      .acquire()
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(PortError);
    expect(refusal).toMatchObject({ code: 'denied' });
  }
});

test('a file that is no lease is refused and stays as it was', async () => {
  const file = join(temporaryFolder(), 'lease.db');
  writeFileSync(file, 'something else '.repeat(100));
  await expect(sqliteLease(file).acquire()).rejects.toMatchObject({ code: 'invalid' });
  expect(existsSync(`${file}-journal`)).toBe(false);
});
