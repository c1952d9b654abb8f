import type { Notice, NoticePoint } from '../../core/episodes/notice.ts';
import { pointsOf } from './points.ts';

/** A line across the chart at one of its runs. */
export interface ChartMark {
  /** Index of a point. */
  readonly index: number;
  readonly word: 'first bad' | 'first better' | 'fired' | 'recovered';
}

/** What a chart shows; nothing in it is text from outside. */
export interface ChartData {
  /** Oldest first. */
  readonly points: readonly NoticePoint[];
  /** The usual level, where it is known. */
  readonly centre: number | null;
  readonly marks: readonly ChartMark[];
  /** The marked runs are better than usual, not worse. */
  readonly isBetter: boolean;
}

/** A chart needs so many values to say more than a sentence. */
const FEWEST = 3;
const MOST = 60;

/** What the chart of a notice shows; null where its signal has no values or too few. */
export function chartData({ episode, evidence }: Notice): ChartData | null {
  if (!episode.signal.startsWith('metric:')) return null;
  const { frozen, firstBad } = episode;
  const points = pointsOf({ episode, evidence })
    .slice(-MOST)
    .map((point) => {
      // While an episode is open its runs are held against the bounds that it opened with.
      if (frozen === null || point.at < firstBad.at) return point;
      return { ...point, lower: frozen.lower, upper: frozen.upper };
    });
  if (points.filter(({ value }) => isKnown(value)).length < FEWEST) return null;
  return {
    points,
    centre: frozen?.centre ?? null,
    marks: marksOf(points, episode),
    isBetter: episode.polarity === 'good',
  };
}

function isKnown(value: number | null): value is number {
  return value !== null && Number.isFinite(value);
}

function marksOf(points: readonly NoticePoint[], episode: Notice['episode']): ChartMark[] {
  const { firstBad, firedAt, closedAt, closedReason } = episode;
  const first = points.findIndex(({ at }) => at === firstBad.at);
  const fired = firedAt === null ? -1 : points.findIndex(({ at }) => at === firedAt);
  const over = closedReason === 'recovered' ? points.findLastIndex(({ at }) => at === closedAt) : -1;
  const marks: ChartMark[] = [
    { index: first, word: episode.polarity === 'good' ? 'first better' : 'first bad' },
    { index: fired === first ? -1 : fired, word: 'fired' },
    { index: over, word: 'recovered' },
  ];
  return marks.filter(({ index }) => index >= 0);
}
