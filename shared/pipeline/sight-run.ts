import type { Assessment } from '../core/assess.ts';
import type { EarlierNeed } from '../core/baseline/question.ts';
import type { EffectiveConfig } from '../core/effective-config.ts';
import type { Episode, RunPoint, Signal } from '../core/episodes/episode.ts';
import { runPointOf } from '../core/episodes/run-point.ts';
import type { ClockSight, Sight } from '../core/episodes/sight.ts';
import { type PastWanted, pastWanted, sightsOf, withPast } from '../core/episodes/sights-of.ts';
import type { Metric } from '../core/metric.ts';
import { type JobRow, type MetricRow, orderOf } from '../core/rows.ts';
import type { Run, RunOrder } from '../core/run.ts';
import type { EarlierRun, History } from '../ports/history.ts';
import type { Settings } from './context.ts';
import { NOTHING_RECORDED, type Recorded, recordSights, sightRecord } from './episode-record.ts';
import { evidenceOfRun } from './evidence.ts';

/** A run that was judged for its own sake. */
export interface SightTask {
  readonly run: Run;
  readonly job: JobRow;
  readonly assessment: Assessment;
  /** Which earlier runs each metric was judged from. */
  readonly needs: ReadonlyMap<string, EarlierNeed>;
  readonly config: EffectiveConfig;
  /** Whether what it comes to is recorded and never sent. */
  readonly isSuppressed: boolean;
}

/** The id of what a run's sight was recorded as, among what was learnt of its thread. */
export function sightedId(runId: string): string {
  return `sighted/${runId}`;
}

/**
 * What a judged run does to the episodes of its test. They only move forward: a run that others of its test were judged
 * behind does nothing.
 */
export async function sightRun(task: SightTask, history: History, settings: Settings): Promise<Recorded> {
  const { run, job, assessment, config, isSuppressed } = task;
  const { testName } = job;
  if (await history.hasLater(testName, orderOf(job))) return NOTHING_RECORDED;
  const episodes = await history.episodesOf(testName);
  const sights = sightsOf({ job, assessment, config, cluster: run.cluster }, episodes);
  if (sights.length === 0) return NOTHING_RECORDED;
  const inputs = await withPasts(sights, { episodes, job, needs: task.needs }, history);
  const record = sightRecord((await history.lastRecord(testName)) + 1, inputs, settings);
  const told = { job, metrics: assessment.metrics, modelDir: run.modelDir, message: run.message };
  return recordSights(episodes, record, {
    place: { testName, thread: run.thread, id: run.runId, time: job.finishedAt },
    isSuppressed: () => isSuppressed,
    evidence: (episode, { newest }) => evidenceOfRun(episode, { ...told, newest }, history),
  });
}

/**
 * What a run does that was looked at before and has ended otherwise since, as when it was taken for lost: an incident
 * that was about this run alone, and how it ended, is over. All others go on, a run is looked at once.
 */
export async function correctRun(task: SightTask, history: History, settings: Settings): Promise<Recorded> {
  const { run, job, assessment, isSuppressed } = task;
  const { testName, uuid } = job;
  if (job.outcome !== 'success' || (await history.hasLater(testName, orderOf(job)))) return NOTHING_RECORDED;
  const episodes = await history.episodesOf(testName);
  const wrong = episodes.filter(
    ({ state, signal, lastBad, badTotal }) =>
      state !== 'closed' && OF_ENDS.has(signal) && lastBad.uuid === uuid && badTotal === 1,
  );
  if (wrong.length === 0) return NOTHING_RECORDED;
  const inputs = wrong.map(({ episodeId }): ClockSight => {
    return { from: 'clock', kind: 'corrected', episodeId, at: job.finishedAt, incidentId: null };
  });
  const record = sightRecord((await history.lastRecord(testName)) + 1, inputs, settings);
  const told = { job, metrics: assessment.metrics, modelDir: run.modelDir, message: run.message };
  return recordSights(episodes, record, {
    place: { testName, thread: run.thread, id: `${run.runId}/corrected`, time: job.finishedAt },
    isSuppressed: () => isSuppressed,
    evidence: (episode, { newest }) => evidenceOfRun(episode, { ...told, newest }, history),
  });
}

/** Signals about how runs end. */
const OF_ENDS: ReadonlySet<Signal> = new Set<Signal>(['job', 'infra', 'schedule']);

/** Sights of one run with what history has to add: where each began, and what was good before. */
async function withPasts(
  sights: readonly Sight[],
  { episodes, job, needs }: Pick<SightTask, 'job' | 'needs'> & { readonly episodes: readonly Episode[] },
  history: History,
): Promise<Sight[]> {
  const wanted = pastWanted(sights, episodes);
  const whole: Sight[] = [];
  for (const sight of sights) {
    const want = wanted.find(
      ({ signal, polarity }) => signal === sight.signal && polarity === sight.polarity,
    );
    whole.push(want === undefined ? sight : withPast(sight, await pastOf(want, { job, needs }, history)));
  }
  return whole;
}

async function pastOf(
  { metric, runsAgo }: PastWanted,
  { job, needs }: Pick<SightTask, 'job' | 'needs'>,
  history: History,
): Promise<{ readonly firstBad: RunPoint | null; readonly lastGood: RunPoint | null }> {
  const { testName } = job;
  const first =
    metric === null || runsAgo === 0
      ? null
      : await history.runBack(testName, orderOf(job), { metric, nth: runsAgo, need: needs.get(metric) });
  const begun: RunOrder = orderOf(first?.job ?? job);
  const good = await history.lastGoodRun(testName, begun, metric);
  return { firstBad: pointOf(first), lastGood: pointOf(good) };
}

function pointOf(run: EarlierRun | null): RunPoint | null {
  return run === null ? null : runPointOf(run.job, run.metric === null ? null : asMetric(run.metric));
}

function asMetric({ metricName: name, kind, value, reason }: MetricRow): Metric {
  return { name, bareName: null, kind, value, reason };
}
