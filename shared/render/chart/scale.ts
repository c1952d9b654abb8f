import { formatNumber } from '../number.ts';

/** Maps values to pixels, the larger the higher, over a range that is a little wider than what it has to show. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  at(value: number): number;
}

/** Where a scale lies on the picture: pixels from above. */
export interface Span {
  readonly top: number;
  readonly bottom: number;
}

/** Share of the range that stays free above and below. */
const MARGIN = 0.08;

/** The scale for finite values; null for none, or where their range is more than a double can hold. */
export function scaleFor(values: readonly number[], { top, bottom }: Span): Scale | null {
  const least = Math.min(...values);
  const most = Math.max(...values);
  const range = most - least;
  if (!Number.isFinite(range)) return null;
  // All equal: some room on both sides, so that they lie in the middle.
  const free = range > 0 ? range * MARGIN : Math.abs(most) * 0.05 || 1;
  const low = least - free;
  const high = most + free;
  if (!Number.isFinite(high - low) || !(high > low)) return null;
  return { low, high, at: (value) => bottom - ((value - low) / (high - low)) * (bottom - top) };
}

/** One line of the grid. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** Three to seven round values inside the range: multiples of 1, 2 or 5 times a power of ten. */
export function ticksOf({ low, high }: Pick<Scale, 'low' | 'high'>): Tick[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks: Tick[] = [];
  const first = Math.ceil(low / step);
  for (let index = first; index * step <= high && ticks.length < 7; index += 1) {
    const value = index * step;
    ticks.push({ value, label: tickLabel(value, decimals) });
  }
  return ticks;
}

/** All ticks of one scale with the same number of decimals. */
function tickLabel(value: number, decimals: number): string {
  const size = Math.abs(value);
  if (value === 0) return '0';
  if (decimals > 6 || size >= 1e7) return Number(value.toPrecision(6)).toExponential().replace('e+', 'e');
  const [whole = '', fraction] = value.toFixed(decimals).split('.');
  const grouped = formatNumber(Number(whole));
  // `-0.5` has no sign left in its whole part.
  const signed = value < 0 && !grouped.startsWith('-') ? `-${grouped}` : grouped;
  return (fraction === undefined ? signed : `${signed}.${fraction}`).replace('-', '\u2212');
}
