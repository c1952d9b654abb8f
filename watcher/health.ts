import type { WatchStatus } from '../shared/adapters/kubernetes/watch-types.ts';
import type { OutboxStatus } from './outbox.ts';

/** How the parts stand. Times are milliseconds since the epoch. */
export interface Standing {
  readonly now: number;
  readonly watches: readonly WatchStatus[];
  readonly outbox: OutboxStatus;
  /** What is wrong with publishing although nothing was to be published; null when nothing is known to be. */
  readonly publishProblem: string | null;
}

/** What a probe is told. */
export interface Health {
  /** False: something does not answer. The work goes on as soon as it does; starting anew would not help. */
  readonly isReady: boolean;
  /** False: a watch makes no step any more. Starting anew helps. */
  readonly isAlive: boolean;
  readonly report: Readonly<Record<string, unknown>>;
}

/** What fails for less long may pass; alarms and probes need not know. */
const GRACE_MS = 60_000;
/** A watch ends after five minutes and a pause takes ten at most, so a step is made more often than this. */
const STUCK_MS = 20 * 60_000;

/**
 * Health by whether calls succeed, never by whether something happens: a cluster may be quiet for days. Pure, so that
 * every case is a table's.
 */
export function healthOf({ now, watches, outbox, publishProblem }: Standing): Health {
  const isLong = (failing: { readonly since: number } | null) =>
    failing !== null && now - failing.since >= GRACE_MS;
  const seconds = (since: number) => Math.max(0, Math.round((now - since) / 1000));
  const reports = watches.map(
    ({ what, phase, hasListed, failing, movedAt, lists, watches: made, lines }) => ({
      what,
      ok: phase === 'absent' || (hasListed && !isLong(failing)),
      phase,
      last_step_seconds: seconds(movedAt),
      ...(failing === null ? {} : { failing_seconds: seconds(failing.since), why: failing.why }),
      lists,
      watches: made,
      lines,
    }),
  );
  const why = outbox.failing?.why ?? publishProblem;
  const publisher = {
    ok: publishProblem === null && !isLong(outbox.failing),
    published: outbox.published,
    waiting: outbox.waiting,
    postponed: outbox.postponed,
    oldest_waiting_seconds: outbox.oldestAt === null ? 0 : seconds(outbox.oldestAt),
    last_published_seconds: outbox.lastPublishedAt === null ? null : seconds(outbox.lastPublishedAt),
    ...(why === null ? {} : { why }),
  };
  const isReady = publisher.ok && reports.length > 0 && reports.every(({ ok }) => ok);
  const isAlive = watches.every(({ movedAt }) => now - movedAt < STUCK_MS);
  return {
    isReady,
    isAlive,
    report: { status: isReady ? 'ok' : 'failing', alive: isAlive, watches: reports, publisher },
  };
}
