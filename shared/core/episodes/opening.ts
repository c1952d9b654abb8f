import type { Episode } from './episode.ts';
import { freeze } from './frozen.ts';
import { episodeIdOf, fingerprintOf, threadIdOf } from './identity.ts';
import type { EpisodeSettings } from './settings.ts';
import type { Sight } from './sight.ts';

/** The episode that a sight opens, before its first step: nothing is counted yet but its bad run. */
export function openedBy(sight: Sight, settings: EpisodeSettings): Episode {
  const { testName, signal, polarity, run, at } = sight;
  const fingerprint = fingerprintOf(sight);
  const firstBad = sight.firstBad ?? run;
  return {
    episodeId: episodeIdOf(fingerprint, run),
    fingerprint,
    testName,
    signal,
    polarity,
    state: 'suspect',
    closedReason: null,
    reason: sight.reason,
    severity: sight.severity,
    openedAt: at,
    firedAt: null,
    closedAt: null,
    firstBad,
    lastBad: run,
    worst: run.value,
    lastGood: sight.lastGood,
    lastRun: run,
    badStreak: 1 + sight.runsAgo,
    goodStreak: 0,
    badTotal: 1 + sight.runsAgo,
    runsSince: 1,
    flaps: 0,
    isFlapping: false,
    flapRuns: [],
    absentStreak: 0,
    recent: run.value === null ? [] : [run.value],
    worstReason: sight.reason,
    reopened: 0,
    recoverAfter: sight.recoverAfter,
    frozen: freeze(sight, settings),
    demand: sight.demand,
    looksLikeNewNormal: false,
    ack: null,
    threadId: threadIdOf(testName, run),
    incidentId: null,
    reminders: 0,
    nextReminderAt: null,
    labels: sight.labels,
    configDigest: sight.configDigest,
    seq: 0,
    record: 0,
  };
}
