import { BY_FRAME, LONGEST_FRAME, SHAPE } from './scan-memory.ts';
import {
  add,
  and128,
  anyBit128,
  branch,
  branchIf,
  type Code,
  call,
  type FunctionCode,
  get,
  give,
  i32,
  less,
  lessSigned,
  load,
  load128,
  loop,
  set,
  shiftLeft,
  subtract,
  when,
  xor128,
} from './wasm.ts';

// How the scan knows which shape a record has: its bytes are compared, sixteen at once.

/** The numbers of these functions, for `call`. */
export const [FITS, FIND] = [0, 1];

/** The first functions of the scan's module. */
export function matching(): FunctionCode[] {
  return [
    { name: 'fits', parameters: 3, locals: 1, gives: true, body: fits() },
    { name: 'find', parameters: 3, locals: 1, gives: true, body: find() },
  ];
}

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
