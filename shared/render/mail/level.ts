import type { Episode } from '../../core/episodes/episode.ts';
import type { NoticePoint } from '../../core/episodes/notice.ts';
import { mean } from '../../core/statistics/mean.ts';
import { sampleDeviation } from '../../core/statistics/sample-deviation.ts';
import { formatNumber } from '../number.ts';

/** Where values of a few runs lie: their mean, and how far they scatter around it. */
export interface Level {
  readonly centre: number;
  /** Sample standard deviation; null for a single run. */
  readonly spread: number | null;
  readonly count: number;
}

/** The usual level is told from so many runs at most, the newest ones. */
const MOST = 30;

/** The level of some points' finite values; null where there is none, or none that a double can hold. */
export function levelOf(points: readonly NoticePoint[]): Level | null {
  const values = points.flatMap(({ value }) => (value !== null && Number.isFinite(value) ? [value] : []));
  const centre = mean(values);
  if (centre === null || !Number.isFinite(centre)) return null;
  return { centre, spread: sampleDeviation(values), count: values.length };
}

/** Points of an episode's metric, told apart by when they were. */
export interface Phases {
  /** Good runs before the first bad one, at most 30. */
  readonly before: readonly NoticePoint[];
  /** Bad runs since. */
  readonly during: readonly NoticePoint[];
  /** Good runs after the last bad one. */
  readonly after: readonly NoticePoint[];
}

/** Which of the points are before, in and after the episode. */
export function phasesOf(
  points: readonly NoticePoint[],
  { firstBad, lastBad }: Pick<Episode, 'firstBad' | 'lastBad'>,
): Phases {
  const good = points.filter(({ isBad }) => !isBad);
  return {
    before: good.filter(({ at }) => at < firstBad.at).slice(-MOST),
    during: points.filter(({ at, isBad }) => isBad && at >= firstBad.at),
    after: good.filter(({ at }) => at > lastBad.at),
  };
}

/** `0.93 ± 0.01`: both with the decimals that the spread can bear. */
export function levelText({ centre, spread }: Level): string {
  if (spread === null || spread === 0) return formatNumber(centre);
  const decimals = decimalsOf(spread);
  return `${rounded(centre, decimals)} ± ${rounded(spread, decimals)}`;
}

/** In spreads. */
const FAR = 50;

/** A value next to a level: with one decimal more than the level has, so that it is not rounded into it. */
export function valueBeside(value: number, level: Level | null): string {
  if (level === null || level.spread === null || level.spread === 0) return formatNumber(value);
  // So far away that a few digits tell them apart.
  if (Math.abs(value - level.centre) > FAR * level.spread) return formatNumber(value, { digits: 4 });
  const text = rounded(value, decimalsOf(level.spread) + 1);
  // Trailing zeros would promise digits that the value may well have.
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** One significant digit of the spread, two where the first is a 1: 0.012 and 0.02, but not 0.0234. */
function decimalsOf(spread: number): number {
  const power = Math.floor(Math.log10(spread));
  return spread / 10 ** power < 1.95 ? 1 - power : -power;
}

function rounded(value: number, decimals: number): string {
  if (decimals > 12) return formatNumber(value, { digits: 3 });
  if (decimals <= 0) {
    const unit = 10 ** -decimals;
    return formatNumber(Math.round(value / unit) * unit);
  }
  const text = Math.abs(value).toFixed(decimals);
  const [whole = '', fraction = ''] = text.split('.');
  const sign = value < 0 && Number(text) !== 0 ? '-' : '';
  return whole.length > 15 ? formatNumber(value) : `${sign}${formatNumber(Number(whole))}.${fraction}`;
}

/** `−12.3 %`, signed; null where a share says nothing: no reference, or a change too small or too large for it. */
export function percentText(value: number, reference: number): string | null {
  const share = ((value - reference) / Math.abs(reference)) * 100;
  const size = Math.abs(share);
  if (!Number.isFinite(size) || size < 0.005 || size >= 1000) return null;
  return `${share < 0 ? '−' : '+'}${formatNumber(size, { digits: 3 })} %`;
}
