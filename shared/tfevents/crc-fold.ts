import { crc32c, type Span, spanOf } from './crc32c.ts';

/**
 * CRC-32C of long stretches, several times as fast as by tables. Seen as a polynomial over GF(2), a message may
 * be changed by any multiple of the CRC's polynomial without changing its CRC. This one has few terms, all a whole
 * number of 16-byte blocks apart:
 *
 *     x^(128·209) + x^(128·144) + x^(128·54) + x^(128·39) + x^(128·14) + 1
 *
 * (found by search, proved by a test). So a block goes away when it is XORed onto those 65, 155, 170, 195 and 209
 * blocks behind it, and in the end only the last 209 blocks are left for the tables. Blocks are XORed by SIMD
 * instructions of WebAssembly, which JavaScript has none of.
 */
const DISTANCES = [65, 155, 170, 195, 209] as const;
const BLOCK = 16;
const WINDOW = 209 * BLOCK;
/** The memory: a window of zeros, then what is folded. */
const PAGES = 5;
const MOST = PAGES * 65_536 - WINDOW;
/** Below this the tables are as fast. */
const FEW = 4 * WINDOW;

interface Folder {
  readonly bytes: Uint8Array;
  readonly span: Span;
  /** XORs onto each block from address `at` to `end` those that lie DISTANCES before it. */
  fold(at: number, end: number): void;
  /** XORs the blocks at `from` onto those from `at` to `end`. */
  add(at: number, end: number, from: number): void;
}

let folder: Folder | null | undefined;

/** The same as `crc32c`, for stretches of any length. */
export function crc32cOfLong(span: Span, before = 0): number {
  if (span.end - span.start < FEW) return crc32c(span, before);
  let crc = before;
  let at = span.start;
  while (span.end - at >= FEW) {
    folder ??= makeFolder();
    if (folder === null) break;
    const count = Math.min(MOST, span.end - at) & -BLOCK;
    crc = foldPiece(folder, { piece: span.bytes.subarray(at, at + count), before: crc });
    at += count;
  }
  return crc32c({ ...span, start: at }, crc);
}

function foldPiece(
  { bytes, span, fold, add }: Folder,
  { piece, before }: { piece: Uint8Array; before: number },
): number {
  bytes.set(piece, WINDOW);
  // The CRC of what came before acts like bits added to the first four bytes.
  span.view.setInt32(WINDOW, span.view.getInt32(WINDOW, true) ^ ~before, true);
  const end = WINDOW + piece.length;
  const tail = end - WINDOW;
  fold(WINDOW, tail);
  // In the last window only what comes from before it counts.
  for (const distance of DISTANCES) add(tail, tail + distance * BLOCK, tail - distance * BLOCK);
  return crc32c({ ...span, start: tail, end }, -1);
}

// WebAssembly by hand: sections and instructions by the numbers of its specification, version 1 with SIMD.

const I32 = 0x7f;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const I32_CONST = 0x41;
const I32_ADD = 0x6a;
const I32_LESS = 0x49;
const LOOP = [0x03, 0x40];
const BRANCH_IF = [0x0d, 0x00];
const END = 0x0b;
const V128_LOAD = [0xfd, 0x00, 0x00];
const V128_STORE = [0xfd, 0x0b, 0x00];
const V128_XOR = [0xfd, 0x51];

/** Parameters 0 and 1 are `at` and `end`; `at` begins a window early, since addresses only add. */
function foldCode(): number[] {
  const sources = DISTANCES.flatMap((distance) => [
    ...[LOCAL_GET, 0, ...V128_LOAD, ...unsigned(WINDOW - distance * BLOCK)],
    ...V128_XOR,
  ]);
  const value = [LOCAL_GET, 0, ...V128_LOAD, ...unsigned(WINDOW), ...sources];
  const body = [LOCAL_GET, 0, ...value, ...V128_STORE, ...unsigned(WINDOW), ...advance(0)];
  return [...LOOP, ...body, ...againWhileBefore(0, 1), END];
}

/** Parameter 2 is `from`. */
function addCode(): number[] {
  const load = (parameter: number) => [LOCAL_GET, parameter, ...V128_LOAD, 0];
  const body = [
    LOCAL_GET,
    0,
    ...load(0),
    ...load(2),
    ...V128_XOR,
    ...V128_STORE,
    0,
    ...advance(0),
    ...advance(2),
  ];
  return [...LOOP, ...body, ...againWhileBefore(0, 1), END];
}

function advance(parameter: number): number[] {
  return [LOCAL_GET, parameter, I32_CONST, BLOCK, I32_ADD, LOCAL_SET, parameter];
}

function againWhileBefore(parameter: number, end: number): number[] {
  return [LOCAL_GET, parameter, LOCAL_GET, end, I32_LESS, ...BRANCH_IF];
}

/** The module: `memory`, `fold` and `add`. */
export function moduleBytes(): Uint8Array {
  const section = (id: number, content: readonly number[]) => [id, ...sized(content)];
  const code = (body: readonly number[]) => sized([0, ...body, END]);
  const name = (text: string) => sized([...text].map((letter) => letter.charCodeAt(0)));
  const types = section(1, [2, 0x60, 2, I32, I32, 0, 0x60, 3, I32, I32, I32, 0]);
  const functions = section(3, [2, 0, 1]);
  const memory = section(5, [1, 0, PAGES]);
  const exported = section(7, [3, ...name('memory'), 2, 0, ...name('fold'), 0, 0, ...name('add'), 0, 1]);
  const codes = section(10, [2, ...code(foldCode()), ...code(addCode())]);
  return Uint8Array.of(
    0,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    ...types,
    ...functions,
    ...memory,
    ...exported,
    ...codes,
  );
}

function sized(content: readonly number[]): number[] {
  return [...unsigned(content.length), ...content];
}

function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** As much of WebAssembly as is used; pure code is compiled without the types of any platform. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { exports: Exports };
}
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly fold: (at: number, end: number) => void;
  readonly add: (at: number, end: number, from: number) => void;
}

/** Null where there is no WebAssembly, or none with SIMD: then the tables do it all. */
function makeFolder(): Folder | null {
  const { WebAssembly: engine } = globalThis as { WebAssembly?: Engine };
  if (engine === undefined) return null;
  try {
    const { memory, fold, add } = new engine.Instance(new engine.Module(moduleBytes())).exports;
    const bytes = new Uint8Array(memory.buffer);
    return { bytes, span: spanOf(bytes), fold: (at, end) => fold(at - WINDOW, end - WINDOW), add };
  } catch {
    return null;
  }
}
