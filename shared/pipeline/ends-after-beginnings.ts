import { recipientKey } from '../core/delivery/policy.ts';
import type { Delivery, OutboxEntry } from '../ports/history.ts';
import type { Ports } from './context.ts';

/**
 * The rows that may go out. A mail that only says that something is over is suppressed when the one of its thread that
 * said it began failed for good: nobody is told of the end of something of which he never heard. (While that one is
 * still on its way, the end waits behind it: `sendMails` goes by age.)
 */
export async function withoutBeginning(
  rows: readonly OutboxEntry[],
  { history, clock }: Ports,
): Promise<readonly OutboxEntry[]> {
  const threadIds = [...new Set(rows.filter(isEnd).flatMap(({ threadId }) => threadId ?? []))];
  if (threadIds.length === 0) return rows;
  const told = (await history.deliveries({ episodeIds: [], threadIds })).filter(
    ({ episodeIds }) => episodeIds.length > 0,
  );
  const lost = rows.filter((row) => isEnd(row) && isLost(row, told));
  if (lost.length > 0) {
    const detail = 'what said that it began never arrived';
    const at = clock.now();
    await history.markMails(lost.map(({ mail: { key } }) => ({ key, status: 'suppressed', detail, at })));
  }
  return rows.filter((row) => !isEnd(row) || !isLost(row, told));
}

/** Whether a row only says that something is over; of a digest nobody knows what said that it began. */
export function isEnd({ episodeIds, threadId, alertIds }: OutboxEntry): boolean {
  return threadId !== null && episodeIds.length === 0 && alertIds.length > 0;
}

/** A thread as its recipient sees it. */
export function placeOf(row: Pick<OutboxEntry, 'channel' | 'address' | 'threadId'>): string {
  return `${recipientKey(row)} ${row.threadId}`;
}

function isLost(row: OutboxEntry, told: readonly Delivery[]): boolean {
  const before = told.filter((one) => one.notBefore === null && placeOf(one) === placeOf(row));
  return before.length > 0 && before.every(({ status }) => status === 'failed');
}
