import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { printer } from './print.ts';

const folder = mkdtempSync(join(tmpdir(), 'print-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fifo(name: string): string {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  return path;
}

test('a pipe that does not wait for its reader loses nothing', async () => {
  const path = fifo('slow');
  const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const into = openSync(join(folder, 'out'), 'w');
  const child = spawn('cat', [path], { stdio: ['ignore', into, 'inherit'] });
  // Many times what a pipe holds, and its reader is only starting.
  const text = 'ä line\n'.repeat(200_000);
  printer(pipe)(text);
  closeSync(pipe);
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(readFileSync(join(folder, 'out'), 'utf8') === text).toBe(true);
});

test('a reader that goes away early ends the writing, not the program', () => {
  const path = fifo('gone');
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const pipe = openSync(path, constants.O_WRONLY);
  const print = printer(pipe);
  print('seen\n');
  closeSync(reader);
  expect(() => writeSync(pipe, 'x')).toThrow('EPIPE');
  print('unseen\n');
  print('unseen\n');
  closeSync(pipe);
});

test('a full disk is told', () => {
  const full = openSync('/dev/full', 'w');
  expect(() => printer(full)('text')).toThrow('ENOSPC');
  closeSync(full);
});
