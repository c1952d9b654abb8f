import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fileEventFiles } from './event-files.ts';
import { readAhead } from './read-ahead.ts';

const folder = mkdtempSync(join(tmpdir(), 'read-ahead-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MIB = 1 << 20;
const halves = () => [new Uint8Array(MIB), new Uint8Array(MIB)] as const;
const path = join(folder, 'events.tfevents');

/** Bytes that tell their place. */
function plant(size: number): Uint8Array {
  const bytes = Uint8Array.from({ length: size }, (_, at) => (at ^ (at >> 8) ^ (at >> 16)) & 0xff);
  writeFileSync(path, bytes);
  return bytes;
}

async function piecesOf(from: number, end: number): Promise<Buffer> {
  const handle = openSync(path, 'r');
  const pieces: Uint8Array[] = [];
  for await (const piece of readAhead({ handle, from, end, buffers: halves() })) pieces.push(piece.slice());
  closeSync(handle);
  return Buffer.concat(pieces);
}

test('all bytes come in order, from anywhere to anywhere', async () => {
  const bytes = plant(3 * MIB + 5);
  for (const [from, end] of [
    [0, bytes.length],
    [MIB - 1, 2 * MIB + 1],
    [7, 8],
    [0, 2 * MIB],
    [9, 9],
  ] as const)
    expect((await piecesOf(from, end)).equals(bytes.subarray(from, end)), `${from} to ${end}`).toBe(true);
});

test('a file that is shorter than it was ends earlier', async () => {
  const bytes = plant(2 * MIB);
  expect((await piecesOf(0, 9 * MIB)).equals(bytes)).toBe(true);
});

test('the file can be closed as soon as nobody wants more', async () => {
  plant(4 * MIB);
  const handle = openSync(path, 'r');
  for await (const piece of readAhead({ handle, from: 0, end: 4 * MIB, buffers: halves() })) {
    expect(piece).toHaveLength(MIB);
    break;
  }
  closeSync(handle);
});

test('what cannot be read is told to whoever reads', async () => {
  const handle = openSync(folder, 'r');
  await expect(Array.fromAsync(readAhead({ handle, from: 0, end: MIB, buffers: halves() }))).rejects.toThrow(
    'EISDIR',
  );
  closeSync(handle);
});

test('the store reads a large event file so, to the size that it listed', async () => {
  const bytes = plant(9 * MIB);
  const store = fileEventFiles();
  const [file] = (await store.list(folder)).files;
  const read = async () => {
    const pieces: Uint8Array[] = [];
    for await (const piece of store.open(file!, 3)) pieces.push(piece.slice());
    return Buffer.concat(pieces);
  };
  expect((await read()).equals(bytes.subarray(3))).toBe(true);
  plant(10 * MIB);
  expect((await read()).length).toBe(9 * MIB - 3);
  truncateSync(path, MIB);
  expect((await read()).length).toBe(MIB - 3);
});
