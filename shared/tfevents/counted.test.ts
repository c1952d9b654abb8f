import { describe, expect, test } from 'vitest';
import { chunked } from '../../test/support/chunked.ts';
import {
  bytes,
  concat,
  eventFile,
  float,
  image,
  simpleValue,
  string,
  summaryEvent,
  varint,
} from '../../test/support/tfevents-writer.ts';
import { type ReadOptions, readRuns } from './read.ts';

// What is read and is no point, or is one with a step that no double holds, is counted, however a record is read.

const text = (size: number) =>
  concat([string(1, 'text'), bytes(8, concat([varint(1, 7), bytes(8, new Uint8Array(size))]))]);
const loss = concat([string(1, 'loss'), float(2, 1)]);

async function readOne(records: readonly Uint8Array[], options: ReadOptions = {}) {
  const file = { path: 'tfevents', run: '.', bytes: chunked(eventFile(records), 4096) };
  const [run] = await Array.fromAsync(readRuns([file], options));
  return { ...run!, file: run!.files[0]! };
}

/** As whole records, as records that stream by, and with shapes learnt at once. */
const WAYS: readonly ReadOptions[] = [{}, { wholeRecordBytes: 0 }, { learnAfter: 0 }];

describe('tensors that are no scalars', () => {
  test.each(WAYS)('are counted beside scalars, read with %o', async (options) => {
    const records = Array.from({ length: 300 }, (_, step) => summaryEvent(step, 5, [loss, text(9)]));
    const { file, series } = await readOne(records, options);
    expect(file).toMatchObject({ otherTensors: 300, hugeSteps: 0, damage: null });
    expect(series.map(({ tag, columns }) => [tag, columns.length])).toEqual([['loss', 300]]);
  });

  test.each(WAYS)(
    'are counted whatever their size, and images of TensorFlow 1 are none, with %o',
    async (options) => {
      const records = [
        summaryEvent(0, 5, [text(0)]),
        summaryEvent(0, 5, [text(300_000)]),
        image('i', 1, 500),
      ];
      expect((await readOne(records, options)).file.otherTensors).toBe(2);
    },
  );
});

test.each(WAYS)('steps are flagged beyond 2^53, on both sides, and not before, with %o', async (options) => {
  const edge = 2n ** 53n;
  const steps = [-edge - 1n, -edge, edge - 1n, edge, edge + 1n, edge + 2n];
  const { file } = await readOne(
    steps.map((step) => simpleValue('loss', step, 1, 5)),
    options,
  );
  expect(file.hugeSteps).toBe(3);
});
