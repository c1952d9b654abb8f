import type { DeliveryInput } from './draft.ts';
import { recipientKey } from './policy.ts';
import { isEnd, type Telling } from './telling.ts';

/**
 * What is left to say of each incident after quiet hours. One that began and ended in them is one line (`isBrief`); of
 * one that ended and began again only that it goes on. Where somebody had heard of it before, everything is told.
 */
export function netOfHeld(tellings: readonly Telling[], told: DeliveryInput['told']): Telling[] {
  const groups = Map.groupBy(
    tellings,
    ({ recipient, notice }) => `${recipientKey(recipient)} ${notice.episode.episodeId}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group as [Telling];
    const isHeld = group.some(({ heldBy }) => heldBy !== null);
    const isSilent = group.some(({ suppressedBy }) => suppressedBy !== null);
    if (!isHeld || isSilent) return group;
    if (told(first.recipient, first.notice.episode.episodeId)?.state === 'delivered') return group;
    const last = group.reduce((a, b) => (b.notice.episode.seq >= a.notice.episode.seq ? b : a));
    if (isEnd(last.notice)) return [{ ...last, isBrief: true }];
    return group.filter(({ notice }) => !isEnd(notice));
  });
}
