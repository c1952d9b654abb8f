import { SEVERITIES, type Severity } from '../episodes/episode.ts';
import type { Told } from './draft.ts';
import { type KnownThreads, type Thread, threadKey } from './known-threads.ts';
import { type Recipient, recipientKey } from './policy.ts';

/** What is known of a row of the outbox without reading its mail. */
export interface Head extends Recipient {
  /** Episodes of which it says that they are open. */
  readonly episodeIds: readonly string[];
  readonly threadId: string | null;
  /** Not null: a placeholder, never sent itself. */
  readonly notBefore: number | null;
  readonly status: string;
  readonly subject: string;
}

const DELIVERED: ReadonlySet<string> = new Set(['sent', 'uncertain']);

/** Answers what a recipient was told of an episode, from the rows that say of it that it is open. */
export function toldBy(heads: readonly Head[]): (recipient: Recipient, episodeId: string) => Told | null {
  const known = new Map<string, Told>();
  for (const head of heads) {
    const told = toldByOne(head);
    if (told === null) continue;
    for (const episodeId of head.episodeIds) {
      const place = `${recipientKey(head)} ${episodeId}`;
      const before = known.get(place);
      if (before === undefined || RANK[told.state] > RANK[before.state]) known.set(place, told);
    }
  }
  return (recipient, episodeId) => known.get(`${recipientKey(recipient)} ${episodeId}`) ?? null;
}

const RANK = { held: 0, underway: 1, delivered: 2 } as const;

function toldByOne({ status, notBefore }: Head): Told | null {
  if (notBefore !== null) return status === 'pending' ? { state: 'held', until: notBefore } : null;
  if (DELIVERED.has(status)) return { state: 'delivered' };
  // Of one that is `sending` the pass has died, and this one sends it again.
  return status === 'pending' || status === 'sending' ? { state: 'underway' } : null;
}

/** All who were told of an episode, or are about to be. */
export function toldTo(heads: readonly Head[]): (episodeId: string) => readonly Recipient[] {
  const known = new Map<string, Map<string, Recipient>>();
  for (const head of heads) {
    if (toldByOne(head) === null) continue;
    const { channel, address } = head;
    for (const episodeId of head.episodeIds) {
      const of = known.get(episodeId) ?? new Map<string, Recipient>();
      known.set(episodeId, of.set(recipientKey(head), { channel, address }));
    }
  }
  return (episodeId) => [...(known.get(episodeId)?.values() ?? [])];
}

/** In which threads what was told to whom, and how severe their subjects say that they are. Rows come oldest first. */
export function threadsOf(heads: readonly Head[]): KnownThreads {
  const known = new Map<string, Thread>();
  const last = new Map<string, Thread>();
  for (const head of heads) {
    const { threadId, notBefore, episodeIds, subject } = head;
    if (threadId === null || notBefore !== null || toldByOne(head) === null) continue;
    const thread = known.get(threadKey(head, threadId)) ?? { id: threadId, severity: severityIn(subject) };
    known.set(threadKey(head, threadId), thread);
    for (const episodeId of episodeIds) last.set(`${recipientKey(head)} ${episodeId}`, thread);
  }
  return {
    of: (recipient, episodeId) => last.get(`${recipientKey(recipient)} ${episodeId}`) ?? null,
    named: (recipient, threadId) => known.get(threadKey(recipient, threadId)) ?? null,
  };
}

function severityIn(subject: string): Severity | null {
  return SEVERITIES.find((severity) => subject.startsWith(`[${severity}] `)) ?? null;
}

/**
 * The subject under which a thread began for a recipient; null: nothing of it went out yet. Rows come oldest first.
 * Mail programs keep a thread together by its subject, so a later mail must not find a better one.
 */
export function subjectOfThread(
  heads: readonly Head[],
  draft: Recipient & { readonly threadId: string | null },
): string | null {
  const first = heads.find(
    (head) =>
      head.threadId !== null &&
      head.threadId === draft.threadId &&
      head.notBefore === null &&
      toldByOne(head) !== null &&
      recipientKey(head) === recipientKey(draft),
  );
  return first?.subject ?? null;
}
