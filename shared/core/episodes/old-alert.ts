import type { Outcome } from '../outcome.ts';
import type { Episode, RunPoint, Signal } from './episode.ts';
import { fingerprintOf, threadIdOf } from './identity.ts';
import type { Notice, NoticePoint } from './notice.ts';

/** What Tidemark wrote of an alert before there were episodes: one failed condition, or one bad end of a run. */
interface OldAlert {
  readonly testName: string;
  readonly runId: string;
  readonly attempt: number;
  readonly outcome: string;
  readonly finishedAt: number;
  readonly signal: string;
  readonly reason: string;
  readonly value: number | null;
  readonly valueKind: RunPoint['valueKind'];
  readonly lower: number | null;
  readonly upper: number | null;
  readonly baselineN: number;
  readonly demand: string;
  readonly streak: number;
  readonly lastGood: {
    readonly runId: string;
    readonly finishedAt: number;
    readonly value: number | null;
  } | null;
  readonly recent: readonly (number | null)[];
  readonly logsLink: string | null;
  readonly workloadLink: string | null;
  readonly modelDir: string | null;
}

/**
 * The notice of an alert that waited for its mail when Tidemark was updated: nothing that was to be told is lost. Its
 * episode is there for the mail alone; the next bad run opens one that is kept.
 */
export function noticeOfOldAlert({ id, uuid, item }: { id: string; uuid: string; item: string }): Notice {
  const old = JSON.parse(item) as OldAlert;
  const { attempt, logsLink, workloadLink, modelDir, recent } = old;
  const points = recent.map((value): NoticePoint => {
    return { ...{ runId: '', at: old.finishedAt, value }, lower: old.lower, upper: old.upper, isBad: false };
  });
  const outcome = old.outcome as Outcome;
  const rest = { outcome, attempt, logsLink, workloadLink, modelDir, oneIn: null };
  return {
    ...{ id, kind: 'firing', at: old.finishedAt, episode: episodeOf(old, uuid), actor: null, note: null },
    evidence: { points, siblings: [], ...rest },
  };
}

function episodeOf(old: OldAlert, uuid: string): Episode {
  const { testName, runId, finishedAt, reason, demand, lower, upper, baselineN, lastGood } = old;
  const signal = old.signal as Signal;
  const point = { outcome: old.outcome as Outcome, facts: {} };
  const bad: RunPoint = { ...point, uuid, runId, at: finishedAt, value: old.value, valueKind: old.valueKind };
  const good =
    lastGood === null ? null : { ...bad, uuid: '', runId: lastGood.runId, at: lastGood.finishedAt };
  const subject = { testName, signal, polarity: 'bad' } as const;
  return {
    ...subject,
    ...{ episodeId: fingerprintOf(subject), fingerprint: fingerprintOf(subject), state: 'firing' },
    ...{
      closedReason: null,
      reason,
      worstReason: reason,
      severity: signal === 'job' ? 'critical' : 'warning',
    },
    ...{
      openedAt: finishedAt,
      firedAt: finishedAt,
      closedAt: null,
      firstBad: bad,
      lastBad: bad,
      lastRun: bad,
    },
    lastGood: good === null ? null : { ...good, outcome: 'success', value: lastGood?.value ?? null },
    ...{ worst: old.value, badStreak: old.streak, goodStreak: 0, badTotal: old.streak, runsSince: 1 },
    ...{ flaps: 0, isFlapping: false, flapRuns: [], absentStreak: 0, recent: [], reopened: 0 },
    frozen: { lower, upper, clearLower: lower, clearUpper: upper, baselineN, centre: null },
    ...{ recoverAfter: 1, demand, looksLikeNewNormal: false, ack: null },
    ...{ threadId: threadIdOf(testName, bad), incidentId: null, reminders: 0, nextReminderAt: null },
    ...{ labels: {}, configDigest: null, seq: 0, record: 0 },
  };
}
