import type { Assessed } from '../core/assess.ts';
import type { Episode, FrozenBounds } from '../core/episodes/episode.ts';
import type { NoticeEvidence, NoticePoint, Sibling } from '../core/episodes/notice.ts';
import { type JobRow, orderOf, type SeriesPoint } from '../core/rows.ts';
import type { EarlierRuns } from '../ports/history.ts';

/** Points of the chart in a mail. */
const POINTS = 60;
/** Other metrics that a mail names at most. */
const SIBLINGS = 20;

/** A judged run that is told of. */
export interface ToldRun {
  readonly job: JobRow;
  readonly metrics: readonly Assessed[];
  readonly modelDir: string | null;
  readonly message: string | null;
  /** The newest episodes of the test, as they are behind this run. */
  readonly newest: readonly Episode[];
}

/** What a reader needs beside the episode, when a run is told of. */
export async function evidenceOfRun(
  episode: Episode,
  { job, metrics, modelDir, message, newest }: ToldRun,
  earlier: EarlierRuns,
): Promise<NoticeEvidence> {
  const name = metricOf(episode);
  const options = { metric: name ?? '', limit: POINTS - 1 };
  const before = name === null ? [] : await earlier.recentPoints(job.testName, orderOf(job), options);
  const own = metrics.find(({ metric }) => metric.name === name);
  const here = own === undefined ? [] : [pointOfRun(job, own)];
  const p = own?.judgement?.p;
  const open = openMetrics(newest);
  const others = metrics.filter(({ metric }) => metric.name !== name);
  return {
    points: [...before, ...here].map((point) => noticePoint(point, episode)),
    siblings: others.flatMap((one) => siblingOf(one, open.get(one.metric.name))).slice(0, SIBLINGS),
    outcome: job.outcome,
    attempt: job.attempt,
    logsLink: job.logsLink,
    workloadLink: job.workloadLink,
    modelDir,
    ...(message === null ? {} : { message }),
    oneIn: p === undefined || !(p > 0) ? null : 1 / p,
  };
}

/** What a reader needs when no run is told of: how things went up to the last one that was looked at. */
export async function evidenceOfPast(episode: Episode, earlier: EarlierRuns): Promise<NoticeEvidence> {
  const name = metricOf(episode);
  const { at: finishedAt, runId, uuid } = episode.lastRun;
  // Just behind that run, so that it is among them.
  const place = { finishedAt, runId, uuid: `${uuid}~` };
  const options = { metric: name ?? '', limit: POINTS };
  const points = name === null ? [] : await earlier.recentPoints(episode.testName, place, options);
  return { ...(await noEvidence(episode)), points: points.map((point) => noticePoint(point, episode)) };
}

/** Nothing but what the episode itself says. */
export async function noEvidence({ lastRun: { outcome } }: Episode): Promise<NoticeEvidence> {
  const links = { logsLink: null, workloadLink: null, modelDir: null };
  return { points: [], siblings: [], outcome, attempt: null, ...links, oneIn: null };
}

const METRIC = 'metric:';

function metricOf({ signal }: Episode): string | null {
  return signal.startsWith(METRIC) ? signal.slice(METRIC.length) : null;
}

type Point = Pick<SeriesPoint, 'runId' | 'finishedAt' | 'value' | 'lower' | 'upper' | 'verdict'>;

function pointOfRun({ runId, finishedAt }: JobRow, { metric, judgement }: Assessed): Point {
  const { lower = null, upper = null, verdict = null } = judgement ?? {};
  return { runId, finishedAt, value: metric.value, lower, upper, verdict };
}

/** From its first bad run on a metric is held against the bounds that the episode froze, not against its row's. */
function noticePoint(
  { runId, finishedAt: at, value, lower, upper, verdict }: Point,
  { frozen, firstBad }: Episode,
): NoticePoint {
  if (frozen === null || at < firstBad.at)
    return { runId, at, value, lower, upper, isBad: verdict === 'fail' };
  const isBad = verdict === 'fail' || !isInside(value ?? Number.NaN, frozen);
  return { runId, at, value, lower: frozen.lower, upper: frozen.upper, isBad };
}

function isInside(value: number, { lower, upper }: Pick<FrozenBounds, 'lower' | 'upper'>): boolean {
  return (lower === null || value >= lower) && (upper === null || value <= upper);
}

/** Regressions that people were told of and that are not over, by metric. */
function openMetrics(newest: readonly Episode[]): ReadonlyMap<string | null, Episode> {
  const open = newest.filter(
    ({ state, polarity }) => (state === 'firing' || state === 'recovering') && polarity === 'bad',
  );
  return new Map(open.map((episode) => [metricOf(episode), episode]));
}

/**
 * What became of a metric; while its own episode is open by the bounds that this one froze. Those of its row may have
 * followed the change by now, and one mail must not say of a metric that it is fine and that it is still open.
 */
function siblingOf({ metric, judgement }: Assessed, episode: Episode | undefined): Sibling[] {
  if (judgement === null) return [];
  const { name, value } = metric;
  const { lower, upper, verdict } = judgement;
  if (episode === undefined) return [{ metric: name, value, lower, upper, verdict }];
  const bounds = episode.frozen ?? { lower, upper };
  const isBad = verdict === 'fail' || (value !== null && !isInside(value, bounds));
  return [
    {
      ...{ metric: name, value, lower: bounds.lower, upper: bounds.upper },
      verdict: isBad ? 'fail' : verdict,
      isOpen: true,
    },
  ];
}
