import { compareText } from '../text-order.ts';
import { endFindings } from './end-findings.ts';
import type { Episode, Polarity, RunPoint, Signal } from './episode.ts';
import type { Finding, JudgedRun } from './finding.ts';
import { metricFindings } from './metric-findings.ts';
import { runPointOf } from './run-point.ts';
import { EPISODE_SETTINGS, type EpisodeSettings } from './settings.ts';
import type { Sight } from './sight.ts';

export type { JudgedRun } from './finding.ts';

/**
 * What a judged run says of the signals of its test, only as far as it matters: all that is bad, and whatever an open
 * episode, or one closed short ago, has to hear. Empty for a quiet run of a quiet test. Not for a run that others of
 * its test were judged behind, nor for one that is judged again for the sake of others.
 * `episodes`: the newest of every signal and polarity of the test.
 */
export function sightsOf(
  judged: JudgedRun,
  episodes: readonly Episode[],
  settings: Pick<EpisodeSettings, 'reopenRuns'> = EPISODE_SETTINGS,
): Sight[] {
  const known = new Map(episodes.map((episode) => [subjectKey(episode), episode]));
  const open = episodes.filter(({ state }) => state !== 'closed');
  const openOf = (signal: Signal) =>
    open.find((one) => one.signal === signal && one.polarity === 'bad') ?? null;
  const findings = [...endFindings(judged, openOf), ...metricFindings(judged, open)];
  return findings
    .filter((finding) => matters(finding, known.get(subjectKey(finding)), settings))
    .map((finding) => sightOf(judged, finding))
    .sort((a, b) => compareText(a.signal, b.signal) || compareText(a.polarity, b.polarity));
}

function subjectKey({ signal, polarity }: { readonly signal: Signal; readonly polarity: Polarity }): string {
  return `${polarity} ${signal}`;
}

function matters(
  { says, judge, polarity }: Finding,
  newest: Episode | undefined,
  { reopenRuns }: Pick<EpisodeSettings, 'reopenRuns'>,
): boolean {
  if (newest !== undefined && newest.state !== 'closed') return true;
  if (judge === 'alert') return true;
  // An improvement opens only by its judge's alert.
  if ((says === 'bad' || says === 'fail') && polarity === 'bad') return true;
  const isWatched = newest?.closedReason === 'recovered' && newest.runsSince < reopenRuns;
  return isWatched && says !== 'undemanded';
}

function sightOf(
  { job, cluster }: JudgedRun,
  { signal, polarity, metric, says, judge, details }: Finding,
): Sight {
  return {
    from: 'run',
    testName: job.testName,
    signal,
    polarity,
    run: runPointOf(job, metric, { cluster }),
    at: job.finishedAt,
    says,
    judge,
    ...details(),
    firstBad: null,
    lastGood: null,
    labels: job.labels,
  };
}

/** A sight whose past has to be looked up before it is recorded. */
export interface PastWanted {
  readonly signal: Signal;
  readonly polarity: Polarity;
  /** The metric; null for a signal without one. */
  readonly metric: string | null;
  /** The first bad run is so many finite successful runs of the metric before this one; 0: this one itself. */
  readonly runsAgo: number;
}

/** The sights that open or confirm an episode: what `withPast` is to bring for them. */
export function pastWanted(sights: readonly Sight[], episodes: readonly Episode[]): PastWanted[] {
  const open = new Map(
    episodes.filter(({ state }) => state !== 'closed').map((episode) => [subjectKey(episode), episode]),
  );
  return sights.flatMap((sight): PastWanted[] => {
    const { signal, polarity, says, judge, runsAgo } = sight;
    const isBad = says === 'bad' || says === 'fail' || judge === 'alert';
    const known = open.get(subjectKey(sight));
    const isKnown = known !== undefined && (known.state !== 'suspect' || judge !== 'alert');
    if (!isBad || isKnown) return [];
    const metric = signal.startsWith('metric:') ? signal.slice('metric:'.length) : null;
    return [{ signal, polarity, metric, runsAgo }];
  });
}

/** The sight with its first bad run (null: itself) and the last good run before that one. */
export function withPast(
  sight: Sight,
  past: { readonly firstBad: RunPoint | null; readonly lastGood: RunPoint | null },
): Sight {
  return { ...sight, ...past };
}
