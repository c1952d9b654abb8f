import type { RunEvent } from '../../core/run-event.ts';
import { conflictId } from '../../core/same-key.ts';
import { parseTime } from '../../core/time.ts';
import type { MailStatus } from '../../ports/history.ts';
import type { TableRow, WorkingCopy } from '../../ports/tables.ts';
import { type Past, type Place, pastOf } from './past.ts';
import type { Loaded, Remote } from './remote.ts';

/**
 * Which rows are in the working copy, and the loading of those that are not. Every method of the copy relies on
 * these rows, and on no others:
 *
 * - `append`: all events of the threads and keys in the batch (`messages`), and the rejected messages that a
 *   conflict may add to or withdraw (`conflicts`).
 * - `unsettled`, `openRuns`, `toJudge`, `waitingNotices`, `actions`: what the opening loads, and
 *   what this pass itself wrote.
 * - `eventsOf`: all events of the threads (`events`).
 * - `begunBetween`: runs of the test by when they began (`begun`).
 * - `threadsOf`, `settle`: runs by thread and by uuid (`runs`); `settle` too, for runs that had ended, the past of
 *   their test, in which lie what was recorded of them and every run behind them that may be to be judged again
 *   (`standing`).
 * - `record` and everything of `EarlierRuns`: the past of the test (`Past`).
 * - `episodesOf`: of each signal and polarity of the test the newest episode (`episodes`); `replaceEpisodes`: all of
 *   them and their steps (`allEpisodes`). `recordEpisodes`: events by thread and notices by id (`notices`).
 * - `addAction`: where it changes baselines, the past of its test from the action on.
 * - `addMails`, `markMails`, `mails`: mails by key and by status.
 * - `rejected`, `forgetRejected`: rejected messages, all or by id.
 *
 * Other rows may be missing, and that a row is missing means nothing then. A row that was loaded stays as it is in
 * the store until this pass changes it: nobody else writes while it holds the lease.
 */
export interface Residence {
  readonly copy: WorkingCopy;
  readonly past: Past;
  events(threads: readonly string[]): Promise<void>;
  messages(events: readonly RunEvent[]): Promise<void>;
  conflicts(events: readonly RunEvent[], ids: readonly string[]): Promise<void>;
  rejections(ids: readonly string[] | null): Promise<void>;
  runs(threads: readonly string[], uuids: readonly string[]): Promise<void>;
  begun(testName: string, time: { readonly from: number; readonly until: number }): Promise<void>;
  /** What settling these may take away, and whom that concerns. */
  standing(threads: readonly string[], uuids: readonly string[]): Promise<void>;
  episodes(testNames: readonly string[]): Promise<void>;
  allEpisodes(): Promise<void>;
  notices(ids: readonly string[]): Promise<void>;
  mailsByKey(keys: readonly string[]): Promise<void>;
  mailsByStatus(statuses: readonly MailStatus[]): Promise<void>;
  /** Runs, by uuid, whose judging asks for no more rows. */
  readonly prepared: Set<string>;
  /** How many rows were taken in. */
  readonly loaded: () => number;
}

/** Ids of one kind that were asked for already. */
export function newOnes(known: Set<string>, ids: readonly string[]): string[] {
  const missing = [...new Set(ids)].filter((id) => !known.has(id));
  for (const id of missing) known.add(id);
  return missing;
}

export async function residence(
  remote: Remote,
  copy: WorkingCopy,
  options: { readonly depth: number; readonly lookbackMs: number },
): Promise<Residence> {
  let size = 0;
  const take = (loaded: Loaded): void => {
    for (const [table, rows] of loaded) {
      copy.load(table, rows);
      size += rows.length;
    }
  };
  take(await remote.opening());
  const past = pastOf(remote, { take, ...options });
  const loadRuns = runLoader(remote, take);
  return {
    copy,
    past,
    prepared: new Set(),
    loaded: () => size,
    ...messageLoading(remote, { copy, take }),
    ...episodeLoading(remote, take),
    ...mailLoading(remote, take),
    runs: loadRuns,
    begun: async (testName, time) => take(await remote.runsBegun(testName, time)),
    async standing(threads, uuids) {
      await loadRuns(threads, uuids);
      const standing = [...copy.rowsWith('runs', 'thread', threads), ...copy.rowsWith('runs', 'uuid', uuids)];
      await past.before(standing.filter(({ finished_at }) => finished_at !== null).map(placeOfRun));
    },
  };
}

/** Where a run that has ended stands. */
export function placeOfRun(row: TableRow): Place {
  return {
    testName: String(row.test_name),
    finishedAt: parseTime(String(row.finished_at))!,
  };
}

type Take = (loaded: Loaded) => void;

function runLoader(remote: Remote, take: Take) {
  const [knownThreads, knownUuids] = [new Set<string>(), new Set<string>()];
  return async (threads: readonly string[], uuids: readonly string[]): Promise<void> => {
    const of = { threads: newOnes(knownThreads, threads), uuids: newOnes(knownUuids, uuids) };
    if (of.threads.length + of.uuids.length > 0) take(await remote.runs(of));
  };
}

type MessageLoading = Pick<Residence, 'events' | 'messages' | 'conflicts' | 'rejections'>;

function messageLoading(
  remote: Remote,
  { copy, take }: { readonly copy: WorkingCopy; readonly take: Take },
): MessageLoading {
  const [knownThreads, knownRejections] = [new Set<string>(), new Set<string>()];
  let allRejections = false;
  const events: Residence['events'] = async (threads) => {
    const missing = newOnes(knownThreads, threads);
    if (missing.length > 0) take(await remote.events(missing));
  };
  const rejections: Residence['rejections'] = async (ids) => {
    if (allRejections) return;
    const missing = ids === null ? null : newOnes(knownRejections, ids);
    if (missing === null || missing.length > 0) take(await remote.rejections(missing));
    allRejections = missing === null;
  };
  return {
    events,
    rejections,
    async messages(batch) {
      if (batch.length === 0) return;
      const threads = [...new Set(batch.map(({ thread }) => thread))];
      const keys = [...new Set(batch.map(({ eventKey }) => eventKey))];
      const [others] = await Promise.all([remote.otherThreads(keys, threads), events(threads)]);
      await events(others);
    },
    async conflicts(batch, ids) {
      const times = Map.groupBy(batch, ({ eventKey }) => eventKey);
      const stored = copy.rowsWith('run_events', 'event_key', [...times.keys()]);
      const met = new Set([
        ...stored.map(({ event_key }) => String(event_key)),
        ...[...times].filter(([, same]) => same.length > 1).map(([key]) => key),
      ]);
      const arriving = batch.filter(({ eventKey }) => met.has(eventKey)).map(conflictId);
      await rejections([...ids, ...arriving, ...stored.map(conflictIdOfRow)]);
    },
  };
}

function conflictIdOfRow(row: TableRow): string {
  return conflictId({
    eventKey: String(row.event_key),
    kind: String(row.kind),
    thread: String(row.thread),
    body: String(row.body),
  } as RunEvent);
}

type EpisodeLoading = Pick<Residence, 'episodes' | 'allEpisodes' | 'notices'>;

function episodeLoading(remote: Remote, take: Take): EpisodeLoading {
  const [knownTests, knownNotices] = [new Set<string>(), new Set<string>()];
  return {
    async episodes(testNames) {
      const missing = newOnes(knownTests, testNames);
      if (missing.length > 0) take(await remote.episodes(missing));
    },
    async allEpisodes() {
      take(await remote.allEpisodes());
    },
    async notices(ids) {
      const missing = newOnes(knownNotices, ids);
      if (missing.length > 0) take(await remote.notices(missing));
    },
  };
}

function mailLoading(remote: Remote, take: Take): Pick<Residence, 'mailsByKey' | 'mailsByStatus'> {
  const [knownKeys, knownStatuses] = [new Set<string>(), new Set<string>()];
  return {
    async mailsByKey(keys) {
      const missing = newOnes(knownKeys, keys);
      if (missing.length > 0) take(await remote.mails({ keys: missing }));
    },
    async mailsByStatus(statuses) {
      const missing = newOnes(knownStatuses, statuses) as MailStatus[];
      if (missing.length > 0) take(await remote.mails({ statuses: missing }));
    },
  };
}
