import type { RunPoint } from '../core/episodes/episode.ts';
import type { Notice } from '../core/episodes/notice.ts';
import { gatherRuns } from '../core/gather-run.ts';
import type { WaitingNotice } from '../ports/episodes.ts';
import type { History } from '../ports/history.ts';

/**
 * Notices in whose episode every run says in which cluster it ran, where one of them does. No row of a run has its
 * cluster, so of one that was looked back on it is in its messages; those of all are asked for at once, since the way to
 * them may be long. What is never sent stays as it is.
 */
export async function withClusters<T extends WaitingNotice>(
  waiting: readonly T[],
  history: Pick<History, 'threadsOf' | 'eventsOf'>,
): Promise<readonly T[]> {
  const told = waiting.filter(({ suppressed }) => !suppressed);
  const wanted = new Map(told.flatMap(({ notice }) => pointsWithout(notice)).map((one) => [one.uuid, one]));
  if (wanted.size === 0) return waiting;
  const threads = await history.threadsOf([...wanted.keys()]);
  const events = await history.eventsOf([...new Set(threads.values())]);
  const clusters = new Map<string, string>();
  for (const [uuid, thread] of threads) {
    const runs = gatherRuns(events.get(thread) ?? []);
    const cluster = runs.find(({ runId }) => runId === wanted.get(uuid)?.runId)?.cluster ?? null;
    if (cluster !== null) clusters.set(uuid, cluster);
  }
  return waiting.map((one) => ({ ...one, notice: completed(one.notice, clusters) }));
}

/** The runs that a mail compares and that lack what another one of them says; a line of a list compares none. */
function pointsWithout({ kind, episode }: Notice): RunPoint[] {
  if (kind === 'reminder' || kind === 'closed') return [];
  const { firstBad, lastBad, lastGood, lastRun } = episode;
  const points = [firstBad, lastBad, lastGood, lastRun].filter((point) => point !== null);
  const without = points.filter(({ facts }) => facts.cluster === undefined);
  return without.length === points.length ? [] : without;
}

function completed(notice: Notice, clusters: ReadonlyMap<string, string>): Notice {
  const { episode } = notice;
  const whole = (point: RunPoint): RunPoint => {
    const cluster = clusters.get(point.uuid);
    return cluster === undefined ? point : { ...point, facts: { cluster, ...point.facts } };
  };
  const { firstBad, lastBad, lastGood, lastRun } = episode;
  return {
    ...notice,
    episode: {
      ...episode,
      firstBad: whole(firstBad),
      lastBad: whole(lastBad),
      lastGood: lastGood === null ? null : whole(lastGood),
      lastRun: whole(lastRun),
    },
  };
}
