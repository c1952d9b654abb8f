import type { Notice, NoticePoint } from '../../core/episodes/notice.ts';

/**
 * The runs of a notice, oldest first, marked if its episode is about them. Of an improvement those are the runs since it
 * began, which no verdict calls bad.
 */
export function pointsOf({
  episode,
  evidence,
}: Pick<Notice, 'episode' | 'evidence'>): readonly NoticePoint[] {
  if (episode.polarity === 'bad') return evidence.points;
  const { firstBad, lastBad } = episode;
  return evidence.points.map((point) => ({
    ...point,
    isBad: point.at >= firstBad.at && point.at <= lastBad.at,
  }));
}
