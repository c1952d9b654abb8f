import type { DeliveryInput } from './draft.ts';
import { recipientKey } from './policy.ts';
import { isEnd, isReminder, type Telling } from './telling.ts';

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
    const last = newest(group);
    if (told(first.recipient, first.notice.episode.episodeId)?.state === 'delivered')
      return reminded(group, last);
    if (isEnd(last.notice)) return [{ ...last, isBrief: true }];
    return group.filter(({ notice }) => !isEnd(notice));
  });
}

/** Of several reminders that came up meanwhile the last, and none of what is over. */
function reminded(group: readonly Telling[], last: Telling): Telling[] {
  const reminders = group.filter(({ notice }) => isReminder(notice));
  const kept = reminders.length === 0 || isEnd(last.notice) ? null : newest(reminders);
  return group.filter((telling) => !isReminder(telling.notice) || telling === kept);
}

function newest(group: readonly Telling[]): Telling {
  return group.reduce((a, b) => (b.notice.episode.seq >= a.notice.episode.seq ? b : a));
}
