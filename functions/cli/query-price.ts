import { UsageError } from '../errors.ts';

/**
 * What BigQuery asks for a statement without a contract, in the multi-region US:
 * https://cloud.google.com/bigquery/pricing. Other locations and editions differ, so it is only a hint.
 */
const DOLLARS_A_TIB = 6.25;
const AS_OF = '2026-11';
const TIB = 2 ** 40;
/** Less than this is billed as this, for each table. */
const LEAST_BILLED = 10e6;

/** Read without being asked again. */
const DEFAULT_MOST = '10GB';

/** A line that says what a statement reads and about what that costs. */
export function priceLine(bytes: number): string {
  const dollars = bytes === 0 ? 0 : (Math.max(bytes, LEAST_BILLED) / TIB) * DOLLARS_A_TIB;
  const shown = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 2 }).format(dollars);
  return `reads ${sizeText(bytes)}, about $${shown} (on-demand price in the US as of ${AS_OF})`;
}

const UNITS: readonly (readonly [string, number])[] = [
  ['TB', 1e12],
  ['GB', 1e9],
  ['MB', 1e6],
  ['kB', 1e3],
];

/** In powers of ten, with one digit behind the point. */
export function sizeText(bytes: number): string {
  const [unit, size] = UNITS.find(([, least]) => bytes >= least) ?? ['B', 1];
  return `${Math.round((bytes / size) * 10) / 10} ${unit}`;
}

/** Bytes of `--max-bytes`, such as `10GB`. Throws UsageError. */
export function mostBytes(text = DEFAULT_MOST): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([kMGT]?B?)$/i.exec(text) ?? [];
  const [, size] = UNITS.find(
    ([name]) => unit !== '' && name[0]!.toLowerCase() === unit[0]!.toLowerCase(),
  ) ?? ['B', 1];
  if (number === undefined)
    throw new UsageError(`Cannot read --max-bytes "${text}": wanted bytes, such as 10GB`);
  return Math.floor(Number(number) * size);
}

/** Throws UsageError for a statement that reads more than it may. */
export function requireCheap(bytes: number, most: number): void {
  if (bytes <= most) return;
  throw new UsageError(
    `Cannot run the query: it reads ${sizeText(bytes)}, over --max-bytes ${sizeText(most)}. Ask for fewer columns or a range of "timestamp", or raise --max-bytes`,
  );
}
