import { digestOf } from '../digest.ts';
import type { Episode } from '../episodes/episode.ts';
import type { Notice } from '../episodes/notice.ts';
import { isOfTidemark } from '../episodes/tidemark-itself.ts';
import { compareText } from '../text-order.ts';
import type { DeliveryDraft, DeliveryInput } from './draft.ts';
import { subjectOf } from './matcher.ts';
import { recipientKey } from './policy.ts';
import { whyText } from './recipients.ts';
import { silenceOf } from './silences.ts';
import { isEnd, isForDigests, isReminder, mustArrive, type Telling } from './telling.ts';
import { type ThreadGroup, threadGroups } from './threads.ts';

/** Puts tellings into as few drafts as people can follow. */
export function draftsOf(tellings: readonly Telling[], input: DeliveryInput): DeliveryDraft[] {
  const mails = Map.groupBy(
    tellings,
    ({ recipient, suppressedBy, notBefore }) => `${recipientKey(recipient)}\n${suppressedBy}\n${notBefore}`,
  );
  const takesInfo = recipientsOfDigests([...mails.values()], input);
  const drafts = [...mails.values()].flatMap((mail) => {
    const [{ recipient, suppressedBy }] = mail as [Telling];
    const along = suppressedBy === 'info' ? takesInfo.get(recipientKey(recipient)) : undefined;
    // They have gone into the digest of this pass.
    if (along !== undefined) return [];
    const isDigest = testsOf(mail, input) > input.policy.digestAbove;
    const extra = isDigest && suppressedBy === null ? (takesInfo.get(recipientKey(recipient)) ?? []) : [];
    return groupsOf([...mail, ...extra], { isDigest, input })
      .flatMap((group) => (isPager(recipient, input) ? pages(group) : [group]))
      .map((group) => draftOf(group, input));
  });
  return drafts.sort((a, b) => compareText(recipientKey(a), recipientKey(b)) || compareText(a.key, b.key));
}

/** By recipient of a digest that goes out now: what goes along with it. */
function recipientsOfDigests(mails: readonly Telling[][], input: DeliveryInput): Map<string, Telling[]> {
  const digests = mails.filter((mail) => {
    const [{ suppressedBy, notBefore }] = mail as [Telling];
    return suppressedBy === null && notBefore === null && testsOf(mail, input) > input.policy.digestAbove;
  });
  return new Map(
    digests.map(([first]) => {
      const key = recipientKey(first!.recipient);
      const info = mails
        .flat()
        .filter(({ recipient, suppressedBy }) => suppressedBy === 'info' && recipientKey(recipient) === key);
      return [
        key,
        info.map((telling) => ({ ...telling, suppressedBy: null, notBefore: null, isBrief: true })),
      ];
    }),
  );
}

type Kind = DeliveryDraft['kind'];

interface Group {
  readonly kind: Kind;
  readonly tellings: readonly Telling[];
  /** Of a mail about one test, which is the only one that goes by threads. */
  readonly thread?: ThreadGroup;
}

/** How many tests would get mails of their own. */
function testsOf(mail: readonly Telling[], input: DeliveryInput): number {
  const own = mail.filter(
    (telling) => kindOf(telling, input) === 'test' && !isOfTidemark(telling.notice.episode),
  );
  return new Set(own.map(({ notice }) => notice.episode.testName)).size;
}

function groupsOf(
  mail: readonly Telling[],
  { isDigest, input }: { isDigest: boolean; input: DeliveryInput },
): Group[] {
  const groups = Map.groupBy(mail, (telling) => {
    const kind = kindOf(telling, input);
    // What is wrong with Tidemark itself is about none of the tests, and concerns them all.
    if (kind === 'test' && isDigest && !isOfTidemark(telling.notice.episode)) return 'digest';
    return kind === 'incident' ? `incident ${telling.notice.episode.incidentId}` : kind;
  });
  return [...groups].flatMap(([name, tellings]): Group[] => {
    const kind = name.split(' ', 1)[0] as Kind;
    if (kind !== 'test') return [{ kind, tellings }];
    return threadGroups(tellings, input).map((thread) => ({ kind, tellings: thread.tellings, thread }));
  });
}

/** So many ends at once go to a pager, which has a request for each and takes only so many a minute. */
const MOST_ENDS = 20;

function isPager({ channel }: Telling['recipient'], { policy }: DeliveryInput): boolean {
  return policy.pagers.includes(channel);
}

/** Many ends as several messages, so that after a storm each pass gets further, however few a pager takes at once. */
function pages(group: Group): Group[] {
  const goesOn = new Set(openOnes(group.tellings.map(({ notice }) => notice)));
  // What ended and began again has to be told in that order, and so in one message.
  const isOver = ({ notice }: Telling) => !goesOn.has(notice.episode.episodeId);
  const ends = group.tellings.filter(isOver).sort(byTime);
  if (ends.length <= MOST_ENDS) return [group];
  const rest = group.tellings.filter((telling) => !isOver(telling));
  const parts = Array.from({ length: Math.ceil(ends.length / MOST_ENDS) }, (_, index) =>
    ends.slice(index * MOST_ENDS, (index + 1) * MOST_ENDS),
  );
  return [...(rest.length === 0 ? [] : [rest]), ...parts].map((tellings) => ({ ...group, tellings }));
}

function byTime({ notice: a }: Telling, { notice: b }: Telling): number {
  return a.at - b.at || compareText(a.id, b.id);
}

function kindOf({ notice, isBrief }: Telling, { causes }: DeliveryInput): Kind {
  if (isReminder(notice)) return 'reminder';
  if (isBrief || isForDigests(notice)) return 'digest';
  return causeOf(notice, causes) === null ? 'test' : 'incident';
}

function causeOf({ episode }: Notice, causes: DeliveryInput['causes']) {
  return episode.incidentId === null ? null : (causes.get(episode.incidentId) ?? null);
}

function draftOf({ kind, tellings, thread }: Group, input: DeliveryInput): DeliveryDraft {
  const [{ recipient, suppressedBy, notBefore, notice: first }] = tellings as readonly [
    Telling,
    ...Telling[],
  ];
  const notices = [...tellings].sort(byTime).map(({ notice }) => notice);
  const ids = notices.map(({ id }) => id).sort(compareText);
  const tests = new Set(notices.map(({ episode }) => episode.testName)).size;
  const held = notBefore === null ? [] : ['held', `${notBefore}`];
  const reasons = tellings.flatMap((telling) => telling.reasons);
  return {
    ...recipient,
    key: digestOf('mail', recipient.channel, recipient.address, kind, ...held, ...ids),
    kind,
    notices,
    episodeIds: openOnes(notices),
    stillOpen: kind === 'test' || kind === 'digest' ? stillOpen(notices, input) : [],
    cause: kind === 'incident' ? causeOf(first, input.causes) : null,
    threadId: thread?.threadId ?? threadOf(kind, notices),
    alsoEnds: thread?.alsoEnds ?? [],
    notBefore,
    why: whyText(reasons, { tests, configFile: input.configFile }),
    suppressedBy,
    // A pager knows what comes twice, and a page that nobody ends goes on.
    atMostOnce: !isPager(recipient, input) && !notices.some(mustArrive),
  };
}

/** What began in an incident's thread goes on in it, several tests that end together too. */
function threadOf(kind: Kind, notices: readonly Notice[]): string | null {
  if (kind === 'reminder') return null;
  const [incident, ...others] = new Set(notices.map(({ episode }) => episode.incidentId));
  return incident != null && others.length === 0 ? incident : null;
}

function openOnes(notices: readonly Notice[]): string[] {
  const open = notices.filter((notice) => !isEnd(notice));
  return [...new Set(open.map(({ episode }) => episode.episodeId))].sort(compareText);
}

/** What goes on in the same tests and is not told of here; what is silenced is not brought up either. */
function stillOpen(notices: readonly Notice[], input: DeliveryInput): Episode[] {
  const tests = new Set(notices.map(({ episode }) => episode.testName));
  const here = new Set(notices.map(({ episode }) => episode.episodeId));
  return input.episodes.filter(
    (episode) =>
      tests.has(episode.testName) &&
      !here.has(episode.episodeId) &&
      (episode.state === 'firing' || episode.state === 'recovering') &&
      episode.polarity === 'bad' &&
      silenceOf(subjectOf(episode, input.tests), input) === null,
  );
}
