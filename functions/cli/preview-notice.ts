import { digestOf } from '../../shared/core/digest.ts';
import type { Notice } from '../../shared/core/episodes/notice.ts';
import type { SeriesPoint } from '../../shared/core/rows.ts';
import { evidenceOfPast } from '../../shared/pipeline/evidence.ts';
import type { History } from '../../shared/ports/history.ts';
import { shellCommand } from '../../shared/render/shell.ts';
import { UsageError } from '../errors.ts';
import { madeUpNotice } from './made-up-notice.ts';

const POINTS = 60;

/**
 * What was told last of an episode, with all that was told of the test at that moment; of one that nobody was told of,
 * what would be; of a test without any, one made up. `wanted`: an episode's id or the beginning of it, else the newest.
 * `command`: what to type before a command to reach this state.
 */
export async function shownNotices(
  testName: string,
  history: History,
  { wanted, command }: { readonly wanted: string | undefined; readonly command: string },
): Promise<readonly [Notice, ...Notice[]]> {
  const episodes = await history.episodes({ testName });
  const chosen =
    wanted === undefined
      ? episodes.at(-1)
      : episodes.findLast(({ episodeId }) => episodeId.startsWith(wanted));
  if (chosen === undefined && wanted !== undefined) {
    throw new UsageError(
      `Test "${testName}" has no episode "${wanted}"; "${shellCommand(`${command} episodes`, testName)}" lists those there are`,
    );
  }
  if (chosen === undefined) {
    const { metric, points } = await seriesOf(testName, history);
    const notice = madeUpNotice({ testName, metric }, points);
    if (notice !== null) return [notice];
    throw new UsageError(`Test "${testName}" has no metric with a value yet, so there is nothing to show`);
  }
  const told = (await history.notices(testName)).map(({ notice }) => notice);
  const last = told.findLast(({ episode }) => episode.episodeId === chosen.episodeId);
  if (last !== undefined) return [last, ...told.filter(({ id, at }) => id !== last.id && at === last.at)];
  const id = digestOf('preview', chosen.episodeId);
  const evidence = await evidenceOfPast(chosen, history);
  return [{ id, kind: 'firing', at: chosen.lastRun.at, episode: chosen, evidence, actor: null, note: null }];
}

interface Series {
  readonly metric: string;
  readonly points: readonly SeriesPoint[];
}

/** The first metric with a condition, else the first there is. */
async function seriesOf(testName: string, history: History): Promise<Series> {
  let first: Series | undefined;
  for (const metric of await history.metricNames(testName)) {
    const points = await history.series(testName, metric, POINTS);
    if (points.at(-1)?.verdict != null) return { metric, points };
    if (points.length > 0) first ??= { metric, points };
  }
  if (first !== undefined) return first;
  throw new UsageError(`Test "${testName}" has no metrics yet, so there is nothing to show`);
}
