import { BY_FRAME, LONGEST_FRAME, ROW, SHAPE } from './scan-memory.ts';
import {
  add,
  and,
  and128,
  anyBit128,
  branch,
  branchIf,
  type Code,
  call,
  equal,
  type FunctionCode,
  get,
  give,
  i32,
  less,
  lessSigned,
  load,
  load128,
  loop,
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
  xor128,
} from './wasm.ts';

// How the scan knows a record: whether it has the bytes of a shape, which shape it has, and whether its CRC agrees.
// Sixteen bytes are compared at once.

/** The numbers of these functions, for `call`. */
export const [FITS, FIND, AGREES] = [0, 1, 2];

/** The first functions of the scan's module, in that order. */
export const MATCHING: readonly FunctionCode[] = [
  { name: 'fits', parameters: 3, locals: 1, gives: true, body: fits() },
  { name: 'find', parameters: 3, locals: 1, gives: true, body: find() },
  { name: 'agrees', parameters: 2, locals: 4, gives: true, body: agrees() },
];
/** fits(shape, at, end): whether the record at `at` lies before `end` and has all bytes that the shape demands. */
function fits(): Code {
  const [shape, at, end, wanted] = [0, 1, 2, 3];
  const differs = xor128(
    and128(load128([get(at), 0]), load128([get(wanted), SHAPE.bytes])),
    load128([get(wanted), SHAPE.bytes + 16]),
  );
  return [
    ...when(lessSigned(subtract(get(end), get(at)), load([get(shape), SHAPE.frame])), give(i32(0))),
    ...set(wanted, get(shape)),
    ...loop(
      when(anyBit128(differs), give(i32(0))),
      set(at, add(get(at), i32(16))),
      set(wanted, add(get(wanted), i32(32))),
      branchIf(0, less(get(wanted), load([get(shape), SHAPE.end]))),
    ),
    ...i32(1),
  ];
}

/**
 * find(before, at, end): the shape of the record at `at`, or 0: one of the two that followed the shape `before`
 * earlier, or any of its length.
 */
function find(): Code {
  const [before, at, end, shape] = [0, 1, 2, 3];
  const giveIfItFits = when(get(shape), when(call(FITS, get(shape), get(at), get(end)), give(get(shape))));
  return [
    ...set(shape, load([get(before), SHAPE.next])),
    ...giveIfItFits,
    ...set(shape, load([get(before), SHAPE.other])),
    ...giveIfItFits,
    ...when(lessSigned(subtract(get(end), get(at)), i32(16)), give(i32(0))),
    ...set(shape, add(load([get(at), 0]), i32(16))),
    ...when(less(i32(LONGEST_FRAME), get(shape)), give(i32(0))),
    ...set(shape, load([shiftLeft(get(shape), i32(2)), BY_FRAME])),
    ...loop(when(get(shape), giveIfItFits, set(shape, load([get(shape), SHAPE.sameFrame])), branch(1))),
    ...i32(0),
  ];
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
  const [shape, at, high, low, varint, row] = [0, 1, 2, 3, 4, 5];
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
  const crc = [
    field('slowCrc'),
    ...[0, 1, 2].map((byte) => change(get(low), get(row), { byte })),
    change(get(varint), field('stepRow'), { byte: 0 }),
    changes(load([inRecord('valueAt'), 0]), field('valueRow')),
  ].reduce((a, b) => xor(a, b));
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
    // As `mask` of crc32c.ts does it.
    ...equal(add(rotateRight(crc, i32(15)), i32(0xa282ead8)), load([subtract(inRecord('frame'), i32(4)), 0])),
  ];
}
