import { digestOfConfigRecord } from '../core/config-record.ts';
import { silenceEnds, silencesOf } from '../core/delivery/silences.ts';
import { digestOf } from '../core/digest.ts';
import type { EpisodeInput } from '../core/episodes/actions.ts';
import type { Episode } from '../core/episodes/episode.ts';
import { dueClockSights } from '../core/episodes/reminders.ts';
import type { ClockSight } from '../core/episodes/sight.ts';
import { isOfTidemark } from '../core/episodes/tidemark-itself.ts';
import type { History } from '../ports/history.ts';
import type { Ports, Settings } from './context.ts';
import { type Recorded, recordSights, sightRecord } from './episode-record.ts';
import { evidenceOfPast, noEvidence } from './evidence.ts';

/** A silence that ended longer ago than this was told of by an earlier pass, or by none for so long that it is late. */
const SILENCES_BACK_MS = 7 * 86_400_000;

/** Says to open episodes what is due at `now`: reminders, ends of acks and silences, tests that are gone. */
export async function watchClock(ports: Ports, settings: Settings, now: number): Promise<void> {
  const { history } = ports;
  const open = await history.episodes({ open: true });
  if (open.length === 0) return;
  const sights = [
    ...(await dueSights(open, { history, settings, now })),
    ...(await endedSilences(open, { history, settings, now })),
    ...(await removedTests(open, { history, settings })),
  ];
  const testOf = new Map(open.map(({ episodeId, testName }) => [episodeId, testName]));
  await recordClock(
    Map.groupBy(sights, ({ episodeId }) => testOf.get(episodeId)!),
    ports,
    settings,
  );
}

/** Records what was learnt without a run, of all tests at once. */
export async function recordClock(
  inputs: ReadonlyMap<string, readonly EpisodeInput[]>,
  { history, clock }: Pick<Ports, 'history' | 'clock'>,
  settings: Settings,
): Promise<void> {
  const all: Recorded[] = [];
  await history.expectEpisodesOf([...inputs.keys()]);
  for (const [testName, of] of inputs) all.push(await recordOfTest(testName, of, { history, settings }));
  if (all.every(({ episodes }) => episodes.length === 0)) return;
  await history.recordEpisodes({
    learnt: all.flatMap(({ learnt }) => learnt),
    actions: [],
    episodes: all.flatMap(({ episodes }) => episodes),
    events: all.flatMap(({ events }) => events),
    notices: all.flatMap(({ notices }) => notices),
    ingestedAt: clock.now(),
  });
}

/** What inputs that come from no run do to the episodes of their test; nothing is written. */
export async function recordOfTest(
  testName: string,
  inputs: readonly EpisodeInput[],
  { history, settings }: { readonly history: History; readonly settings: Settings },
): Promise<Recorded> {
  const seq = (await history.lastRecord(testName)) + 1;
  const time = Math.max(...inputs.map(({ at }) => at));
  return recordSights(await history.episodesOf(testName), sightRecord(seq, inputs, settings), {
    place: { testName, thread: threadOfTest(testName), id: `${seq}`, time },
    isSuppressed: () => false,
    // A reminder is a line among many.
    evidence: (episode, { kind }) =>
      kind === 'reminder' ? noEvidence(episode) : evidenceOfPast(episode, history),
  });
}

/** The thread of what was learnt of a test without a run. */
function threadOfTest(testName: string): string {
  return `episodes:${digestOf('episodes', testName)}`;
}

/** The shortest time between two mails about an incident in which nothing happened. */
const LEAST_PAUSE_MS = 4 * 3_600_000;

/** Ends of acks, and reminders; none of what nobody was told of yet, or of what was told of just now. */
async function dueSights(
  episodes: readonly Episode[],
  { history, settings, now }: { history: History; settings: Settings; now: number },
): Promise<ClockSight[]> {
  const due = dueClockSights(episodes, now, settings.policy);
  if (due.length === 0) return due;
  const untold = new Set((await history.waitingNotices()).map(({ notice }) => notice.episode.episodeId));
  const episodeIds = due.map(({ episodeId }) => episodeId);
  const rows = await history.deliveries({ episodeIds, threadIds: [] });
  const recent = rows.filter(({ addedAt }) => now - addedAt < LEAST_PAUSE_MS);
  const justTold = new Set(recent.flatMap((row) => row.episodeIds));
  const told = new Set(rows.flatMap(({ status, episodeIds: of }) => (status === 'suppressed' ? [] : of)));
  const mayBe = (id: string) => told.has(id) && !untold.has(id) && !justTold.has(id);
  return due.filter(({ kind, episodeId }) => kind !== 'reminder' || mayBe(episodeId));
}

const TOLD_STEPS: ReadonlySet<string> = new Set(['silence ended', 'fired', 'again']);

/** Incidents that a silence kept quiet and that still go on; each end is told once. */
async function endedSilences(
  episodes: readonly Episode[],
  { history, settings, now }: { history: History; settings: Settings; now: number },
): Promise<ClockSight[]> {
  const silences = silencesOf(await history.actions({ kinds: ['silence', 'unsilence'] }));
  const since = now - SILENCES_BACK_MS;
  const due: ClockSight[] = [];
  for (const { episodeId, at } of silenceEnds({ silences, episodes, tests: settings.tests, since, now })) {
    const steps = await history.episodeEvents(episodeId);
    // One that fired after the silence was told then.
    const isTold = steps.some((step) => TOLD_STEPS.has(step.kind) && step.at >= at);
    if (!isTold) due.push({ from: 'clock', kind: 'silence_ended', episodeId, at, incidentId: null });
  }
  return due;
}

/** Open episodes of tests that had an entry in the config file and have none any more. */
async function removedTests(
  episodes: readonly Episode[],
  { history, settings }: { history: History; settings: Settings },
): Promise<ClockSight[]> {
  const missing = episodes.filter(
    (episode) => !settings.tests.has(episode.testName) && !isOfTidemark(episode),
  );
  if (missing.length === 0 || settings.tests.size === 0) return [];
  const threads = await history.threadsOf(missing.map(({ lastRun }) => lastRun.uuid));
  const events = await history.eventsOf([...new Set(threads.values())]);
  return missing.flatMap(({ episodeId, lastRun }): ClockSight[] => {
    const records = events.get(threads.get(lastRun.uuid) ?? '') ?? [];
    const config = records.find(({ kind, id }) => kind === 'config' && id === `config/${lastRun.runId}`);
    if (config === undefined || digestOfConfigRecord(config.body) === null) return [];
    return [{ from: 'clock', kind: 'removed', episodeId, at: lastRun.at, incidentId: null }];
  });
}
