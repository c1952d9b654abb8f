import { AGREES, agreeing } from './agree-code.ts';
import { FIND, matching } from './match-code.ts';
import { BEFORE, FOUND, PAGES, RECORDS, SHAPE } from './scan-memory.ts';
import { hasOthers, OTHERS_REFUSE, PUT_OTHERS, put, refuses, slotting } from './slot-code.ts';
import {
  add,
  and,
  branch,
  type Code,
  call,
  get,
  give,
  i32,
  isZero,
  load,
  loop,
  moduleOf,
  or,
  set,
  shiftRight,
  store,
  unequal,
  when,
} from './wasm.ts';

/** The scan of `Scanner`, which says what it is for; as WebAssembly, with the functions of the other `-code.ts`. */
export interface ScanFunctions {
  /**
   * Takes records off the bytes from address `at` to `end`, and gives the address of the first that it does not take.
   * FOUND is 0 if that one is of no known shape, is cut, or has another CRC; else it is its shape, and one of its slots is
   * full, or its step is not above ABOVE.
   */
  scan(at: number, end: number): number;
}

/** The module: memory as `scan-memory.ts` has it, and `scan`. */
export function scanModule(): Uint8Array {
  return moduleOf(PAGES, [
    ...matching(),
    ...agreeing(),
    ...slotting(),
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
  const stopHere = (found: Code): Code => [...store(word(FOUND), found), ...give(get(at))];
  return [
    ...set(before, load(word(BEFORE))),
    ...store(word(RECORDS), NOTHING),
    ...loop(
      set(shape, call(FIND, get(before), get(at), get(end))),
      when(isZero(get(shape)), stopHere(NOTHING)),
      when(isZero(call(AGREES, get(shape), get(at))), stopHere(NOTHING)),
      set(slot, load([get(shape), SHAPE.slot])),
      set(varint, and(load([inRecord('stepAt'), 0]), load([get(shape), SHAPE.stepMask]))),
      set(step, stepOf(get(varint))),
      when(refuses(get(slot), get(step)), stopHere(get(shape))),
      when(
        hasOthers(get(shape)),
        when(call(OTHERS_REFUSE, get(shape), get(step)), stopHere(get(shape))),
        call(PUT_OTHERS, get(shape), get(at), get(step)),
      ),
      put({ slot, step, count, wallTime: inRecord('wallTimeAt'), value: inRecord('valueAt') }),
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

/** The number of a varint of up to four bytes, the first in the lowest bits. */
function stepOf(varint: Code): Code {
  return [0, 1, 2, 3]
    .map((byte) => and(shiftRight(varint, i32(byte)), i32(0x7f << (7 * byte))))
    .reduce((a, b) => or(a, b));
}

/** Remembers what followed: the last two are tried first the next time. */
function follow(before: Code, shape: Code): Code {
  return when(
    unequal(load([before, SHAPE.next]), shape),
    store([before, SHAPE.other], load([before, SHAPE.next])),
    store([before, SHAPE.next], shape),
  );
}
