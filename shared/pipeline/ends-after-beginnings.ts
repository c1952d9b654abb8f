import { recipientKey } from '../core/delivery/policy.ts';
import type { Delivery, OutboxEntry } from '../ports/history.ts';
import type { Ports } from './context.ts';

/** By the key of each mail that only says what is over: the episodes that it says are. */
export type Ended = ReadonlyMap<string, readonly string[]>;

/** What the rows say is over; by episode, since a digest that says what began has another thread than its end. */
export async function endedBy(
  rows: readonly OutboxEntry[],
  { history }: Pick<Ports, 'history'>,
): Promise<Ended> {
  const ends = rows.filter(({ episodeIds, alertIds }) => episodeIds.length === 0 && alertIds.length > 0);
  if (ends.length === 0) return new Map();
  const notices = await history.noticesWith(ends.flatMap(({ alertIds }) => alertIds));
  const episodeOf = new Map(notices.map(({ notice: { id, episode } }) => [id, episode.episodeId]));
  return new Map(
    ends.map(({ mail: { key }, alertIds }) => [key, alertIds.flatMap((id) => episodeOf.get(id) ?? [])]),
  );
}

/**
 * The rows that may go out. A mail that only says that something is over is suppressed when all that said it began
 * failed for good: nobody is told of the end of something of which he never heard. (While one of those is still on its
 * way, the end waits behind it: `sendMails` goes by age.)
 */
export async function withoutBeginning(
  rows: readonly OutboxEntry[],
  ended: Ended,
  { history, clock }: Ports,
): Promise<readonly OutboxEntry[]> {
  const episodeIds = [...new Set([...ended.values()].flat())];
  if (episodeIds.length === 0) return rows;
  const told = (await history.deliveries({ episodeIds, threadIds: [] })).filter(
    ({ notBefore, status }) => notBefore === null && status !== 'suppressed',
  );
  const lost = new Set(rows.filter((row) => isLost(row, ended, told)));
  if (lost.size > 0) {
    const detail = 'what said that it began never arrived';
    const at = clock.now();
    await history.markMails(
      [...lost].map(({ mail: { key } }) => ({ key, status: 'suppressed', detail, at })),
    );
  }
  return rows.filter((row) => !lost.has(row));
}

/** Episodes as the recipient of a row sees them. */
export function placesOf(
  row: Pick<OutboxEntry, 'channel' | 'address'>,
  episodeIds: readonly string[],
): string[] {
  return episodeIds.map((id) => `${recipientKey(row)} ${id}`);
}

function isLost(row: OutboxEntry, ended: Ended, told: readonly Delivery[]): boolean {
  const over = ended.get(row.mail.key) ?? [];
  const before = over.map((id) =>
    told.filter((one) => recipientKey(one) === recipientKey(row) && one.episodeIds.includes(id)),
  );
  return (
    before.length > 0 && before.every((of) => of.length > 0 && of.every(({ status }) => status === 'failed'))
  );
}
