import { crc32c, crc32cOfWords, mask, spanOf } from '../../shared/tfevents/crc32c.ts';
import { concat, frame } from '../support/tfevents-writer.ts';
import type { Choices } from './random.ts';

/** Bytes that mean something in records: keys, lengths, the ends of varints. */
const TELLING = [
  0, 1, 2, 4, 8, 9, 0x0a, 0x10, 0x12, 0x15, 0x22, 0x2a, 0x2b, 0x2c, 0x32, 0x3a, 0x42, 0x4a, 0x7f, 0x80, 0xff,
];
const LONGEST = 300_000;

/** A file made of the given ones, changed in a few places; some changes leave the CRCs right. */
export function mutant(files: readonly Uint8Array[], random: Choices): Uint8Array {
  let file = random.one(files);
  if (random.rarely(4)) file = splice(file, random.one(files), random);
  for (let turn = random.below(4); turn >= 0; turn--) file = random.one(WAYS)(file, random);
  return file.subarray(0, LONGEST);
}

type Way = (file: Uint8Array, random: Choices) => Uint8Array;

const WAYS: readonly Way[] = [
  setByte,
  setByte,
  flipBit,
  cut,
  takeOut,
  repeat,
  zero,
  inPayload,
  inPayload,
  inPayload,
  swap,
  join,
  frameAgain,
];

function setByte(file: Uint8Array, random: Choices): Uint8Array {
  const out = file.slice();
  if (out.length > 0)
    out[random.below(out.length)] = random.rarely(2) ? random.below(256) : random.one(TELLING);
  return out;
}

function flipBit(file: Uint8Array, random: Choices): Uint8Array {
  const out = file.slice();
  if (out.length > 0) out[random.below(out.length)]! ^= 1 << random.below(8);
  return out;
}

function cut(file: Uint8Array, random: Choices): Uint8Array {
  return random.rarely(3) ? file.slice(0, random.below(file.length + 1)) : file;
}

function takeOut(file: Uint8Array, random: Choices): Uint8Array {
  const from = random.below(file.length + 1);
  return concat([file.subarray(0, from), file.subarray(from + random.below(40))]);
}

function repeat(file: Uint8Array, random: Choices): Uint8Array {
  const from = random.below(file.length + 1);
  const to = from + random.below(200);
  return concat([file.subarray(0, to), file.subarray(from, to), file.subarray(to)]);
}

function zero(file: Uint8Array, random: Choices): Uint8Array {
  const out = file.slice();
  const from = random.below(out.length + 1);
  return out.fill(0, from, from + random.below(60));
}

function splice(a: Uint8Array, b: Uint8Array, random: Choices): Uint8Array {
  const [left, right] = [recordsOf(a), recordsOf(b)];
  return concat([
    ...left.slice(0, random.below(left.length + 1)),
    ...right.slice(random.below(right.length + 1)),
  ]);
}

/** Changes the payload of one record and gives it the CRC that is then right. */
function inPayload(file: Uint8Array, random: Choices): Uint8Array {
  const records = recordsOf(file);
  if (records.length === 0) return file;
  const at = random.below(records.length);
  const payload = random.one([setByte, setByte, flipBit, takeOut, repeat, zero])(
    records[at]!.slice(12, -4),
    random,
  );
  return concat(records.with(at, frame(payload)));
}

function swap(file: Uint8Array, random: Choices): Uint8Array {
  const records = recordsOf(file);
  if (records.length < 2) return file;
  const [a, b] = [random.below(records.length), random.below(records.length)];
  return concat(records.with(a, records[b]!).with(b, records[a]!));
}

/** Makes one event of each few records: what stands behind the wall time and the step of the later ones is the first's. */
function join(file: Uint8Array, random: Choices): Uint8Array {
  const payloads = recordsOf(file).map((record) => record.subarray(12, -4));
  const few = 2 + random.below(8);
  const groups = Array.from({ length: Math.ceil(payloads.length / few) }, (_, at) =>
    payloads.slice(few * at, few * at + few),
  );
  return concat(
    groups.map(([first, ...others]) =>
      frame(concat([first!, ...others.map((one) => one.subarray(bodyAt(one)))])),
    ),
  );
}

/** Where in a payload its wall time and step end, if it begins with them. */
function bodyAt(payload: Uint8Array): number {
  let at = payload[0] === 0x09 ? 9 : 0;
  if (payload[at] !== 0x10) return at;
  while (payload[++at]! >= 0x80);
  return at + 1;
}

/** Puts a header that is right before any bytes. */
function frameAgain(file: Uint8Array, random: Choices): Uint8Array {
  const out = file.slice();
  if (out.length < 16) return out;
  const at = random.below(out.length - 15);
  const { view } = spanOf(out);
  const length = random.one([0, 1, 16, 40, 1000, out.length, 2 ** 20 + 1, 2 ** 31 - 1, -1]);
  const high = random.rarely(4) ? random.one([1, 2 ** 20, -1]) : 0;
  view.setInt32(at, length, true);
  view.setInt32(at + 4, high, true);
  view.setInt32(at + 8, mask(crc32cOfWords(length, high)), true);
  const end = at + 12 + length;
  if (length >= 0 && high === 0 && end + 4 <= out.length)
    view.setInt32(end, mask(crc32c({ ...spanOf(out), start: at + 12, end })), true);
  return out;
}

/** The records of a file up to the first whose length leads out of it. */
function recordsOf(file: Uint8Array): Uint8Array[] {
  const { view } = spanOf(file);
  const records: Uint8Array[] = [];
  for (let at = 0; at + 16 <= file.length; ) {
    const end = at + 16 + view.getUint32(at, true);
    if (view.getUint32(at + 4, true) !== 0 || end > file.length) break;
    records.push(file.subarray(at, end));
    at = end;
  }
  return records;
}
