import { describe, expect, test } from 'vitest';
import type { RegressionTestConfig } from '../../shared/core/schema/test-config.ts';
import { formatTime } from '../../shared/core/time.ts';
import { day, finished, HOUR, type Message, named, started } from '../support/messages.ts';
import { makeWorld, settingsOf, type World } from '../support/world.ts';

type Condition = NonNullable<NonNullable<RegressionTestConfig['metric_success_conditions']>[string]>;

const ABOVE: Condition = { comparison: 'greater', success_threshold: { fixed_value: 0.9 } };
const USUAL: Condition = { comparison: 'within', success_threshold: { stddevs_from_mean: 3 } };

/** What a day brings: its run's one metric, and how the run ended. A word that is an outcome has no metric. */
const DAYS: Readonly<Record<string, number | string | null>> = {
  good: 0.99,
  fine: 0.98,
  bad: 0.5,
  nan: 'NaN',
  missing: null,
};

/** One run a day and a tick after it; `words` says how each day went. */
function* runsOf(words: string): Generator<{ readonly day: number; readonly message: Message }> {
  for (const [index, word] of words.split(' ').entries()) {
    const number = index + 1;
    const about = { test: 'nightly', run: `n${number}`, at: day(number, 2) };
    const started_at = formatTime(day(number, 1));
    const value = DAYS[word];
    const metrics = value === null || value === undefined ? [] : named({ accuracy: value });
    const outcome = word in DAYS ? 'success' : word;
    yield { day: number, message: finished(about, outcome, { started_at, metrics }) };
  }
}

/** What begins an incident, or begins it again; what follows in it is told, too, and tested with the mails. */
const BEGINNINGS: ReadonlySet<string> = new Set(['firing', 'again']);

/** The days on which a mail said that something got worse. */
async function toldOn(words: string, regression: RegressionTestConfig | null): Promise<number[]> {
  const config = { owner: 'owner@example.com', regression_test_config: regression };
  const world = makeWorld(settingsOf({ nightly: config }));
  const told: number[] = [];
  for (const one of runsOf(words)) {
    const before = await beginnings(world);
    const { mails } = await world.tickAt(day(one.day, 3), one.message);
    if (mails > 0 && (await beginnings(world)) > before) told.push(one.day);
  }
  return told;
}

async function beginnings({ ports, mailer }: World): Promise<number> {
  const keys = new Set(mailer.sent.map(({ key }) => key));
  const sent = (await ports.history.mails(['sent'])).filter(({ mail }) => keys.has(mail.key));
  const ids = new Set(sent.flatMap(({ alertIds }) => alertIds));
  const notices = await ports.history.notices('nightly');
  return notices.filter(({ notice }) => ids.has(notice.id) && BEGINNINGS.has(notice.kind)).length;
}

type Row = readonly [sentence: string, days: string, told: readonly number[]];

const always = (condition: Condition, more: RegressionTestConfig = {}): RegressionTestConfig => ({
  metric_success_conditions: { accuracy: condition, total_wall_time: null },
  ...more,
});

describe('a fixed value', () => {
  test.each<Row>([
    ['all is well: nobody hears anything', 'good fine good', []],
    ['bad on day 3: told that day', 'good good bad', [3]],
    ['bad on day 3 and again on day 4: told once', 'good good bad bad bad', [3]],
    ['bad, good, bad: one incident that was not over, told once', 'bad good bad', [1]],
    ['bad, twice good, bad: the same incident again, told again', 'bad good good bad', [1, 4]],
    ['bad from the very first day: told then', 'bad bad', [1]],
    ['missing, then bad, then NaN: one streak, told once', 'missing bad nan', [1]],
    ['NaN after good: told', 'good nan nan', [2]],
    ['cancelled between two bad days: the streak goes on', 'bad cancelled bad', [1]],
    ['preempted after bad, then good, then bad: told once', 'bad preempted good bad', [1]],
  ])('%s', async (_, days, told) => {
    expect(await toldOn(days, always(ABOVE))).toEqual(told);
  });
});

describe('bounds from history', () => {
  test.each<Row>([
    ['too little history: no verdict, nobody hears anything', 'good bad', []],
    ['far from what was usual: told', 'good fine good bad', [4]],
    // The bad value widens the bounds of the next day, since a baseline takes every successful run.
    ['bad again the next day: told once', 'good fine good fine good fine good fine good fine bad bad', [11]],
    ['inconclusive days do not count as good', 'nan nan nan', [1]],
  ])('%s', async (_, days, told) => {
    expect(await toldOn(days, always(USUAL))).toEqual(told);
  });
});

describe('alert_after_second_test_failure', () => {
  const second = always(ABOVE, { alert_after_second_test_failure: true });
  test.each<Row>([
    ['good, bad, bad, bad: told at the second bad day only', 'good bad bad bad', [3]],
    ['good, bad, good: never told', 'good bad good', []],
    ['after one good day it is not over', 'bad bad good bad bad', [2]],
    ['what was over is told on the first bad day', 'bad bad good good bad', [2, 5]],
    ['bad, good, bad, good: never told', 'bad good bad good', []],
    ['a missing metric is told at once', 'good missing', [2]],
    ['a NaN is told at once', 'good nan', [2]],
    ['a NaN told at once is not told again on the next bad day', 'good nan bad bad', [2]],
    ['bad, then NaN: the second failure is told', 'good bad nan', [3]],
    [
      'a failed process is told at once, and the day does not count for the metric',
      'good failure bad bad',
      [2, 4],
    ],
    ['a cancelled day between two bad ones neither counts nor breaks', 'good bad cancelled bad', [4]],
    ['a preempted day between two bad ones neither counts nor breaks', 'good bad preempted bad', [4]],
    ['one bad day before the first cancelled one is not two', 'bad cancelled cancelled', []],
  ])('%s', async (_, days, told) => {
    expect(await toldOn(days, second)).toEqual(told);
  });

  test('an inconclusive day between two bad ones neither counts nor breaks', async () => {
    const ignored = always({ ...ABOVE, on_nonfinite: 'ignore' }, { alert_after_second_test_failure: true });
    expect(await toldOn('good bad nan bad', ignored)).toEqual([4]);
    expect(await toldOn('good bad nan nan', ignored)).toEqual([]);
  });

  test('a day of missing metrics that only warn neither counts nor breaks', async () => {
    const warned = always({ ...ABOVE, on_missing: 'warn' }, { alert_after_second_test_failure: true });
    expect(await toldOn('bad missing bad', warned)).toEqual([3]);
  });

  test('as the text "True", which templates write', async () => {
    expect(await toldOn('good bad bad', { ...second, alert_after_second_test_failure: 'True' })).toEqual([3]);
    expect(await toldOn('good bad bad', { ...second, alert_after_second_test_failure: 'False' })).toEqual([
      2,
    ]);
  });
});

describe('the end of the process', () => {
  test.each<Row>([
    ['failed: told', 'good failure', [2]],
    ['failed every day: told once', 'good failure timeout oom', [2]],
    ['failed, well, failed: told twice', 'failure good failure', [1, 3]],
    ['cancelled and preempted are nobody’s fault', 'good cancelled preempted', []],
    ['failed, cancelled, failed: one incident', 'failure cancelled failure', [1]],
    ['never started, then lost: two different things to tell', 'good missed lost', [2, 3]],
    ['failed, then bad numbers: two different things to tell', 'good failure bad', [2, 3]],
  ])('%s', async (_, days, told) => {
    expect(await toldOn(days, always(ABOVE))).toEqual(told);
  });
});

describe('what is to be told at all', () => {
  test.each<readonly [string, string, RegressionTestConfig | null, readonly number[]]>([
    ['regression_test_config: null tells nothing', 'good bad failure', null, []],
    [
      'alert_for_oob_metrics: false keeps metrics quiet',
      'bad failure',
      always(ABOVE, { alert_for_oob_metrics: false }),
      [2],
    ],
    ['… and so does the text "False"', 'bad failure', always(ABOVE, { alert_for_oob_metrics: 'False' }), [2]],
    [
      'alert_for_failed_jobs: false keeps failed jobs quiet',
      'failure bad',
      always(ABOVE, { alert_for_failed_jobs: false }),
      [2],
    ],
    ['… and so does the text "False"', 'failure bad', always(ABOVE, { alert_for_failed_jobs: 'False' }), [2]],
    [
      'metric_subset_to_alert with this metric',
      'bad',
      always(ABOVE, { metric_subset_to_alert: ['accuracy'] }),
      [1],
    ],
    [
      'metric_subset_to_alert without this metric',
      'bad',
      always(ABOVE, { metric_subset_to_alert: ['loss'] }),
      [],
    ],
    [
      'an empty metric_subset_to_alert is all metrics',
      'bad',
      always(ABOVE, { metric_subset_to_alert: [] }),
      [1],
    ],
    ['a required metric that is missing is told', 'good missing', { required_metrics: ['accuracy'] }, [2]],
    ['a metric nobody demands anything of is not', 'good missing bad', {}, []],
  ])('%s', async (_, days, config, told) => {
    expect(await toldOn(days, config)).toEqual(told);
  });
});

test('several failures of one run, and what its process says, come in one mail', async () => {
  const config: RegressionTestConfig = {
    metric_success_conditions: { a: ABOVE, b: ABOVE, total_wall_time: null },
  };
  const settings = settingsOf({ nightly: { owner: 'owner@example.com', regression_test_config: config } });
  const world = makeWorld(settings);
  const about = { test: 'nightly', run: 'n', at: day(1) };
  await world.tickAt(day(1, 1), finished(about, 'success', { metrics: named({ a: 0, b: 'NaN' }) }));
  expect(world.mailer.sent).toHaveLength(1);
  expect(world.mailer.sent[0]!.text).toContain('nightly');
  const notices = await world.ports.history.notices('nightly');
  expect(notices.map(({ notice }) => notice.episode.signal).sort()).toEqual(['metric:a', 'metric:b']);
});

test('a run that is judged again, whatever came of it, is told once', async () => {
  const world = makeWorld(settingsOf({ nightly: { owner: 'owner@example.com' } }));
  const about = { test: 'nightly', run: 'n', at: day(1) };
  await world.tickAt(day(1), finished(about, 'failure'));
  await world.tickAt(day(2), started({ ...about, at: day(1) - HOUR }));
  await world.tickAt(day(3), finished({ ...about, source: '//tests/watcher' }, 'oom'));
  await world.tickAt(day(4));
  const said = await world.ports.history.notices('nightly');
  expect(said.map(({ notice }) => notice.kind).filter((kind) => kind !== 'reminder')).toEqual(['firing']);
});
