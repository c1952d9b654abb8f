/**
 * WebAssembly by hand, as far as it is used here: instructions by the numbers of its specification (version 1 with
 * SIMD), as functions that take the code of what they work on. So `add(get(0), i32(4))` is the code of a sum.
 *
 * Locals are numbers, parameters first; all are i32.
 */
export type Code = readonly number[];

const I32 = 0x7f;
const END = 0x0b;
const NO_RESULT = 0x40;

const one =
  (...operation: number[]) =>
  (a: Code): Code => [...a, ...operation];
const two =
  (...operation: number[]) =>
  (a: Code, b: Code): Code => [...a, ...b, ...operation];

export const add = two(0x6a);
export const subtract = two(0x6b);
export const and = two(0x71);
export const or = two(0x72);
export const xor = two(0x73);
export const shiftLeft = two(0x74);
export const shiftRight = two(0x76);
export const rotateRight = two(0x78);
export const equal = two(0x46);
export const unequal = two(0x47);
export const isZero = one(0x45);
export const lessSigned = two(0x48);
export const less = two(0x49);
export const lessOrEqualSigned = two(0x4c);

export const and128 = two(0xfd, 0x4e);
export const xor128 = two(0xfd, 0x51);
export const anyBit128 = one(0xfd, 0x53);

export function i32(value: number): Code {
  return [0x41, ...signed(value | 0)];
}

export function get(local: number): Code {
  return [0x20, local];
}

export function set(local: number, value: Code): Code {
  return [...value, 0x21, local];
}

/** Somewhere in memory: an address and a distance behind it. */
export type Place = readonly [address: Code, offset: number];

const read =
  (...operation: number[]) =>
  ([address, offset]: Place): Code => [...address, ...operation, 0, ...unsigned(offset)];
const write =
  (...operation: number[]) =>
  ([address, offset]: Place, value: Code): Code => [
    ...address,
    ...value,
    ...operation,
    0,
    ...unsigned(offset),
  ];

export const load = read(0x28);
export const load64 = read(0x29);
export const load128 = read(0xfd, 0x00);
export const store = write(0x36);
export const store64 = write(0x37);
export const store128 = write(0xfd, 0x0b);

/** Code that goes back to its beginning where a branch says so, and else on behind its end. */
export function loop(...body: Code[]): Code {
  return [0x03, NO_RESULT, ...body.flat(), END];
}

export function when(condition: Code, ...body: Code[]): Code {
  return [...condition, 0x04, NO_RESULT, ...body.flat(), END];
}

/** Leads to the beginning of a loop: 0 for the one it stands in, 1 from within a `when` in it. */
export function branch(levels: number): Code {
  return [0x0c, levels];
}

export function branchIf(levels: number, condition: Code): Code {
  return [...condition, 0x0d, levels];
}

export function give(value: Code): Code {
  return [...value, 0x0f];
}

export function call(number: number, ...values: Code[]): Code {
  return [...values.flat(), 0x10, number];
}

/** One function: how many parameters it has, how many locals besides, whether it gives an i32. */
export interface FunctionCode {
  readonly name: string;
  readonly parameters: number;
  readonly locals?: number;
  readonly gives?: boolean;
  readonly body: Code;
}

/** A module of these functions, numbered as they stand, and so many pages of memory, all exported. */
export function moduleOf(pages: number, functions: readonly FunctionCode[]): Uint8Array {
  const list = (items: readonly Code[]) => [...unsigned(items.length), ...items.flat()];
  const section = (id: number, content: Code) => [id, ...sized(content)];
  const types = functions.map(({ parameters, gives }) => [
    ...[0x60, ...list(Array.from({ length: parameters }, () => [I32]))],
    ...list(gives ? [[I32]] : []),
  ]);
  const names = functions.map(({ name }, at) => [...text(name), 0, ...unsigned(at)]);
  const bodies = functions.map(({ locals = 0, body }) =>
    sized([...list([[...unsigned(locals), I32]]), ...body, END]),
  );
  return Uint8Array.from([
    ...[0, ...text('asm').slice(1), 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(3, list(functions.map((_, at) => unsigned(at)))),
    ...section(5, list([[0, ...unsigned(pages)]])),
    ...section(7, list([[...text('memory'), 2, 0], ...names])),
    ...section(10, list(bodies)),
  ]);
}

function text(name: string): Code {
  return sized([...name].map((letter) => letter.charCodeAt(0)));
}

function sized(content: Code): Code {
  return [...unsigned(content.length), ...content];
}

function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): Code {
  const isLast = value >= -0x40 && value < 0x40;
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

/** As much of the platform as is used; pure code is compiled without the types of any. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { exports: unknown };
}

/**
 * What a module exports: `memory` and its functions. Null where there is no WebAssembly, or none with SIMD; then
 * everything goes without it.
 */
export function instantiate<Functions>(
  bytes: Uint8Array,
): (Functions & { readonly memory: { readonly buffer: ArrayBuffer } }) | null {
  const { WebAssembly: engine } = globalThis as { WebAssembly?: Engine };
  if (engine === undefined) return null;
  try {
    return new engine.Instance(new engine.Module(bytes)).exports as ReturnType<typeof instantiate<Functions>>;
  } catch {
    return null;
  }
}
