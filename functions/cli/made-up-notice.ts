import { digestOf } from '../../shared/core/digest.ts';
import type { Episode, FrozenBounds, RunPoint } from '../../shared/core/episodes/episode.ts';
import type { Notice } from '../../shared/core/episodes/notice.ts';
import type { SeriesPoint } from '../../shared/core/rows.ts';
import { mean } from '../../shared/core/statistics/mean.ts';
import { sampleDeviation } from '../../shared/core/statistics/sample-deviation.ts';

/** How far off the newest run is made to be, in sample deviations of the others; and how wide a band of its own is. */
const FAR = 6;
const WIDE = 3;

/**
 * A metric as it would be told if its newest run had been far off, on the side where there is a bound. It says in a note
 * that it is made up. `points` are oldest first; null where none has a value.
 */
export function madeUpNotice(
  { testName, metric }: { readonly testName: string; readonly metric: string },
  points: readonly SeriesPoint[],
): Notice | null {
  const known = points.flatMap(({ value }) => (value === null ? [] : [value]));
  const newest = points.at(-1);
  const centre = mean(known);
  if (newest === undefined || centre === null) return null;
  const { value, frozen } = farOff(newest, {
    centre,
    spread: sampleDeviation(known) || Math.abs(centre) / 100 || 1,
    count: points.length - 1,
  });
  const bad = runOf(newest, value);
  const before = points.slice(0, -1);
  const last = before.at(-1);
  return {
    id: digestOf('preview', testName, metric),
    kind: 'firing',
    at: newest.finishedAt,
    episode: {
      ...PLAIN,
      ...{ testName, signal: `metric:${metric}`, reason: value > centre ? 'above' : 'below', frozen },
      ...{ openedAt: bad.at, firedAt: bad.at, firstBad: bad, lastBad: bad, lastRun: bad, worst: value },
      lastGood: last === undefined ? null : runOf(last, last.value),
    },
    evidence: {
      points: [
        ...before.map((point) => ({
          ...placeOf(point),
          value: point.value,
          isBad: point.verdict === 'fail',
        })),
        { ...placeOf(newest), value, isBad: true },
      ],
      ...{ siblings: [], outcome: newest.outcome, attempt: 1, oneIn: null },
      ...{ logsLink: null, workloadLink: null, modelDir: null },
    },
    actor: null,
    note: 'This mail is made up: the test has no episode yet. The value of its newest run is invented, all others are as they were.',
  };
}

interface Level {
  readonly centre: number;
  readonly spread: number;
  readonly count: number;
}

function farOff(
  { lower, upper }: SeriesPoint,
  { centre, spread, count }: Level,
): { readonly value: number; readonly frozen: FrozenBounds } {
  const isAbove = lower === null && upper !== null;
  const value = isAbove
    ? Math.max(centre, upper) + FAR * spread
    : Math.min(centre, lower ?? centre) - FAR * spread;
  const own = isAbove ? null : (lower ?? centre - WIDE * spread);
  return {
    value,
    frozen: { lower: own, upper, clearLower: own, clearUpper: upper, baselineN: count, centre },
  };
}

const PLAIN: Omit<
  Episode,
  | 'testName'
  | 'signal'
  | 'reason'
  | 'frozen'
  | 'openedAt'
  | 'firedAt'
  | 'firstBad'
  | 'lastBad'
  | 'lastRun'
  | 'worst'
  | 'lastGood'
> = {
  episodeId: 'preview',
  fingerprint: 'preview',
  polarity: 'bad',
  state: 'firing',
  closedReason: null,
  severity: 'warning',
  closedAt: null,
  badStreak: 1,
  goodStreak: 0,
  badTotal: 1,
  runsSince: 1,
  flaps: 0,
  isFlapping: false,
  flapRuns: [],
  absentStreak: 0,
  recent: [],
  worstReason: 'below',
  reopened: 0,
  recoverAfter: 2,
  demand: '',
  looksLikeNewNormal: false,
  ack: null,
  threadId: 'preview',
  incidentId: null,
  reminders: 0,
  nextReminderAt: null,
  labels: {},
  configDigest: null,
  seq: 1,
  record: 1,
};

function placeOf({ runId, finishedAt: at, lower, upper }: SeriesPoint) {
  return { runId, at, lower, upper };
}

function runOf({ uuid, runId, finishedAt: at, outcome }: SeriesPoint, value: number | null): RunPoint {
  return { uuid, runId, at, outcome, value, valueKind: value === null ? 'missing' : 'finite', facts: {} };
}
