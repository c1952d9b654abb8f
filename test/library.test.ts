import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EventSource, PortError, type ReadOptions, readRuns } from '../functions/tfevents.ts';
import { memoryEventFiles } from '../shared/adapters/memory/event-files.ts';
import { chunked } from './support/chunked.ts';
import { eventFile, scalars, simpleValue } from './support/tfevents-writer.ts';

const FILE = eventFile(scalars({ loss: [0.5, 0.25, 0.75] }, { wallTime: 100, every: 10 }));
const folder = mkdtempSync(join(tmpdir(), 'library-'));
beforeAll(() => {
  mkdirSync(join(folder, 'train'));
  writeFileSync(join(folder, 'train/events.out.tfevents.1'), FILE);
  writeFileSync(join(folder, 'events.out.tfevents.1'), FILE);
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (source: EventSource, options?: ReadOptions) => Array.fromAsync(readRuns(source, options));
const bytes = (path: string, content: Uint8Array) => ({ path, bytes: chunked(content, 33) });

describe('readRuns of the library', () => {
  test.each<[string, () => EventSource]>([
    ['a path', () => folder],
    ['a URL', () => pathToFileURL(folder)],
    ['the text of a URL', () => pathToFileURL(folder).href],
    [
      'a place in a store',
      () => ({ store: memoryEventFiles({ 'm/train/tfevents': FILE, 'm/tfevents': FILE }), place: 'm' }),
    ],
    ['bytes', () => [bytes('train/tfevents', FILE), bytes('tfevents', FILE)]],
  ])('reads %s', async (_what, source) => {
    const runs = await read(source());
    expect(runs.map(({ run, series, notes }) => [run, series.map(({ tag }) => tag), notes])).toEqual([
      ['.', ['loss'], []],
      ['train', ['loss'], []],
    ]);
    expect(runs[1]!.files).toMatchObject([
      { records: 4, damage: null, bytes: FILE.length, resumeAt: FILE.length },
    ]);
  });

  test('gives the summary and the points of a series', async () => {
    const [run] = await read([bytes('tfevents', FILE)]);
    const [loss] = run!.series;
    expect(loss).toMatchObject({ run: '.', tag: 'loss', attempt: null, count: 3, removed: 0, merged: 0 });
    expect(loss!.summary()).toEqual({
      count: 3,
      nan: 0,
      posinf: 0,
      neginf: 0,
      first: { step: 0, wallTime: 100, value: 0.5 },
      final: { step: 2, wallTime: 120, value: 0.75 },
      min: 0.25,
      max: 0.75,
      mean: 0.5,
      median: 0.5,
      minPoint: { step: 1, wallTime: 110, value: 0.25 },
      maxPoint: { step: 2, wallTime: 120, value: 0.75 },
    });
    expect(loss!.columns()).toEqual({
      steps: Float64Array.of(0, 1, 2),
      wallTimes: Float64Array.of(100, 110, 120),
      values: Float64Array.of(0.5, 0.25, 0.75),
    });
  });

  test('goes on where an earlier reading ended', async () => {
    const cut = FILE.subarray(0, FILE.length - 10);
    const [before] = await read([bytes('tfevents', cut)]);
    const offset = before!.files[0]!.resumeAt;
    const [after] = await read([{ path: 'tfevents', bytes: chunked(FILE.subarray(offset), 9), offset }]);
    const values = [before, after].flatMap((run) => [...run!.series[0]!.columns().values]);
    expect(values).toEqual([0.5, 0.25, 0.75]);
  });

  test('tells attempts apart by when they began', async () => {
    const life = (step: number, wallTime: number) =>
      eventFile([simpleValue('loss', step, wallTime, wallTime)], { version: false });
    const files = () => [
      bytes('1.tfevents', life(5, 10)),
      bytes('2.tfevents', life(3, 20)),
      bytes('3.tfevents', life(4, 25)),
    ];
    const steps = async (options: ReadOptions) =>
      (await read(files(), options))[0]!.series.map((one) => [one.attempt, ...one.columns().steps]);
    expect(await steps({})).toEqual([[null, 3, 4]]);
    expect(await steps({ attempts: [9, 15] })).toEqual([
      [1, 5],
      [2, 3, 4],
    ]);
    expect(await steps({ attempts: [100] })).toEqual([[1, 3, 4]]);
  });

  test('reads several runs at once in their order, and throws what a source throws', async () => {
    const files = Array.from({ length: 20 }, (_, at) => bytes(`run-${at + 10}/tfevents`, FILE));
    const runs = await read(files, { concurrency: 4 });
    expect(runs.map(({ run }) => run)).toEqual(files.map(({ path }) => path.slice(0, -9)));
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield FILE.subarray(0, 50);
      throw new Error('the network is gone');
    }
    const some = [
      bytes('a/tfevents', FILE),
      { path: 'b/tfevents', bytes: broken() },
      bytes('c/tfevents', FILE),
    ];
    await expect(read(some, { concurrency: 3 })).rejects.toThrow('the network is gone');
  });

  test('keeps to a number of tags', async () => {
    const tags = ['a', 'b', 'c', 'a', 'c', 'c'].map((tag, at) => simpleValue(tag, at, at));
    const [run] = await read([bytes('tfevents', eventFile(tags))], { maxTags: 2 });
    expect(run!.series.map(({ tag, count }) => [tag, count])).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
    expect(run!.notes).toEqual([
      'Left out 3 points of tags that came when the run had as many tags as it may have',
    ]);
  });

  test('refuses a place that is not there, by its name', async () => {
    const gone = join(folder, 'gone');
    const error = await read(gone).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PortError);
    expect(error).toMatchObject({
      code: 'not-found',
      message: `Cannot read "${gone}": there is no such file or folder`,
    });
  });
});
