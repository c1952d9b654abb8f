import { digestOf } from '../digest.ts';
import { type Episode, SEVERITIES, type Severity } from '../episodes/episode.ts';
import { compareText } from '../text-order.ts';
import type { DeliveryInput } from './draft.ts';
import type { KnownThreads, Thread } from './known-threads.ts';
import { isEnd, type Telling } from './telling.ts';

/** What goes into one mail. */
export interface ThreadGroup {
  readonly threadId: string;
  readonly tellings: readonly Telling[];
  /** Threads beside its own in which something ends with it. */
  readonly alsoEnds: readonly string[];
}

/** Every thread in which an episode may be told of. */
export function threadsAbout({ threadId, incidentId }: Episode): string[] {
  return [threadId, criticalThread(threadId), ...(incidentId === null ? [] : [incidentId])];
}

/**
 * Puts tellings of one recipient into threads, one mail each. An incident stays in the thread in which it was told, its
 * end too. Only what is more severe than the subject of that thread says begins a new one, because people filter by
 * subjects (alerting.md §3.1); all of a test that opened in one run and fits under one severity shares one.
 */
export function threadGroups(
  tellings: readonly Telling[],
  { threads, told }: Pick<DeliveryInput, 'threads' | 'told'>,
): ThreadGroup[] {
  const begins = tellings.filter(({ notice }) => !isEnd(notice));
  const homes = new Map(begins.map((telling) => [episodeIdOf(telling), homeOf(telling, threads)]));
  // What begins and ends in one pass is told in one mail.
  const home = (telling: Telling) => homes.get(episodeIdOf(telling)) ?? homeOf(telling, threads);
  const byThread = new Map<string, Telling[]>();
  for (const [name, of] of Map.groupBy(tellings, home)) {
    const threadId = name.startsWith(NEW) ? threadOfNew(name.slice(NEW.length), { of, threads }) : name;
    byThread.set(threadId, [...(byThread.get(threadId) ?? []), ...of]);
  }
  const groups = [...byThread].map(([threadId, of]) => ({ threadId, tellings: of, alsoEnds: [] }));
  return withScheduleEnds(groups, told);
}

/** Marks what no thread has for its reader yet; no id of a thread begins with it. */
const NEW = 'new ';

/** Named by a thread that it fits into, else by the run in which it opened. */
function homeOf({ notice, recipient }: Telling, threads: KnownThreads): string {
  const { episodeId, threadId, incidentId, severity } = notice.episode;
  const known = threads.of(recipient, episodeId);
  if (isEnd(notice)) return known?.id ?? `${NEW}${incidentId ?? threadId}`;
  return known !== null && isLoudEnough(known, severity) ? known.id : `${NEW}${threadId}`;
}

/** The thread of what opened in one run and was told in none: one that there is already, if it is severe enough. */
function threadOfNew(
  base: string,
  { of, threads }: { readonly of: readonly Telling[]; readonly threads: KnownThreads },
): string {
  const severity = worstOf(of);
  const own = severity === 'critical' ? criticalThread(base) : base;
  const [{ recipient }] = of as readonly [Telling, ...Telling[]];
  const known = [base, criticalThread(base)].map((id) => threads.named(recipient, id));
  return known.find((thread) => thread !== null && isLoudEnough(thread, severity))?.id ?? own;
}

/** What is critical is never told under the subject of what is not. */
function criticalThread(base: string): string {
  return digestOf('critical thread', base);
}

function isLoudEnough({ severity: told }: Thread, severity: Severity): boolean {
  return told === null || SEVERITIES.indexOf(told) >= SEVERITIES.indexOf(severity);
}

/** The worst of what goes on; of ends alone the worst of them. */
function worstOf(tellings: readonly Telling[]): Severity {
  const begins = tellings.filter(({ notice }) => !isEnd(notice));
  const of = (begins.length === 0 ? tellings : begins).map(({ notice }) => notice.episode.severity);
  return SEVERITIES.findLast((severity) => of.includes(severity)) ?? 'info';
}

/**
 * A run that came late, or ended late, and is bad: that the schedule is kept again is told with what is wrong with that
 * run, in one mail (alerting.md §1.3, row 18), unless its outage is still on its way to the reader.
 */
function withScheduleEnds(groups: readonly ThreadGroup[], told: DeliveryInput['told']): ThreadGroup[] {
  const moves = groups.flatMap((group) =>
    group.tellings.flatMap((telling) => {
      const beside = isDelivered(telling, told) ? verdictOfItsRun(telling, groups) : null;
      return beside === null || beside === group ? [] : [{ telling, from: group.threadId, to: beside }];
    }),
  );
  const gone = new Set(moves.map(({ telling }) => telling));
  return groups.flatMap((group): ThreadGroup[] => {
    const here = moves.filter(({ to }) => to === group);
    const tellings = [
      ...group.tellings.filter((telling) => !gone.has(telling)),
      ...here.map(({ telling }) => telling),
    ];
    if (tellings.length === 0) return [];
    return [{ ...group, tellings, alsoEnds: [...new Set(here.map(({ from }) => from))].sort(compareText) }];
  });
}

function isDelivered({ recipient, notice }: Telling, told: DeliveryInput['told']): boolean {
  return told(recipient, notice.episode.episodeId)?.state === 'delivered';
}

/** The mail that tells what is wrong with the run that ended an outage; of several the one that says the worst. */
function verdictOfItsRun(
  { notice: { kind, episode } }: Telling,
  groups: readonly ThreadGroup[],
): ThreadGroup | null {
  if (kind !== 'recovered' || episode.signal !== 'schedule') return null;
  const isOfRun = ({ notice }: Telling) =>
    !isEnd(notice) &&
    notice.episode.testName === episode.testName &&
    notice.episode.lastBad.uuid === episode.lastRun.uuid;
  const [worst] = groups
    .filter(({ tellings }) => tellings.some(isOfRun))
    .sort((a, b) => rank(b) - rank(a) || compareText(a.threadId, b.threadId));
  return worst ?? null;
}

function rank({ tellings }: ThreadGroup): number {
  return SEVERITIES.indexOf(worstOf(tellings));
}

function episodeIdOf({ notice }: Telling): string {
  return notice.episode.episodeId;
}
