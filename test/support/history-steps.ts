import fc from 'fast-check';
import type { Outcome } from '../../shared/core/outcome.ts';
import type { MetricRow } from '../../shared/core/rows.ts';
import type { RunEvent } from '../../shared/core/run-event.ts';
import { type IndexedRun, MAIL_STATUSES, type OutboxEntry } from '../../shared/ports/history.ts';
import { day, ended, entry, event, heartbeat, metric, open } from './history-rows.ts';

/** Few names, so that steps meet; some that are hard to order or to quote. */
export const RUN_IDS = ['a', 'A', '\uff5e', '😀', "it's %_\u0000"];
export const TESTS = ['t', '__proto__'];
export const METRICS = ['loss', 'b/"acc"\n'];
const OUTCOMES: readonly Outcome[] = ['success', 'failure', 'cancelled', 'lost'];

/** Something that is done to a history. */
export type Step =
  | { readonly do: 'append'; readonly events: readonly RunEvent[] }
  | { readonly do: 'settle'; readonly thread: string; readonly runs: readonly IndexedRun[] }
  | { readonly do: 'judge'; readonly metrics: readonly MetricRow[]; readonly verdict: 'pass' | 'fail' }
  | { readonly do: 'mail'; readonly entry: OutboxEntry }
  | { readonly do: 'rebuild' };

const small = fc.integer({ min: 0, max: 4 });
const threadName = fc.constantFrom('run:1', 'run:2', 'job:3');

export const anyEvent: fc.Arbitrary<RunEvent> = fc
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

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
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
