import type { Episode, EpisodeEvent } from '../../core/episodes/episode.ts';
import type { PersonAction } from '../../core/person-action.ts';
import type { JobRow, MetricRow } from '../../core/rows.ts';
import { compareRuns, type RunOrder } from '../../core/run.ts';
import type { RejectedMessage, RunEvent } from '../../core/run-event.ts';
import type { WaitingNotice } from '../../ports/episodes.ts';
import type { IndexedRun, OutboxEntry } from '../../ports/history.ts';

/** A run of the index, and what is still to be done about it. */
export interface KnownRun {
  readonly run: IndexedRun;
  readonly toJudge: 'own' | 'cascade' | null;
}

/** The rows of one judged run. */
export interface JudgedRun extends RunOrder {
  readonly job: JobRow;
  readonly metrics: readonly MetricRow[];
}

/** Everything the store holds; its parts are functions over this. */
export interface Store {
  readonly events: Map<string, RunEvent>;
  readonly rejected: Map<string, RejectedMessage>;
  readonly unsettled: Set<string>;
  readonly runs: Map<string, KnownRun>;
  /** By test name, in the order of runs. */
  readonly judged: Map<string, readonly JudgedRun[]>;
  readonly mails: Map<string, OutboxEntry>;
  readonly actions: Map<string, PersonAction>;
  readonly episodes: Map<string, Episode>;
  readonly episodeEvents: Map<string, EpisodeEvent>;
  readonly notices: Map<string, { readonly told: WaitingNotice; readonly waiting: boolean }>;
}

export function emptyStore(): Store {
  return {
    events: new Map(),
    rejected: new Map(),
    unsettled: new Set(),
    runs: new Map(),
    judged: new Map(),
    mails: new Map(),
    actions: new Map(),
    episodes: new Map(),
    episodeEvents: new Map(),
    notices: new Map(),
  };
}

export function judgedRuns(store: Store, testName: string): readonly JudgedRun[] {
  return store.judged.get(testName) ?? [];
}

export function judgedRun(store: Store, uuid: string): JudgedRun | undefined {
  return [...store.judged.values()].flat().find((rows) => rows.uuid === uuid);
}

/** Takes the rows of a run out; answers what they were. */
export function removeJudged(store: Store, uuid: string): JudgedRun | undefined {
  const gone = judgedRun(store, uuid);
  if (gone === undefined) return undefined;
  const { testName } = gone.job;
  const left = judgedRuns(store, testName).filter((rows) => rows !== gone);
  store.judged.set(testName, left);
  return gone;
}

/** Puts the rows of a run in their place in the order. */
export function insertJudged(store: Store, rows: JudgedRun): void {
  const present = judgedRuns(store, rows.job.testName);
  const at = present.findLastIndex((other) => compareRuns(other, rows) < 0) + 1;
  store.judged.set(rows.job.testName, present.toSpliced(at, 0, rows));
}

/** Marks the judged runs of a test behind a place in the order: what they look back on has changed. */
export function cascadeAfter(store: Store, testName: string, order: RunOrder): void {
  for (const { uuid, ...place } of judgedRuns(store, testName)) {
    const known = store.runs.get(uuid);
    if (known?.toJudge !== null || compareRuns({ uuid, ...place }, order) <= 0) continue;
    store.runs.set(uuid, { ...known, toJudge: 'cascade' });
  }
}

/** Place of a run in the order of runs; null while it is open. */
export function placeOf({ uuid, runId, ended }: IndexedRun): RunOrder | null {
  return ended === null ? null : { uuid, runId, finishedAt: ended.finishedAt };
}

/** Stores what a tick learnt; the same fact learnt again is the same row. */
export function addLearnt(store: Store, learnt: readonly RunEvent[]): void {
  for (const event of learnt) store.events.set(event.eventKey, event);
}
