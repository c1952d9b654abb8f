import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryHistory } from '../../shared/adapters/memory/history.ts';
import { sqliteHistory } from '../../shared/adapters/sqlite/history.ts';
import type { Outcome } from '../../shared/core/outcome.ts';
import type { MetricRow } from '../../shared/core/rows.ts';
import type { RunEvent } from '../../shared/core/run-event.ts';
import {
  type History,
  type IndexedRun,
  MAIL_STATUSES,
  type OutboxEntry,
} from '../../shared/ports/history.ts';
import {
  alert,
  day,
  ended,
  entry,
  event,
  heartbeat,
  job,
  metric,
  open,
  placeOf,
  recordOf,
} from '../support/history-rows.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Few names, so that steps meet; some that are hard to order or to quote. */
const RUN_IDS = ['a', 'A', '\uff5e', '😀', "it's %_\u0000"];
const TESTS = ['t', '__proto__'];
const METRICS = ['loss', 'b/"acc"\n'];
const OUTCOMES: readonly Outcome[] = ['success', 'failure', 'cancelled', 'lost'];

type Step =
  | { readonly do: 'append'; readonly events: readonly RunEvent[] }
  | { readonly do: 'settle'; readonly thread: string; readonly runs: readonly IndexedRun[] }
  | { readonly do: 'judge'; readonly metrics: readonly MetricRow[]; readonly verdict: 'pass' | 'fail' }
  | { readonly do: 'mail'; readonly entry: OutboxEntry }
  | { readonly do: 'rebuild' };

const small = fc.integer({ min: 0, max: 4 });
const threadName = fc.constantFrom('run:1', 'run:2', 'job:3');

const anyEvent: fc.Arbitrary<RunEvent> = fc
  .record({ n: small, thread: threadName, at: small, published: small, body: small, beats: fc.boolean() })
  .map(({ n, thread, at, published, body, beats }) => {
    const common = { time: day(at), publishTime: day(published), body: `{"n":${body}}` };
    const id = `${n}`;
    return beats
      ? heartbeat({ ...common, eventKey: `h ${thread}`, thread, id })
      : event({ ...common, thread, id });
  });

const anyRun: fc.Arbitrary<IndexedRun> = fc
  .record({
    runId: fc.constantFrom(...RUN_IDS),
    testName: fc.constantFrom(...TESTS),
    day: small,
    outcome: fc.constantFrom(...OUTCOMES, null),
    startedAt: fc.option(small.map(day)),
    thread: threadName,
  })
  .map(({ runId, testName, day: n, outcome, startedAt, thread }) => {
    const common = { testName, startedAt, thread, uuid: `u-${runId}` };
    if (outcome === null) return open(runId, n, common);
    return ended(runId, n, { ...common, ended: { outcome, finishedAt: day(n) } });
  });

const anyMetrics = fc
  .uniqueArray(fc.constantFrom(...METRICS), { maxLength: 2 })
  .chain((names) => fc.tuple(...names.map(anyMetric)));

function anyMetric(name: string): fc.Arbitrary<MetricRow> {
  const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0.5, 1));
  const verdict = fc.constantFrom('pass' as const, 'fail' as const, 'inconclusive' as const, null);
  return fc
    .tuple(fc.option(value), verdict)
    .map(([found, said]) => metric(name, found === null ? null : found + 0, { verdict: said }));
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      events: fc.array(anyEvent, { maxLength: 4 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({
        thread: threadName,
        runs: fc.uniqueArray(anyRun, { maxLength: 3, selector: ({ uuid }) => uuid }),
      })
      .map(({ thread, runs }) => ({
        do: 'settle' as const,
        thread,
        runs: runs.map((run) => ({ ...run, thread })),
      })),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('judge' as const),
      metrics: anyMetrics,
      verdict: fc.constantFrom('pass' as const, 'fail' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(small, fc.subarray(RUN_IDS), fc.constantFrom(...MAIL_STATUSES))
      .map(([n, alertIds, status]) => ({ do: 'mail' as const, entry: entry(`m${n}`, { alertIds, status }) })),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'rebuild' as const }) },
);

/** Does one step; what is judged is what the history itself says is next. */
async function take(history: History, given: Step): Promise<void> {
  if (given.do === 'append') await history.append({ events: given.events, rejected: [], at: day(30) });
  else if (given.do === 'settle')
    await history.settle([{ thread: given.thread, runs: given.runs, learnt: [] }]);
  else if (given.do === 'mail') await history.addMails([given.entry], []);
  else if (given.do === 'rebuild') await history.rebuild();
  else await judgeNext(history, given);
}

async function judgeNext(history: History, { metrics, verdict }: Step & { do: 'judge' }): Promise<void> {
  const [task] = await history.toJudge(null, 1);
  if (task === undefined) return;
  for (const testName of TESTS) {
    const view = await history.findRun(testName, task.runId);
    if (view?.run.uuid !== task.uuid) continue;
    const alerts = verdict === 'fail' ? [alert(task.runId, { uuid: task.uuid })] : [];
    const learnt = [event({ eventKey: `learnt ${task.uuid}`, thread: task.thread, kind: 'collected' })];
    const record = recordOf(view.run, metrics, { alerts, learnt });
    await history.record({ ...record, job: job(view.run, { verdict }) });
  }
}

/** Everything a history can be asked. */
async function answers(history: History) {
  const places = RUN_IDS.flatMap((id) => [1, 3].map((n) => placeOf(ended(id, n, { uuid: `u-${id}` }))));
  const all: unknown[] = [
    (await history.rejected()).map(({ body, ...rest }) => ({ ...rest, body: [...(body ?? [])] })),
    [...(await history.eventsOf(['run:1', 'run:2', 'job:3']))].sort(),
    [await history.unsettled(day(3), 99), await history.toJudge(null, 99), await history.openRuns()],
    [...(await history.threadsOf(RUN_IDS.map((id) => `u-${id}`)))].sort(),
    [
      await history.testNames(),
      await history.counts(),
      await history.alerts(null),
      await history.waitingAlerts(),
    ],
    await history.mails(MAIL_STATUSES),
  ];
  for (const test of TESTS) {
    all.push(await history.findRun(test, null), await history.metricNames(test));
    for (const id of RUN_IDS) all.push(await history.findRun(test, id));
    for (const name of METRICS) all.push(await history.series(test, name, 9));
    for (const place of places) {
      all.push(place, await history.earlierValues(test, place, new Map(METRICS.map((name) => [name, 3]))));
      all.push(await history.lastOutcome(test, place), await history.hasLater(test, place));
      all.push(await history.lastGood(test, place, null), await history.lastGood(test, place, METRICS[0]!));
      all.push(await history.failingStreak(test, place, METRICS[0]!));
      all.push(await history.recentValues(test, place, { metric: METRICS[1]!, limit: 2 }));
    }
  }
  return all;
}

test('memory and SQLite answer the same after any sequence of steps', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const memory = memoryHistory();
      const sqlite = sqliteHistory({ file: join(temporaryFolder(), 'tidemark.db') });
      try {
        for (const one of steps) {
          await take(memory, one);
          await take(sqlite, one);
        }
        expect(await answers(sqlite)).toStrictEqual(await answers(memory));
      } finally {
        await sqlite.close();
      }
    }),
    { numRuns: 150 },
  );
});

test('appending in any order, split and repetition leaves the same events and rejected messages', async () => {
  const batches = fc.array(anyEvent, { minLength: 1, maxLength: 8 }).chain((events) =>
    fc.tuple(
      fc.constant(events),
      fc.shuffledSubarray([...events, ...events], {
        minLength: events.length * 2,
        maxLength: events.length * 2,
      }),
    ),
  );
  await fc.assert(
    fc.asyncProperty(batches, async ([events, shuffled]) => {
      const [one, other] = [memoryHistory(), memoryHistory()];
      await one.append({ events, rejected: [], at: day(30) });
      for (const single of shuffled) await other.append({ events: [single], rejected: [], at: day(30) });
      const said = async (history: History) => [
        await history.eventsOf(['run:1', 'run:2', 'job:3']),
        await history.rejected(),
      ];
      expect(await said(other)).toStrictEqual(await said(one));
    }),
    { numRuns: 500 },
  );
});
