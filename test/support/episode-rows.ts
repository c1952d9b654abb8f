import type { Episode, EpisodeEvent, RunPoint } from '../../shared/core/episodes/episode.ts';
import type { Notice } from '../../shared/core/episodes/notice.ts';
import type { RunEvent } from '../../shared/core/run-event.ts';
import type { EpisodeChanges, EpisodeStore, WaitingNotice } from '../../shared/ports/episodes.ts';
import type { IndexedRun } from '../../shared/ports/history.ts';
import { day, event } from './history-rows.ts';

/** A successful run of day `n` with a value. */
export function point(runId: string, n: number, fields: Partial<RunPoint> = {}): RunPoint {
  return {
    uuid: `uuid-${runId}`,
    runId,
    at: day(n),
    outcome: 'success',
    value: 0.1 + 0.2,
    valueKind: 'finite',
    facts: { accelerator: 'cpu', 'label.it\'s "x"': '\u2028\n😀' },
    ...fields,
  };
}

/** An episode of the test `t` that fired on day 1. */
export function episode(episodeId: string, fields: Partial<Episode> = {}): Episode {
  const bad = point('a', 1);
  return {
    episodeId,
    fingerprint: `f-${episodeId}`,
    testName: 't',
    signal: 'metric:loss_final',
    polarity: 'bad',
    state: 'firing',
    closedReason: null,
    reason: 'above',
    severity: 'warning',
    openedAt: day(1),
    firedAt: day(1),
    closedAt: null,
    firstBad: bad,
    lastBad: bad,
    worst: 0.9,
    lastGood: point('z', 0),
    lastRun: bad,
    badStreak: 1,
    goodStreak: 0,
    badTotal: 1,
    runsSince: 1,
    flaps: 0,
    reopened: 0,
    recoverAfter: 2,
    frozen: { lower: null, upper: 0.5, clearLower: null, clearUpper: 0.4, baselineN: 30, centre: 1 / 3 },
    demand: 'less than 0.5',
    looksLikeNewNormal: false,
    ack: null,
    threadId: 'thread',
    incidentId: null,
    reminders: 0,
    nextReminderAt: day(2),
    labels: { team: 'perf' },
    configDigest: null,
    seq: 1,
    record: 1,
    isFlapping: false,
    flapRuns: [],
    absentStreak: 0,
    recent: [0.5, 0.9],
    worstReason: 'above',
    ...fields,
  };
}

/** The step that made an episode what it is. */
export function step(after: Episode, fields: Partial<EpisodeEvent> = {}): EpisodeEvent {
  return {
    eventId: `${after.episodeId}/${after.seq}`,
    at: after.lastRun.at,
    runId: after.lastRun.runId,
    kind: 'fired',
    fromState: 'ok',
    reason: after.reason,
    actor: null,
    note: null,
    after,
    ...fields,
  };
}

/** What is told of a step. */
export function told(of: Episode, fields: Partial<Notice> = {}): WaitingNotice {
  return {
    suppressed: false,
    notice: {
      id: `n-${of.episodeId}-${of.seq}`,
      kind: 'firing',
      at: of.lastRun.at,
      episode: of,
      evidence: {
        points: [{ runId: 'a', at: day(1), value: 0.9, lower: null, upper: 0.5, isBad: true }],
        siblings: [{ metric: 'acc', value: null, lower: null, upper: null, verdict: null }],
        outcome: 'success',
        attempt: 1,
        logsLink: null,
        workloadLink: null,
        modelDir: '/models/a',
        oneIn: null,
      },
      actor: null,
      note: null,
      ...fields,
    },
  };
}

/** All that one step of some episodes writes. */
export function changesOf(...episodes: readonly Episode[]): EpisodeChanges {
  return {
    episodes,
    events: episodes.map((one) => step(one)),
    notices: episodes.map((one) => told(one)),
  };
}

/** The episode of a test that a run moves next, as the pipeline numbers it; of runs that ended together any may be first. */
export async function nextEpisode(history: EpisodeStore, run: IndexedRun): Promise<Episode> {
  const { testName, runId, uuid, ended } = run;
  const record = (await history.lastRecord(testName)) + 1;
  const at = ended?.finishedAt ?? 0;
  const here = { ...point(runId, 0), uuid, at };
  const [newest] = await history.episodesOf(testName);
  const seq = (newest?.seq ?? 0) + 1;
  const opens = newest === undefined || record % 3 === 0;
  const opened = { openedAt: at, fingerprint: `f ${testName}`, testName, firstBad: here };
  const before = opens ? episode(`e ${testName} ${record}`, opened) : newest;
  return {
    ...before,
    lastRun: here,
    record,
    seq: opens ? 1 : seq,
    state: record % 2 === 0 ? 'closed' : 'firing',
  };
}

export function sighting(runId: string, fields: Partial<RunEvent> = {}): RunEvent {
  const id = `sighted/${runId}`;
  return event({ eventKey: `learnt ${id}`, kind: 'sighted', thread: `run:${runId}`, id, ...fields });
}
