import type { Outcome } from './outcome.ts';
import type { Run } from './run.ts';
import { formatTime } from './time.ts';

/** Only a run that sent a heartbeat can fall silent; after this long it has. */
export const SILENCE_MS = 10 * 60_000;
/** A Job that is gone may still be spoken of: its end can lie in a message that is on its way for so long. */
export const GONE_GRACE_MS = 30 * 60_000;

/** An end nobody reported. Its time comes from what the run said, never from the tick's clock. */
export interface InferredEnd {
  readonly outcome: Outcome;
  readonly finishedAt: number;
  readonly reason: 'deadline' | 'silent' | 'gone';
  /** The run counts as ended once the clock is past this. */
  readonly dueAt: number;
}

export type Status =
  | {
      readonly kind: 'ended';
      readonly outcome: Outcome;
      readonly finishedAt: number;
      readonly reason: 'reported' | InferredEnd['reason'];
    }
  /** Still open; nothing changes by itself before `checkAt`. */
  | { readonly kind: 'open'; readonly checkAt: number };

/** What will be inferred of a run that says nothing more: whichever is due first. */
export function inferredEnd(run: Run): InferredEnd {
  const { deadline, deadlineOutcome, lastHeartbeat, jobGoneAt } = run;
  const ends: InferredEnd[] = [
    { outcome: deadlineOutcome, finishedAt: deadline, reason: 'deadline', dueAt: deadline },
  ];
  if (lastHeartbeat !== null) {
    const dueAt = lastHeartbeat + SILENCE_MS;
    ends.push({ outcome: 'lost', finishedAt: lastHeartbeat, reason: 'silent', dueAt });
  }
  if (jobGoneAt !== null) {
    // It ended at an unknown time before; the sight of it is recorded, so a replay finds the same.
    const dueAt = jobGoneAt + GONE_GRACE_MS;
    ends.push({ outcome: 'lost', finishedAt: jobGoneAt, reason: 'gone', dueAt });
  }
  return ends.reduce((first, end) => (first.dueAt < end.dueAt ? first : end));
}

/** Identifies an inferred end among what was learnt of a run; a later heartbeat makes it another one. */
export function inferenceId(end: InferredEnd): string {
  return `${end.outcome}/${formatTime(end.finishedAt)}`;
}

/**
 * How a run stands at `now`. A reported end always counts; an inferred one once it is due, or when an earlier
 * tick has already learnt it (`learnt` holds the ids), so that a replay needs no clock.
 */
export function decideStatus(run: Run, now: number, learnt: ReadonlySet<string>): Status {
  if (run.end !== null) {
    const { outcome, finishedAt } = run.end;
    return { kind: 'ended', outcome, finishedAt, reason: 'reported' };
  }
  const inferred = inferredEnd(run);
  if (now > inferred.dueAt || learnt.has(inferenceId(inferred))) {
    const { outcome, finishedAt, reason } = inferred;
    return { kind: 'ended', outcome, finishedAt, reason };
  }
  return { kind: 'open', checkAt: inferred.dueAt };
}
