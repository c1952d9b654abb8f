import { AGREES, FIND, MATCHING } from './match-code.ts';
import {
  BEFORE,
  FILLED,
  FILLED_LIST,
  FLOOR,
  FOUND,
  PAGES,
  POINTS,
  RECORDS,
  SHAPE,
  SLOT,
} from './scan-memory.ts';
import {
  add,
  and,
  branch,
  type Code,
  call,
  equal,
  get,
  give,
  i32,
  isZero,
  lessOrEqualSigned,
  load,
  load64,
  loop,
  moduleOf,
  or,
  set,
  shiftLeft,
  shiftRight,
  store,
  store64,
  unequal,
  when,
} from './wasm.ts';

/** The scan of `Scanner`, which says what it is for; as WebAssembly, with the functions of `match-code.ts`. */
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
    ...MATCHING,
    { name: 'scan', parameters: 2, locals: 6, gives: true, body: scan() },
  ]);
}

const NOTHING = i32(0);
const word = (address: number): readonly [Code, number] => [NOTHING, address];

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
