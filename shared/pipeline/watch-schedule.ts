import { effectiveConfig } from '../core/effective-config.ts';
import type { Episode } from '../core/episodes/episode.ts';
import { scheduleOf } from '../core/episodes/schedule-config.ts';
import { type ScheduledTest, scheduleSights, type TimedRun } from '../core/episodes/schedule-sights.ts';
import { gatherRuns } from '../core/gather-run.ts';
import type { JobRow } from '../core/rows.ts';
import type { TestConfig } from '../core/schema/test-config.ts';
import type { History } from '../ports/history.ts';
import type { Ports, Settings } from './context.ts';
import { recordClock } from './watch-clock.ts';

/** So many runs show a habit. */
const RUNS = 30;
/** A test that has not run for so long is not waited for. */
const LOOKBACK_MS = 100 * 86_400_000;

/** Says which tests are late, and which runs do not end, at `now`. `open`: all open episodes. */
export async function watchSchedules(
  ports: Ports,
  settings: Settings,
  { now, open }: { readonly now: number; readonly open: readonly Episode[] },
): Promise<void> {
  const { history } = ports;
  const outages = new Map(open.filter(isOfSchedule).map((episode) => [episode.testName, episode]));
  const tests = (await scheduledTests(ports, settings, now)).map((test) => ({
    ...test,
    episode: outages.get(test.testName) ?? null,
  }));
  // Only few are late: only their last outage, which may be over, is looked up.
  const late = new Set(scheduleSights(tests, now).map(({ testName }) => testName));
  if (late.size === 0) return;
  const known: ScheduledTest[] = [];
  for (const test of tests.filter(({ testName }) => late.has(testName))) {
    known.push({ ...test, episode: test.episode ?? (await scheduleEpisode(test.testName, history)) });
  }
  const sights = scheduleSights(known, now);
  const past = await pastRuns(
    sights.map(({ uuid }) => uuid),
    history,
  );
  const waited = sights.filter(({ uuid }) => !past.has(uuid));
  const byTest = Map.groupBy(waited, ({ testName }) => testName);
  const inputs = [...byTest].map(([name, of]) => [name, of.map(({ sight }) => sight)] as const);
  if (inputs.length > 0) await recordClock(new Map(inputs), ports, settings);
}

async function scheduledTests(
  { history }: Ports,
  { tests }: Settings,
  now: number,
): Promise<ScheduledTest[]> {
  const runs = await history.newestRuns({ since: now - LOOKBACK_MS, limit: RUNS });
  const open = Map.groupBy(await history.openRuns(), ({ testName }) => testName);
  const unjudged = await unjudgedTests(history);
  return [...runs].flatMap(([testName, of]) => {
    const config = tests.get(testName) ?? null;
    if (unjudged.has(testName) || !wantsToHear(config)) return [];
    return [
      {
        testName,
        ...scheduleOf(config),
        runs: of.map(timed),
        open: open.get(testName) ?? [],
        episode: null,
      },
    ];
  });
}

const MOST_UNJUDGED = 1000;

/** Tests with runs that have ended and could not be judged: the last one that was judged is not their last. */
async function unjudgedTests(history: History): Promise<ReadonlySet<string>> {
  const tasks = await history.toJudge(null, MOST_UNJUDGED);
  const events = await history.eventsOf([...new Set(tasks.map(({ thread }) => thread))]);
  return new Set([...events.values()].flatMap((of) => of.map(({ testName }) => testName)));
}

/** A test that wants no alerts of its jobs wants none of those that do not come. */
function wantsToHear(fileConfig: TestConfig | null): boolean {
  return effectiveConfig({ messageConfig: null, configErrors: [], fileConfig }).alerts.jobs;
}

function timed({ uuid, runId, startedAt, finishedAt, outcome, labels }: JobRow): TimedRun {
  return { uuid, runId, startedAt, finishedAt, outcome, labels };
}

async function scheduleEpisode(testName: string, history: History): Promise<Episode | null> {
  const episodes = await history.episodesOf(testName);
  return episodes.find(isOfSchedule) ?? null;
}

function isOfSchedule({ signal, polarity }: Episode): boolean {
  return signal === 'schedule' && polarity === 'bad';
}

/** Of these runs those that only a backfill or an import told of: nobody said that more are to come here. */
async function pastRuns(uuids: readonly string[], history: History): Promise<ReadonlySet<string>> {
  const threads = await history.threadsOf(uuids);
  const events = await history.eventsOf([...new Set(threads.values())]);
  const past = [...events.values()].flatMap(gatherRuns).filter(({ isPast }) => isPast);
  return new Set(past.map(({ uuid }) => uuid));
}
