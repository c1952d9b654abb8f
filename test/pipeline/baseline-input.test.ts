// The bad input of the study of the peers, as far as it concerns from which runs a metric is judged: every row was a
// bug of one of them.
import { expect, test } from 'vitest';
import type { ConditionConfig } from '../../shared/core/schema/test-config.ts';
import { again, day, finished, type Message, reported } from '../support/messages.ts';
import { makeWorld, settingsOf, tablesOf } from '../support/world.ts';

interface Run {
  /** When it ended, in hours. */
  readonly hour: number;
  /** Left out: it reports nothing. */
  readonly value?: number | string;
  readonly outcome?: string;
}

const HOURS = (values: readonly (number | string | undefined)[]): Run[] =>
  values.map((value, hour) => (value === undefined ? { hour } : { hour, value }));

function messagesOf(runs: readonly Run[]): Message[] {
  return runs.flatMap(({ hour, value, outcome = 'success' }, index) => {
    // Ids in the order of ends; those that end together in that of their ids.
    const about = { test: 't', run: `r${String(index).padStart(2, '0')}`, at: day(1, hour) };
    const end = finished(about, outcome, { finished_at: new Date(day(1, hour)).toISOString() });
    return value === undefined ? [end] : [end, reported(about, { m: value })];
  });
}

const MADS: ConditionConfig = { comparison: 'within', success_threshold: { mads_from_median: 5 } };
const steady = [100, 101, 99, 100, 102, 98, 100, 101, 99, 100];
const flat = steady.map(() => 7);

interface Row {
  readonly sentence: string;
  readonly runs: readonly Run[];
  readonly condition?: ConditionConfig | null;
  /** Of what is stored of the last run. */
  readonly want: { verdict: string | null; reason?: string | null; n: number; first?: string; last?: string };
}

const ROWS: readonly Row[] = [
  {
    sentence: 'negative values',
    runs: HOURS([...steady.map((value) => -value), -130]),
    want: { verdict: 'fail', reason: 'below', n: 10 },
  },
  {
    sentence: 'a mean of zero',
    runs: HOURS([...steady.map((value) => value - 100), 0.5]),
    want: { verdict: 'pass', n: 10 },
  },
  {
    sentence: 'a percentage of a level of zero',
    runs: HOURS([0, 0, 0, 1]),
    condition: { comparison: 'less', success_threshold: { percent_from_mean: 5 } },
    want: { verdict: 'inconclusive', reason: 'zero_level', n: 3 },
  },
  {
    sentence: 'no variance, and the same again',
    runs: HOURS([...flat, 7]),
    want: { verdict: 'pass', n: 10 },
  },
  {
    sentence: 'no variance, and another value',
    runs: HOURS([...flat, 7.5]),
    want: { verdict: 'fail', reason: 'above', n: 10 },
  },
  {
    sentence: 'the first run',
    runs: HOURS([100]),
    want: { verdict: 'inconclusive', reason: 'history', n: 0 },
  },
  {
    sentence: 'one earlier run',
    runs: HOURS([100, 100]),
    want: { verdict: 'inconclusive', reason: 'history', n: 1 },
  },
  {
    sentence: 'NaN and infinities in the history',
    runs: HOURS(['NaN', ...steady, 'Infinity', '-Infinity', 100]),
    want: { verdict: 'pass', n: 10, first: 'r01', last: 'r10' },
  },
  {
    sentence: 'NaN now',
    runs: HOURS([...steady, 'NaN']),
    want: { verdict: 'fail', reason: 'nonfinite', n: 10 },
  },
  {
    sentence: 'runs without the metric: nothing is filled in',
    runs: HOURS([...steady.slice(0, 5), undefined, undefined, ...steady.slice(5), 100]),
    want: { verdict: 'pass', n: 10, first: 'r00', last: 'r11' },
  },
  {
    sentence: 'the metric is missing now',
    runs: HOURS([...steady, undefined]),
    want: { verdict: 'fail', reason: 'missing: the run named no model_dir', n: 10 },
  },
  {
    sentence: 'failed runs and runs without an end between',
    runs: [
      ...HOURS(steady),
      { hour: 10, value: 500, outcome: 'failure' },
      { hour: 11, value: 500, outcome: 'preempted' },
      { hour: 12, value: 100 },
    ],
    want: { verdict: 'pass', n: 10, last: 'r09' },
  },
  {
    sentence: 'equal times: the order of ids decides',
    runs: [...HOURS(steady), { hour: 12, value: 100 }, { hour: 12, value: 101 }, { hour: 12, value: 100 }],
    want: { verdict: 'pass', n: 12, first: 'r00', last: 'r11' },
  },
  {
    sentence: 'a gap of months',
    runs: [...HOURS(steady), { hour: 5000, value: 100 }],
    want: { verdict: 'pass', n: 10 },
  },
  {
    sentence: 'a gap longer than a window of time',
    runs: [...HOURS(steady), { hour: 5000, value: 100 }],
    condition: { ...MADS, history_window: '90d' },
    want: { verdict: 'inconclusive', reason: 'history', n: 0 },
  },
  {
    sentence: 'a rule that was removed judges no more',
    runs: HOURS([...steady, 900]),
    condition: null,
    want: { verdict: null, n: 0 },
  },
  {
    sentence: 'by the recommended rule: the run itself is not in its own baseline',
    runs: HOURS([...steady, 900]),
    condition: { success_threshold: { auto: {} } },
    want: { verdict: 'fail', reason: 'above', n: 10, last: 'r09' },
  },
  {
    sentence: 'by the recommended rule: too few',
    runs: HOURS(steady.slice(0, 7)),
    condition: { success_threshold: { auto: {} } },
    want: { verdict: 'inconclusive', reason: 'history', n: 6 },
  },
];

test.each(ROWS)('$sentence, in order, backwards and twice', async ({ runs, condition = MADS, want }) => {
  const messages = messagesOf(runs);
  const twice = messages.flatMap((message) => [message, again(message)]);
  const conditions = { m: condition, total_wall_time: null };
  const tests = { t: { regression_test_config: { metric_success_conditions: conditions } } };
  for (const told of [[messages], [messages.toReversed()], [twice], messages.map((one) => [one]).reverse()]) {
    const world = makeWorld(settingsOf(tests));
    for (const [pass, some] of told.entries()) await world.tickAt(day(300, pass), ...some);
    const { job_history: jobs, metric_history: metrics } = tablesOf(world.store);
    expect(jobs).toHaveLength(runs.length);
    const last = `r${String(runs.length - 1).padStart(2, '0')}`;
    const row = metrics.find(({ runId, metricName }) => runId === last && metricName === 'm');
    const { n, first, last: newest, ...said } = want;
    expect(row).toMatchObject({ ...said, baselineN: n });
    if (first !== undefined) expect(row?.baseline?.first).toBe(first);
    if (newest !== undefined) expect(row?.baseline?.last).toBe(newest);
    if (condition === null) expect(row?.baseline).toBeNull();
  }
});
