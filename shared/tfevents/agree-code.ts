import { OTHER, ROW, SHAPE } from './scan-memory.ts';
import { forOthers } from './slot-code.ts';
import {
  add,
  and,
  type Code,
  equal,
  type FunctionCode,
  get,
  i32,
  load,
  or,
  rotateRight,
  set,
  shiftLeft,
  shiftRight,
  store,
  subtract,
  unequal,
  when,
  xor,
} from './wasm.ts';

// How the scan knows that the CRC of a record agrees, without a look at the bytes that all of its shape have.

/** Its number, for `call`: it stands behind those of `match-code.ts`. */
export const AGREES = 2;

/** The function of the scan's module. */
export function agreeing(): FunctionCode[] {
  return [{ name: 'agrees', parameters: 2, locals: 6, gives: true, body: agrees() }];
}

/** What byte `byte` of a word adds to the CRC; `row` is that of the word's first byte. */
function change(word: Code, row: Code, { byte }: { byte: number }): Code {
  const value = byte === 3 ? shiftRight(word, i32(24)) : and(shiftRight(word, i32(8 * byte)), i32(0xff));
  return load([add(subtract(row, i32(byte * ROW)), shiftLeft(value, i32(2))), 0]);
}

function changes(word: Code, row: Code): Code {
  return [0, 1, 2, 3].map((byte) => change(word, row, { byte })).reduce((a, b) => xor(a, b));
}

/**
 * agrees(shape, at): whether the CRC of the record's payload is the stored one. What changes with every record is the
 * value, the first byte of the step and the fraction of a second; the rest is looked up when it has changed.
 */
function agrees(): Code {
  const [shape, at, high, low, varint, row, crc, other] = [0, 1, 2, 3, 4, 5, 6, 7];
  const field = (name: keyof typeof SHAPE): Code => load([get(shape), SHAPE[name]]);
  const inRecord = (name: keyof typeof SHAPE): Code => add(get(at), field(name));
  const slow = (name: 'high' | 'low' | 'varint', now: Code): Code => unequal(field(name), now);
  const lastOfLow = and(get(low), i32(0xff << 24));
  const notFirst = and(get(varint), i32(~0xff));
  const keep = (name: 'high' | 'low' | 'varint' | 'slowCrc', value: Code): Code =>
    store([get(shape), SHAPE[name]], value);
  const slowCrc = [
    field('crc'),
    changes(get(high), subtract(get(row), i32(4 * ROW))),
    change(get(low), get(row), { byte: 3 }),
    ...[1, 2, 3].map((byte) => change(get(varint), field('stepRow'), { byte })),
  ];
  const ofFirst = [
    field('slowCrc'),
    ...[0, 1, 2].map((byte) => change(get(low), get(row), { byte })),
    change(get(varint), field('stepRow'), { byte: 0 }),
    changes(load([inRecord('valueAt'), 0]), field('valueRow')),
  ].reduce((a, b) => xor(a, b));
  const ofOther = (name: keyof typeof OTHER): Code => load([get(other), OTHER[name]]);
  return [
    ...set(high, load([inRecord('wallTimeAt'), 4])),
    ...set(low, load([inRecord('wallTimeAt'), 0])),
    ...set(varint, and(load([inRecord('stepAt'), 0]), field('stepMask'))),
    ...set(row, field('wallTimeRow')),
    ...when(
      or(or(slow('high', get(high)), slow('low', lastOfLow)), slow('varint', notFirst)),
      keep('high', get(high)),
      keep('low', lastOfLow),
      keep('varint', notFirst),
      keep(
        'slowCrc',
        slowCrc.reduce((a, b) => xor(a, b)),
      ),
    ),
    ...set(crc, ofFirst),
    ...forOthers(get(shape), {
      other,
      body: set(
        crc,
        xor(get(crc), changes(load([add(get(at), ofOther('valueAt')), 0]), ofOther('valueRow'))),
      ),
    }),
    // As `mask` of crc32c.ts does it.
    ...equal(
      add(rotateRight(get(crc), i32(15)), i32(0xa282ead8)),
      load([subtract(inRecord('frame'), i32(4)), 0]),
    ),
  ];
}
