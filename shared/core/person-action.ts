import { compareText } from './text-order.ts';
import { formatTime, parseTime } from './time.ts';

/**
 * What people do about runs and episodes. `exclude` takes a run out of every baseline and `include` puts it back;
 * `accept` takes what a run shows for the new normal; `close` ends an episode without saying that all is well.
 */
export const ACTION_KINDS = [
  'ack',
  'unack',
  'silence',
  'unsilence',
  'accept',
  'close',
  'comment',
  'exclude',
  'include',
] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

/** A run that an action names, with its place in the order of its test. */
export interface ActionRun {
  readonly runId: string;
  readonly uuid: string;
  /** Milliseconds since the epoch. */
  readonly finishedAt: number;
}

/** What an action is about: as much of it as its kind needs, the rest is null. */
export interface ActionTarget {
  readonly testName: string | null;
  /** `metric:<name>`, `job`, …; null: all of the test. */
  readonly signal: string | null;
  readonly episodeId: string | null;
  readonly run: ActionRun | null;
  /** Of a silence: what has to hold of an alert, as it was typed, `label=value` each. Empty for all other kinds. */
  readonly matchers: readonly string[];
}

/** One thing that a person did: a row of `alert_actions`. Times are milliseconds since the epoch. */
export interface PersonAction {
  /** The same id is the same action, however often it is stored. */
  readonly actionId: string;
  readonly at: number;
  readonly actor: string;
  /** How it reached us: `cli`, `config`, … */
  readonly via: string | null;
  readonly kind: ActionKind;
  readonly target: ActionTarget;
  /** From when and until when it counts; null: from `at` on, and for good. */
  readonly startsAt: number | null;
  readonly endsAt: number | null;
  readonly note: string | null;
}

/** Kinds that change from which runs later ones are judged. */
export const BASELINE_KINDS: readonly ActionKind[] = ['accept', 'exclude', 'include'];

/**
 * The test whose later runs an action changes the baselines of; null: of none. It counts for the runs that ended
 * after it was done (`finishedAt > at`) and for no others, so that what was judged before it stays as it was told.
 */
export function baselineTestOf({ kind, target }: PersonAction): string | null {
  return BASELINE_KINDS.includes(kind) ? target.testName : null;
}

/** In the order in which they were done, ties by id. */
export function compareActions(a: PersonAction, b: PersonAction): number {
  return a.at - b.at || compareText(a.actionId, b.actionId);
}

/** The target as `alert_actions.target` holds it: JSON with the keys that are not null, in one order. */
export function targetText({ testName, signal, episodeId, run, matchers }: ActionTarget): string {
  return JSON.stringify({
    ...(testName === null ? {} : { test_name: testName }),
    ...(signal === null ? {} : { signal }),
    ...(episodeId === null ? {} : { episode_id: episodeId }),
    ...(run === null ? {} : { run_id: run.runId, uuid: run.uuid, finished_at: formatTime(run.finishedAt) }),
    ...(matchers.length === 0 ? {} : { matchers }),
  });
}

/** Reads what `targetText` wrote. */
export function targetOf(text: string): ActionTarget {
  const stored = JSON.parse(text) as {
    readonly test_name?: string;
    readonly signal?: string;
    readonly episode_id?: string;
    readonly run_id?: string;
    readonly uuid?: string;
    readonly finished_at?: string;
    readonly matchers?: readonly string[];
  };
  const { run_id: runId, uuid, finished_at: finishedAt } = stored;
  const isRun = runId !== undefined && uuid !== undefined && finishedAt !== undefined;
  return {
    testName: stored.test_name ?? null,
    signal: stored.signal ?? null,
    episodeId: stored.episode_id ?? null,
    run: isRun ? { runId, uuid, finishedAt: parseTime(finishedAt)! } : null,
    matchers: stored.matchers ?? [],
  };
}
