import { crc32c, type Span, spanOf } from './crc32c.ts';
import {
  branchIf,
  type Code,
  get,
  i32,
  instantiate,
  less,
  load128,
  loop,
  moduleOf,
  add as plus,
  set,
  store128,
  xor128,
} from './wasm.ts';

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

/** The module: `memory`, `fold` and `add`, whose parameters are those of Folder; but `fold` begins a window early. */
export function moduleBytes(): Uint8Array {
  return moduleOf(PAGES, [
    { name: 'fold', parameters: 2, body: foldCode() },
    { name: 'add', parameters: 3, body: addCode() },
  ]);
}

/** Addresses only add, so `at` is that of the first block of the window before. */
function foldCode(): Code {
  const [at, end] = [0, 1];
  const sources = DISTANCES.map((distance) => load128([get(at), WINDOW - distance * BLOCK]));
  return loop(
    store128([get(at), WINDOW], sources.reduce(xor128, load128([get(at), WINDOW]))),
    set(at, plus(get(at), i32(BLOCK))),
    branchIf(0, less(get(at), get(end))),
  );
}

function addCode(): Code {
  const [at, end, from] = [0, 1, 2];
  return loop(
    store128([get(at), 0], xor128(load128([get(at), 0]), load128([get(from), 0]))),
    set(at, plus(get(at), i32(BLOCK))),
    set(from, plus(get(from), i32(BLOCK))),
    branchIf(0, less(get(at), get(end))),
  );
}

/** Null where there is no WebAssembly: then the tables do it all. */
function makeFolder(): Folder | null {
  const made = instantiate<Pick<Folder, 'fold' | 'add'>>(moduleBytes());
  if (made === null) return null;
  const bytes = new Uint8Array(made.memory.buffer);
  return {
    bytes,
    span: spanOf(bytes),
    fold: (at, end) => made.fold(at - WINDOW, end - WINDOW),
    add: made.add,
  };
}
