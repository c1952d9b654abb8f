import { FILLED, FILLED_LIST, FLOOR, OTHER, POINTS, SHAPE, SLOT } from './scan-memory.ts';
import {
  add,
  branchIf,
  type Code,
  equal,
  type FunctionCode,
  get,
  give,
  i32,
  isZero,
  less,
  lessOrEqualSigned,
  load,
  load64,
  loop,
  or,
  set,
  shiftLeft,
  store,
  store64,
  unequal,
  when,
} from './wasm.ts';

// How the scan puts points into slots, and what it does for the values behind the first of a record.

/** The numbers of these functions, for `call`: they stand behind that of `agree-code.ts`. */
export const [OTHERS_REFUSE, PUT_OTHERS] = [3, 4];

/** More functions of the scan's module. */
export function slotting(): FunctionCode[] {
  return [
    { name: 'othersRefuse', parameters: 2, locals: 1, gives: true, body: othersRefuse() },
    { name: 'putOthers', parameters: 3, locals: 3, body: putOthers() },
  ];
}

/** Whether a record of the shape holds several values. */
export function hasOthers(shape: Code): Code {
  return unequal(load([shape, SHAPE.end]), load([shape, SHAPE.othersEnd]));
}

/** Does `body` for each value behind the first, if there are any; the local `other` is then the address of its words. */
export function forOthers(shape: Code, { other, body }: { other: number; body: Code }): Code {
  return when(
    hasOthers(shape),
    set(other, load([shape, SHAPE.end])),
    loop(
      body,
      set(other, add(get(other), i32(OTHER.size))),
      branchIf(0, less(get(other), load([shape, SHAPE.othersEnd]))),
    ),
  );
}

/** Whether the slot is full, or takes no point of that step. */
export function refuses(slot: Code, step: Code): Code {
  const isFull = equal(load([slot, SLOT.count]), i32(POINTS));
  return or(lessOrEqualSigned(step, load([slot, SLOT.above])), isFull);
}

/** A point and where it goes: locals that hold slot and step, one to use, and addresses of the rest. */
export interface PutPoint {
  readonly slot: number;
  readonly step: number;
  readonly count: number;
  readonly wallTime: Code;
  readonly value: Code;
}

/** Puts a point into a slot that does not refuse it. */
export function put({ slot, step, count, wallTime, value }: PutPoint): Code {
  const behind = (each: number): Code => add(get(slot), shiftLeft(get(count), i32(each)));
  return [
    ...set(count, load([get(slot), SLOT.count])),
    ...when(isZero(get(count)), noteFilled(get(slot))),
    ...store64([behind(3), SLOT.wallTimes], load64([wallTime, 0])),
    ...store([behind(2), SLOT.steps], get(step)),
    ...store([behind(2), SLOT.values], load([value, 0])),
    ...store([get(slot), SLOT.count], add(get(count), i32(1))),
    ...store([get(slot), SLOT.above], or(get(step), load([i32(0), FLOOR]))),
  ];
}

function noteFilled(slot: Code): Code {
  const filled = load([i32(0), FILLED]);
  return [
    ...store([shiftLeft(filled, i32(2)), FILLED_LIST], slot),
    ...store([i32(0), FILLED], add(filled, i32(1))),
  ];
}

/** othersRefuse(shape, step): whether the slot of any value behind the first does. */
function othersRefuse(): Code {
  const [shape, step, other] = [0, 1, 2];
  const slot = load([get(other), OTHER.slot]);
  return [...forOthers(get(shape), { other, body: when(refuses(slot, get(step)), give(i32(1))) }), ...i32(0)];
}

/** putOthers(shape, at, step): puts all values behind the first of the record at `at` into their slots. */
function putOthers(): Code {
  const [shape, at, step, other, slot, count] = [0, 1, 2, 3, 4, 5];
  const wallTime = add(get(at), load([get(shape), SHAPE.wallTimeAt]));
  const value = add(get(at), load([get(other), OTHER.valueAt]));
  return forOthers(get(shape), {
    other,
    body: [...set(slot, load([get(other), OTHER.slot])), ...put({ slot, step, count, wallTime, value })],
  });
}
