import type { Notice } from '../episodes/notice.ts';
import type { DeliveryInput, DeliveryPlan } from './draft.ts';
import { draftsOf } from './grouping.ts';
import { subjectOf } from './matcher.ts';
import { netOfHeld } from './net.ts';
import { recipientKey } from './policy.ts';
import { quietUntil, waits } from './quiet.ts';
import { everybody, type Named, recipientsOf } from './recipients.ts';
import { silenceOf } from './silences.ts';
import { isEnd, isForDigests, isForPagers, isQuietEnd, isReminder, type Telling } from './telling.ts';

/**
 * Decides who is told what now. One draft per recipient and thread of a test; above `digestAbove` tests one digest;
 * tests with a common cause in one mail of their own; reminders of a recipient bundled. Every notice that names
 * somebody is in at least one draft, sent or suppressed, or in a placeholder that is released, so that nothing
 * vanishes without a row that says why.
 */
export function planDeliveries(input: DeliveryInput): DeliveryPlan {
  const unrouted: Notice[] = [];
  const tellings: Telling[] = [];
  const quiet = quietTimes(input.now);
  const alsoTold = toldBefore(input);
  for (const given of input.notices) {
    const { notice, suppressed, held } = given;
    const subject = subjectOf(notice.episode, input.tests);
    const test = input.tests.get(notice.episode.testName);
    const named = recipientsOf(subject, { policy: input.policy, test });
    // Who was promised a mail gets it, also when the config names somebody else by now.
    const reached = isForPagers(notice)
      ? pagersWith(notice, input)
      : held === null
        ? [...named, ...alsoTold(notice, named)]
        : [ownPlace(named, held)];
    // Of a reminder nobody is reminded: that nobody is named was said when it began.
    if (reached.length === 0 && !isReminder(notice) && !isForPagers(notice)) unrouted.push(notice);
    const silence = isForPagers(notice) ? null : silenceOf(subject, input);
    for (const { recipient, reasons, quiet: ways } of reached) {
      tellings.push({
        notice,
        recipient: { channel: recipient.channel, address: recipient.address },
        reasons,
        heldBy: held?.key ?? null,
        isBrief: false,
        suppressedBy: suppressed ? 'backfill' : silence === null ? null : `silence ${silence.id}`,
        notBefore: quiet(ways, notice),
      });
    }
  }
  const kept = withoutUntoldEnds(netOfHeld(tellings, input.told), input);
  const released = [...new Set(tellings.flatMap(({ heldBy }) => heldBy ?? []))];
  // What is never sent has no hour.
  const drafts = draftsOf(
    kept.map((one) => (one.suppressedBy === null ? one : { ...one, notBefore: null })),
    input,
  );
  return { drafts, released, unrouted };
}

/** Of an end: who heard of its beginning and is named no more for it, but elsewhere. */
function toldBefore({ policy, tests, toldTo }: DeliveryInput) {
  let known: ReadonlySet<string> | undefined;
  return (notice: Notice, named: readonly Named[]): Named[] => {
    if (!isEnd(notice)) return [];
    const here = new Set(named.map(({ recipient }) => recipientKey(recipient)));
    return toldTo(notice.episode.episodeId).flatMap((recipient): Named[] => {
      const key = recipientKey(recipient);
      known ??= everybody(policy, tests);
      if (here.has(key) || !known.has(key)) return [];
      return [{ recipient, reasons: [{ by: 'told' }], quiet: policy.quiet === null ? null : [policy.quiet] }];
    });
  };
}

/** Pagers that have an incident open for it: that somebody has seen it stops them, and is no news to anybody else. */
function pagersWith({ episode: { episodeId } }: Notice, { policy, told, toldTo }: DeliveryInput): Named[] {
  return toldTo(episodeId)
    .filter((recipient) => policy.pagers.includes(recipient.channel))
    .filter((recipient) => told(recipient, episodeId)?.state !== 'held')
    .map((recipient) => ({ recipient, reasons: [{ by: 'told' }], quiet: null }));
}

function ownPlace(named: readonly Named[], held: Named['recipient']): Named {
  const same = named.find(({ recipient }) => recipientKey(recipient) === recipientKey(held));
  return same ?? { recipient: held, reasons: [{ by: 'before' }], quiet: null };
}

/** When a notice may go out to somebody: at once if one of the ways to him knows no quiet hours, or lets it pass. */
function quietTimes(now: number) {
  const ends = new Map<object, number | null>();
  return (ways: Named['quiet'], { episode }: Notice): number | null => {
    if (ways === null) return null;
    const times = ways.map((hours) => {
      if (!waits(episode.severity, hours)) return null;
      if (!ends.has(hours)) ends.set(hours, quietUntil(now, hours));
      return ends.get(hours) ?? null;
    });
    return times.includes(null) ? null : Math.min(...(times as number[]));
  };
}

/**
 * An end goes only to who heard that something began, and not before. What is for digests only is held back here,
 * too; a digest that goes out takes it along.
 */
function withoutUntoldEnds(tellings: readonly Telling[], { told }: DeliveryInput): Telling[] {
  const begun = new Map<string, number | null>();
  const place = ({ recipient, notice }: Telling) => `${recipientKey(recipient)} ${notice.episode.episodeId}`;
  for (const telling of tellings) {
    if (telling.suppressedBy === null && !isEnd(telling.notice)) begun.set(place(telling), telling.notBefore);
  }
  return tellings.map((telling) => {
    const { notice, recipient, suppressedBy, isBrief } = telling;
    if (suppressedBy !== null || isBrief) return telling;
    if (isForDigests(notice)) return { ...telling, suppressedBy: 'info' };
    // Nobody is reminded of what is about to reach him.
    const stands = told(recipient, notice.episode.episodeId)?.state;
    if (notice.kind === 'reminder' && (stands === 'underway' || stands === 'held'))
      return { ...telling, suppressedBy: 'not sent yet' };
    if (!isEnd(notice)) return telling;
    const here = begun.get(place(telling));
    if (here !== undefined) return { ...telling, notBefore: here };
    const before = told(recipient, notice.episode.episodeId);
    if (before === null) return { ...telling, suppressedBy: 'not told' };
    if (isQuietEnd(notice)) return { ...telling, suppressedBy: 'info' };
    if (before.state !== 'held') return telling;
    return { ...telling, notBefore: Math.max(before.until, telling.notBefore ?? 0) };
  });
}
