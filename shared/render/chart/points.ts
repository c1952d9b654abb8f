import type { Notice, NoticePoint } from '../../core/episodes/notice.ts';

/**
 * The runs of a notice, oldest first, marked if its episode counts them. A verdict alone does not say that: no run of an
 * improvement fails, and a judge that has seen a change counts runs that lie inside the band.
 */
export function pointsOf({
  episode,
  evidence,
}: Pick<Notice, 'episode' | 'evidence'>): readonly NoticePoint[] {
  const { firstBad, lastBad, badTotal, polarity } = episode;
  const isWithin = ({ at }: NoticePoint) => at >= firstBad.at && at <= lastBad.at;
  const allCount = polarity === 'good' || evidence.points.filter(isWithin).length === badTotal;
  return evidence.points.map((point) => {
    const isEnd = point.at === firstBad.at || point.at === lastBad.at;
    const counts = isWithin(point) && (allCount || isEnd);
    const isBad = polarity === 'good' ? counts : counts || point.isBad;
    return isBad === point.isBad ? point : { ...point, isBad };
  });
}
