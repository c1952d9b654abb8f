const BARS = '▁▂▃▄▅▆▇█';
const GAP = '·';
const LEVEL = '▄';

/** How a sparkline is drawn; everything may be left out. */
export interface SparklineOptions {
  /** Only the newest so many values. */
  readonly width?: number;
  /** Bounds that the scale then includes, so that a bar's height also tells how far off it is. */
  readonly lower?: number | null;
  readonly upper?: number | null;
  /** Applied to the bar of every value outside the bounds, for instance a colour. */
  readonly outside?: (bar: string) => string;
}

/** One value of a sparkline. */
export interface Bar {
  readonly char: string;
  /** The value is known and not within the bounds. */
  readonly outside: boolean;
}

/** Values, oldest first, as bars `▁…█`; null, NaN and infinities are gaps `·`. */
export function sparkline(values: readonly (number | null)[], options: SparklineOptions = {}): string {
  const { outside = same } = options;
  return bars(values, options)
    .map((bar) => (bar.outside ? outside(bar.char) : bar.char))
    .join('');
}

/** The same as `sparkline`, value by value. */
export function bars(values: readonly (number | null)[], options: SparklineOptions = {}): Bar[] {
  const { width = values.length, lower = null, upper = null } = options;
  const shown = width > 0 ? values.slice(-width) : [];
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of [...shown, lower, upper].filter(isKnown)) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return shown.map((value) => {
    if (!isKnown(value)) return { char: GAP, outside: false };
    const inside = (lower === null || value >= lower) && (upper === null || value <= upper);
    return { char: barOf(value, low, high), outside: !inside };
  });
}

function same(text: string): string {
  return text;
}

function isKnown(value: number | null): value is number {
  return value !== null && Number.isFinite(value);
}

function barOf(value: number, low: number, high: number): string {
  if (high === low) return LEVEL;
  // Halved before subtracting, because the span of two huge numbers of opposite sign overflows.
  const share = (value / 2 - low / 2) / (high / 2 - low / 2);
  return BARS[Math.min(BARS.length - 1, Math.floor(share * BARS.length))] ?? LEVEL;
}
