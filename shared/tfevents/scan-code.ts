import {
  BEFORE,
  BY_FRAME,
  FILLED,
  FILLED_LIST,
  FLOOR,
  FOUND,
  LONGEST_FRAME,
  PAGES,
  POINTS,
  RECORDS,
  ROW,
  SHAPE,
  SLOT,
} from './scan-memory.ts';
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
  get,
  give,
  i32,
  isZero,
  less,
  lessOrEqualSigned,
  lessSigned,
  load,
  load64,
  load128,
  loop,
  moduleOf,
  or,
  rotateRight,
  set,
  shiftLeft,
  shiftRight,
  store,
  store64,
  subtract,
  unequal,
  when,
  xor,
  xor128,
} from './wasm.ts';

/** The scan of `Scanner`, which says what it is for; as WebAssembly, whose comparisons take 16 bytes at once. */
export interface ScanFunctions {
  /**
   * Takes records off the bytes from address `at` to `end`, and gives the address of the first that it does not take.
   * FOUND is 0 if that one is of no known shape, is cut, or has another CRC; else it is its shape, and either its slot
   * is full or its step is not above ABOVE.
   */
  scan(at: number, end: number): number;
}

/** The module: memory as `scan-memory.ts` has it, and `scan`. */
export function scanModule(): Uint8Array {
  return moduleOf(PAGES, [
    { name: 'fits', parameters: 3, locals: 1, gives: true, body: fits() },
    { name: 'find', parameters: 3, locals: 1, gives: true, body: find() },
    { name: 'agrees', parameters: 2, locals: 4, gives: true, body: agrees() },
    { name: 'scan', parameters: 2, locals: 6, gives: true, body: scan() },
  ]);
}

const [FITS, FIND, AGREES] = [0, 1, 2];
const NOTHING = i32(0);
const YES = i32(1);
const word = (address: number): readonly [Code, number] => [NOTHING, address];

/** fits(shape, at, end): whether the record at `at` lies before `end` and has all bytes that the shape demands. */
function fits(): Code {
  const [shape, at, end, wanted] = [0, 1, 2, 3];
  const differs = xor128(
    and128(load128([get(at), 0]), load128([get(wanted), SHAPE.bytes])),
    load128([get(wanted), SHAPE.bytes + 16]),
  );
  return [
    ...when(lessSigned(subtract(get(end), get(at)), load([get(shape), SHAPE.frame])), give(NOTHING)),
    ...set(wanted, get(shape)),
    ...loop(
      when(anyBit128(differs), give(NOTHING)),
      set(at, add(get(at), i32(16))),
      set(wanted, add(get(wanted), i32(32))),
      branchIf(0, less(get(wanted), load([get(shape), SHAPE.end]))),
    ),
    ...YES,
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
    ...when(lessSigned(subtract(get(end), get(at)), i32(16)), give(NOTHING)),
    ...set(shape, add(load([get(at), 0]), i32(16))),
    ...when(less(i32(LONGEST_FRAME), get(shape)), give(NOTHING)),
    ...set(shape, load([shiftLeft(get(shape), i32(2)), BY_FRAME])),
    ...loop(when(get(shape), giveIfItFits, set(shape, load([get(shape), SHAPE.sameFrame])), branch(1))),
    ...NOTHING,
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

/** scan(at, end). */
function scan(): Code {
  const [at, end, before, shape, slot, step, count, varint] = [0, 1, 2, 3, 4, 5, 6, 7];
  const inRecord = (name: 'wallTimeAt' | 'stepAt' | 'valueAt'): Code =>
    add(get(at), load([get(shape), SHAPE[name]]));
  const behindSlot = (each: number): Code => add(get(slot), shiftLeft(get(count), i32(each)));
  return [
    ...set(before, load(word(BEFORE))),
    ...store(word(RECORDS), NOTHING),
    ...loop(
      set(shape, call(FIND, get(before), get(at), get(end))),
      when(isZero(get(shape)), stop(get(at), NOTHING)),
      when(isZero(call(AGREES, get(shape), get(at))), stop(get(at), NOTHING)),
      set(slot, load([get(shape), SHAPE.slot])),
      set(varint, and(load([inRecord('stepAt'), 0]), load([get(shape), SHAPE.stepMask]))),
      set(step, stepOf(get(varint))),
      set(count, load([get(slot), SLOT.count])),
      when(
        or(lessOrEqualSigned(get(step), load([get(slot), SLOT.above])), equal(get(count), i32(POINTS))),
        stop(get(at), get(shape)),
      ),
      when(isZero(get(count)), noteFilled(get(slot))),
      store64([behindSlot(3), SLOT.wallTimes], load64([inRecord('wallTimeAt'), 0])),
      store([behindSlot(2), SLOT.steps], get(step)),
      store([behindSlot(2), SLOT.values], load([inRecord('valueAt'), 0])),
      store([get(slot), SLOT.count], add(get(count), i32(1))),
      store([get(slot), SLOT.above], or(get(step), load(word(FLOOR)))),
      set(at, add(get(at), load([get(shape), SHAPE.frame]))),
      store(word(RECORDS), add(load(word(RECORDS)), i32(1))),
      follow(get(before), get(shape)),
      store(word(BEFORE), get(shape)),
      set(before, get(shape)),
      branch(0),
    ),
    ...NOTHING,
  ];
}

function stop(at: Code, found: Code): Code {
  return [...store(word(FOUND), found), ...give(at)];
}

/** The number of a varint of up to four bytes, the first in the lowest bits. */
function stepOf(varint: Code): Code {
  return [0, 1, 2, 3]
    .map((byte) => and(shiftRight(varint, i32(byte)), i32(0x7f << (7 * byte))))
    .reduce((a, b) => or(a, b));
}

function noteFilled(slot: Code): Code {
  const filled = load(word(FILLED));
  return [
    ...store([shiftLeft(filled, i32(2)), FILLED_LIST], slot),
    ...store(word(FILLED), add(filled, i32(1))),
  ];
}

/** Remembers what followed: the last two are tried first the next time. */
function follow(before: Code, shape: Code): Code {
  return when(
    unequal(load([before, SHAPE.next]), shape),
    store([before, SHAPE.other], load([before, SHAPE.next])),
    store([before, SHAPE.next], shape),
  );
}
