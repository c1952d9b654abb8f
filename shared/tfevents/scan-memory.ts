// Where things lie in the memory that the scanner's WebAssembly works on, in bytes. It never grows, so views of it
// stay; pages that nobody touches cost nothing.

/** 2.5 MiB: room for some 1,200 tags. More would count as memory that is held, and V8 would let more of its own grow. */
export const PAGES = 40;

/** What a scan leaves: the shape of the record before, how many records it took, and the shape it stopped at. */
export const BEFORE = 0;
export const RECORDS = 4;
export const FOUND = 8;
/** What is ORed with a step to give ABOVE. */
export const FLOOR = 12;
/** How many slots hold points, and which. */
export const FILLED = 16;
export const FILLED_LIST = 4096;
export const MOST_SLOTS = 2048;

/** Longest record of a known shape, and the first shape of each length up to that. */
export const LONGEST_FRAME = 528;
export const BY_FRAME = 64;

/** The rows of `changeTable`. */
export const TABLE = 16_384;
export const ROW = 1024;
export const MOST_ROWS = 512;

/** The bytes that are scanned. A comparison may look up to 16 bytes behind them. */
export const DATA = TABLE + MOST_ROWS * ROW;
export const MOST_DATA = 1 << 18;

/** Shapes and slots, as they are learnt. */
export const ARENA = DATA + MOST_DATA + 64;

/**
 * A shape: the words of its record's description, then its bytes: 16 that count, 16 as they have to be, and so on; then
 * the values behind the first, if a record holds several. `end` and `othersEnd` are where both end, less `bytes`.
 */
export const SHAPE = {
  frame: 0,
  slot: 4,
  wallTimeAt: 8,
  stepAt: 12,
  stepMask: 16,
  valueAt: 20,
  wallTimeRow: 24,
  stepRow: 28,
  valueRow: 32,
  crc: 36,
  next: 40,
  other: 44,
  high: 48,
  low: 52,
  varint: 56,
  slowCrc: 60,
  sameFrame: 64,
  end: 68,
  othersEnd: 72,
  bytes: 80,
} as const;

/** A value behind the first of its record, counted as `end` is. */
export const OTHER = {
  slot: SHAPE.bytes,
  valueAt: SHAPE.bytes + 4,
  valueRow: SHAPE.bytes + 8,
  size: 12,
} as const;

/** A slot: points of one tag on their way to their columns. */
export const POINTS = 64;
export const SLOT = {
  above: 0,
  count: 4,
  wallTimes: 16,
  steps: 16 + 8 * POINTS,
  values: 16 + 12 * POINTS,
  size: 16 + 16 * POINTS,
} as const;
