import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Children, type Command, logTail, startChildren } from '../../scripts/cloud/children.ts';
import { poll } from '../../scripts/cloud/tools.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const running: Children[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((children) => children.stop()));
});

function children(): Children {
  const made = startChildren();
  running.push(made);
  return made;
}

const node = (source: string): Command => [process.execPath, '-e', source];

/** A server that starts another process, and writes the numbers of both to `file`. */
const family = (file: string): string => `
  const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
  require('node:fs').writeFileSync(${JSON.stringify(file)}, process.pid + ' ' + child.pid);
  setInterval(() => {}, 1e6);`;

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return true;
  }
  // A process that nobody has asked about its end is still counted, though it does nothing any more.
  const state = `/proc/${pid}/stat`;
  return existsSync(state) && /\) Z /.test(readFileSync(state, 'utf8'));
}

const patience = { signal: new AbortController().signal, seconds: 30 };

async function numbersIn(file: string): Promise<number[]> {
  let numbers: number[] = [];
  await poll(async () => {
    numbers = readFileSync(file, 'utf8').split(' ').map(Number);
    return numbers.length === 2;
  }, patience);
  return numbers;
}

const allGone = (pids: readonly number[]) => poll(async () => pids.every(isGone), patience);

describe('the processes of a run', () => {
  test('say how they ended, and what they said is in the log', async () => {
    const log = join(temporaryFolder(), 'log');
    const command = node('console.log("out"); console.error(process.env.WORD); process.exit(3)');
    const code = await children().run(command, { log, environment: { WORD: 'err' } });
    expect([code, logTail(log), logTail(log, 1)]).toEqual([3, 'out\nerr', 'err']);
  });

  test('that cannot start are named', async () => {
    const log = join(temporaryFolder(), 'log');
    await expect(children().run(['/no/such/program'], { log })).rejects.toThrow(/Cannot start .*program/);
    const server = children().serve(['/no/such/program'], { log });
    if (!server.ended.aborted) await once(server.ended, 'abort');
    await server.stop();
  });

  test('end with what they have started, and none starts after that', async () => {
    const folder = temporaryFolder();
    const all = children();
    const server = all.serve(node(family(join(folder, 'pids'))), { log: join(folder, 'log') });
    const pids = await numbersIn(join(folder, 'pids'));
    expect(pids.map(isGone)).toEqual([false, false]);
    await all.stop();
    expect([server.ended.aborted, await allGone(pids)]).toEqual([true, true]);
    expect(() => all.serve(node(''), { log: join(folder, 'log') })).toThrow(/interrupted/);
  });

  test.runIf(process.platform === 'linux')('end even when this one is killed outright', async () => {
    const folder = temporaryFolder();
    const module = JSON.stringify(join(import.meta.dirname, '../../scripts/cloud/children.ts'));
    const file = join(folder, 'pids');
    const command = JSON.stringify(node(family(file)));
    const source = `import { startChildren } from ${module};
      startChildren().serve(${command}, { log: ${JSON.stringify(join(folder, 'log'))} });`;
    writeFileSync(join(folder, 'parent.mts'), source);
    const parent = spawn(process.execPath, [join(folder, 'parent.mts')], { stdio: 'ignore' });
    const pids = await numbersIn(file);
    expect(pids.map(isGone)).toEqual([false, false]);
    parent.kill('SIGKILL');
    expect(await allGone(pids)).toBe(true);
  });
});
