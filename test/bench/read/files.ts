import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32c, crc32cOfWords, mask, spanOf } from '../../../shared/tfevents/crc32c.ts';
import { image, simpleValue, tensorScalar } from '../../support/tfevents-writer.ts';
import { type Numbers, numbers } from '../lcg.ts';

/** How large the generated files are; the numbers of the goals are those of `FULL`. */
export interface ReadSizes {
  /** Points in each of the two files of scalars, and in all of eight runs together. */
  readonly points: number;
  readonly images: number;
  readonly imageBytes: number;
  readonly manyRuns: number;
}

const TAGS = [
  'train/loss',
  'train/accuracy',
  'train/learning_rate',
  'train/grad_norm',
  'eval/loss',
  'eval/top_5_accuracy',
  'perf/examples_per_second',
  'perf/step_time',
];
const START = 1_790_000_000;
const VERSION = Uint8Array.of(
  9,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0x1a,
  13,
  ...new TextEncoder().encode('brain.Event:2'),
);

type Style = 'tf1' | 'tf2';

/** The kinds of folders that are measured; each writes into an empty folder of its own. */
export const KINDS: Readonly<Record<string, (folder: string, sizes: ReadSizes) => void>> = {
  tf1: (folder, { points }) => scalarFile(join(folder, fileName(0)), { style: 'tf1', points, seed: 1 }),
  tf2: (folder, { points }) => scalarFile(join(folder, fileName(0)), { style: 'tf2', points, seed: 2 }),
  eight: (folder, { points }) => {
    for (let run = 0; run < 8; run++) {
      const style = run % 2 === 0 ? 'tf1' : 'tf2';
      scalarFile(join(folder, `run-${run}`, fileName(run)), { style, points: points / 8, seed: run });
    }
  },
  blobs: (folder, sizes) => blobFile(join(folder, fileName(0)), sizes),
  many: (folder, { manyRuns }) => {
    for (let run = 0; run < manyRuns; run++) {
      const path = join(folder, `run-${String(run).padStart(5, '0')}`, fileName(run));
      scalarFile(path, {
        style: run % 2 === 0 ? 'tf1' : 'tf2',
        points: 50,
        seed: run,
        tags: TAGS.slice(0, 5),
      });
    }
  },
  small: (folder) => scalarFile(join(folder, fileName(0)), { style: 'tf2', points: 50, seed: 3 }),
};

function fileName(number: number): string {
  return `events.out.tfevents.${START}.host-a.4242.${number}`;
}

interface ScalarFile {
  readonly style: Style;
  readonly points: number;
  readonly seed: number;
  readonly tags?: readonly string[];
}

/** The tags in turn at every step, as a training loop writes them. */
function scalarFile(path: string, { style, points, seed, tags = TAGS }: ScalarFile): void {
  const out = new RecordFile(path);
  const random = numbers(seed);
  const time = { now: START };
  out.add(VERSION);
  const events = tags.map((tag) => new ScalarEvents(tag, style));
  const steps = Math.ceil(points / tags.length);
  for (let step = 0, left = points; step < steps; step++) {
    tick(time, random);
    for (let tag = 0; tag < events.length && left > 0; tag++, left--) {
      time.now += 2e-5 * random.next();
      out.add(events[tag]!.at(step, { wallTime: time.now, value: (1 + random.next()) / (1 + step / 1000) }));
    }
  }
  out.close();
}

function tick(time: { now: number }, random: Numbers): void {
  time.now += 0.05 + 0.01 * random.next();
}

/** Two scalars and an image, again and again: nearly all bytes are images. */
function blobFile(path: string, { images, imageBytes }: ReadSizes): void {
  const out = new RecordFile(path);
  const random = numbers(4);
  const time = { now: START };
  out.add(VERSION);
  const events = TAGS.map((tag) => new ScalarEvents(tag, 'tf2'));
  for (let at = 0; at < images; at++) {
    const blob = image(`sample/${at % 4}`, at, imageBytes);
    for (let byte = blob.length - imageBytes; byte < blob.length; byte++) blob[byte] = random.next() * 256;
    out.add(blob);
    for (let step = 4 * at; step < 4 * at + 4; step++) {
      tick(time, random);
      for (const event of events) out.add(event.at(step, { wallTime: time.now, value: random.next() }));
    }
  }
  out.close();
}

/** The events of one tag; the array given is overwritten by the next call. */
class ScalarEvents {
  private readonly byStepLength = new Map<number, { payload: Uint8Array; view: DataView; valueAt: number }>();
  private readonly tag: string;
  private readonly style: Style;

  constructor(tag: string, style: Style) {
    this.tag = tag;
    this.style = style;
  }

  at(step: number, { wallTime, value }: { wallTime: number; value: number }): Uint8Array {
    const length = step === 0 ? 0 : Math.floor(Math.log2(step) / 7) + 1;
    const made = this.byStepLength.get(length) ?? this.make(step, length);
    const { payload, view, valueAt } = made;
    view.setFloat64(1, wallTime, true);
    for (let at = 0, rest = step; at < length; at++, rest >>>= 7)
      payload[10 + at] = (rest & 0x7f) | (at < length - 1 ? 0x80 : 0);
    view.setFloat32(valueAt, value, true);
    return payload;
  }

  private make(step: number, length: number) {
    const marker = Math.fround(1.2345e-30);
    const payload =
      this.style === 'tf1'
        ? simpleValue(this.tag, step, marker)
        : tensorScalar(this.tag, step, { value: marker });
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    let valueAt = 0;
    while (view.getFloat32(valueAt, true) !== marker) valueAt++;
    const made = { payload, view, valueAt };
    this.byStepLength.set(length, made);
    return made;
  }
}

/** A file of TFRecords, written in large pieces. */
class RecordFile {
  private readonly handle: number;
  private readonly piece = new Uint8Array(4 << 20);
  private readonly view = new DataView(this.piece.buffer);
  private used = 0;

  constructor(path: string) {
    mkdirSync(join(path, '..'), { recursive: true });
    this.handle = openSync(path, 'w');
  }

  add(payload: Uint8Array): void {
    if (this.used + payload.length + 16 > this.piece.length) this.flush();
    const { piece, view, used } = this;
    view.setUint32(used, payload.length, true);
    view.setUint32(used + 4, 0, true);
    view.setInt32(used + 8, mask(crc32cOfWords(payload.length, 0)), true);
    piece.set(payload, used + 12);
    view.setInt32(used + 12 + payload.length, mask(crc32c(spanOf(payload))), true);
    this.used += payload.length + 16;
  }

  close(): void {
    this.flush();
    closeSync(this.handle);
  }

  private flush(): void {
    for (let at = 0; at < this.used; ) at += writeSync(this.handle, this.piece, at, this.used - at);
    this.used = 0;
  }
}
