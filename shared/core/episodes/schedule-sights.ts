import type { Outcome } from '../outcome.ts';
import { formatTime } from '../time.ts';
import {
  type Cadence,
  givenUpAfter,
  graceOf,
  learntCadence,
  type Schedule,
  scheduledCadence,
  usualLimit,
} from './cadence.ts';
import type { Episode, RunPoint } from './episode.ts';
import { plainDetails } from './finding.ts';
import type { ClockSight, Sight } from './sight.ts';

/** A finished run as far as its times go, in milliseconds since the epoch. */
export interface TimedRun {
  readonly uuid: string;
  readonly runId: string;
  readonly startedAt: number | null;
  readonly finishedAt: number;
  readonly outcome: Outcome;
  readonly labels: Readonly<Record<string, string>>;
}

/** A run that has not ended. */
export interface UnfinishedRun {
  readonly uuid: string;
  readonly runId: string;
  readonly startedAt: number | null;
}

/** A test whose runs are waited for. */
export interface ScheduledTest {
  readonly testName: string;
  /** As the config file has it; null: its cadence is learnt. */
  readonly schedule: Schedule | null;
  /** Milliseconds; null: it is learnt. */
  readonly maxDuration: number | null;
  /** Its newest finished runs, in any order; thirty are enough. */
  readonly runs: readonly TimedRun[];
  readonly open: readonly UnfinishedRun[];
  /** The newest episode of its signal `schedule`. */
  readonly episode: Episode | null;
}

/** What the clock says of a test, and the run in whose thread it is recorded: the last one, or the one that overruns. */
export interface ScheduleSight {
  readonly testName: string;
  readonly uuid: string;
  readonly sight: Sight | ClockSight;
}

/**
 * Which tests are late and which runs do not end, at `now`. One sight an outage; every time in it comes from runs and
 * schedules, so that the same runs give the same sight however late the pass is. A test without runs is not waited
 * for: nobody knows since when.
 */
export function scheduleSights(tests: readonly ScheduledTest[], now: number): ScheduleSight[] {
  return tests.flatMap((test) => {
    const last = lastOf(test.runs);
    const overrun = overrunSight(test, last, now);
    if (overrun !== null) return [overrun];
    if (last === null || test.open.length > 0) return [];
    const cadence = cadenceOf(test);
    if (cadence === null) return [];
    return givenUp(test, { last, cadence, now }) ?? lateSight(test, { last, cadence, now }) ?? [];
  });
}

function lastOf(runs: readonly TimedRun[]): TimedRun | null {
  return runs.reduce<TimedRun | null>(
    (last, run) => (last === null || run.finishedAt > last.finishedAt ? run : last),
    null,
  );
}

function cadenceOf({ schedule, runs }: ScheduledTest): Cadence | null {
  return schedule === null ? learntCadence(runs.map(startOf)) : scheduledCadence(schedule);
}

function startOf({ startedAt, finishedAt }: TimedRun): number {
  return startedAt ?? finishedAt;
}

function isWaitedFor({ episode }: ScheduledTest): boolean {
  return episode === null || episode.state === 'closed';
}

interface Waiting {
  readonly last: TimedRun;
  readonly cadence: Cadence;
  readonly now: number;
}

/** A habit that was given up is no outage, and ends the one that told of it. */
function givenUp(
  { testName, episode }: ScheduledTest,
  { last, cadence, now }: Waiting,
): ScheduleSight[] | null {
  const after = givenUpAfter(cadence);
  if (after === null || now <= last.finishedAt + after) return null;
  if (episode === null || episode.state === 'closed') return [];
  const { episodeId } = episode;
  const at = last.finishedAt + after;
  const sight = { from: 'clock', kind: 'expired', episodeId, at, incidentId: null } as const;
  return [{ testName, uuid: last.uuid, sight }];
}

function lateSight(test: ScheduledTest, { last, cadence, now }: Waiting): ScheduleSight[] | null {
  // While a run is at work the next one may have to wait for it.
  const start = test.runs.reduce((newest, run) => Math.max(newest, startOf(run)), startOf(last));
  const expected = cadence.nextAfter(start);
  const expectedAt =
    expected === null || expected >= last.finishedAt ? expected : cadence.nextAfter(last.finishedAt);
  if (expectedAt === null || !isWaitedFor(test)) return null;
  const at = expectedAt + graceOf(durationsOf(test.runs));
  if (now <= at) return null;
  const text = formatTime(expectedAt);
  const run: RunPoint = {
    uuid: `expected/${test.testName}/${text}`,
    runId: `expected at ${text}`,
    at: expectedAt,
    outcome: 'missed',
    value: null,
    valueKind: null,
    facts: {},
  };
  return [
    { testName: test.testName, uuid: last.uuid, sight: sightOf(test, { run, at, last, reason: 'late' }) },
  ];
}

function overrunSight(test: ScheduledTest, last: TimedRun | null, now: number): ScheduleSight | null {
  const limit = test.maxDuration ?? usualLimit(durationsOf(test.runs));
  if (limit === null || !isWaitedFor(test)) return null;
  const over = test.open
    .filter(({ startedAt }) => startedAt !== null && now > startedAt + limit)
    .sort((a, b) => a.startedAt! - b.startedAt! || (a.uuid < b.uuid ? -1 : 1));
  const [first] = over;
  if (first === undefined) return null;
  const { uuid, runId, startedAt } = first;
  // Its place is its start: its end, whenever that turns out to have been, lies behind it.
  const run: RunPoint = {
    uuid,
    runId,
    at: startedAt!,
    outcome: null,
    value: null,
    valueKind: null,
    facts: {},
  };
  return {
    testName: test.testName,
    uuid,
    sight: sightOf(test, { run, at: startedAt! + limit, last, reason: 'overrun' }),
  };
}

/** Seconds do not matter here, so a run without a start or that ended before it says nothing. */
function durationsOf(runs: readonly TimedRun[]): number[] {
  return runs.flatMap(({ startedAt, finishedAt, outcome }) =>
    startedAt === null || finishedAt < startedAt || outcome !== 'success' ? [] : [finishedAt - startedAt],
  );
}

interface Seen {
  readonly run: RunPoint;
  readonly at: number;
  readonly last: TimedRun | null;
  readonly reason: 'late' | 'overrun';
}

function sightOf({ testName }: ScheduledTest, { run, at, last, reason }: Seen): Sight {
  return {
    from: 'run',
    testName,
    signal: 'schedule',
    polarity: 'bad',
    run,
    at,
    says: 'bad',
    judge: null,
    ...plainDetails({ reason, severity: 'warning', demand: 'run as scheduled', name: 'schedule' }),
    firstBad: null,
    lastGood: last === null ? null : pointOf(last),
    labels: last?.labels ?? {},
  };
}

function pointOf({ uuid, runId, finishedAt, outcome, labels }: TimedRun): RunPoint {
  return { uuid, runId, at: finishedAt, outcome, value: null, valueKind: null, facts: labels };
}
