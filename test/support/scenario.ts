import type { TestConfig } from '../../shared/core/schema/test-config.ts';
import { formatTime } from '../../shared/core/time.ts';
import {
  day,
  finished,
  heartbeat,
  json,
  type Message,
  MINUTE,
  named,
  reported,
  started,
  text,
  v1,
} from './messages.ts';
import { eventFile, scalars, simpleValue } from './tfevents-writer.ts';

/** Messages, what they point at and what is demanded: everything that the tables may depend on. */
export interface Scenario {
  readonly messages: readonly Message[];
  readonly tests: Readonly<Record<string, TestConfig>>;
  /** By path below the folder of the models. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** A moment after everything has happened, but before one run's time is up. */
  readonly end: number;
}

/** Bounds from history, so that the order of the runs decides every verdict. */
const DRIFTING: TestConfig = {
  owner: 'drift@example.com',
  regression_test_config: {
    metric_success_conditions: {
      loss: {
        comparison: 'less',
        success_threshold: { stddevs_from_mean: 2 },
        wait_for_n_points_of_history: 2,
      },
      total_wall_time: { comparison: 'within', success_threshold: { stddevs_from_mean: 3 } },
    },
  },
};

const TESTS: Readonly<Record<string, TestConfig>> = {
  drift: DRIFTING,
  trained: {
    owner: ['trained@example.com'],
    accelerator: 'cpu',
    metric_collection_config: {
      default_aggregation_strategies: ['final', 'max'],
      time_to_accuracy: { accuracy_tag: 'accuracy', accuracy_threshold: 0.9 },
    },
    regression_test_config: {
      metric_success_conditions: {
        accuracy_final: { comparison: 'greater', success_threshold: { fixed_value: 0.95 } },
        loss_max: { comparison: 'less', success_threshold: { stddevs_from_mean: 1 } },
      },
      required_metrics: ['loss_final'],
    },
  },
  silent: DRIFTING,
};

/** All that the contracts know of: about fifty messages of six tests. `models` is the folder of the models. */
export function everything(models: string): Scenario {
  return {
    messages: [
      ...driftingRuns(),
      ...trainedRuns(models),
      ...silentRuns(),
      ...jobsOfTheOldPublisher(),
      ...oddRuns(),
      ...refused(),
    ],
    tests: TESTS,
    files: modelFiles(models),
    end: day(20),
  };
}

/** One run a day; the losses wander, jump, and come back. */
function driftingRuns(): Message[] {
  const losses = [1, 1.1, 0.9, 1.05, 4, 1, 0.95, 1.02];
  const daily = losses.flatMap((loss, index) => {
    const about = { test: 'drift', run: `d${index + 1}`, at: day(index + 1, 2) };
    const at = day(index + 1, 3) + index * 7 * MINUTE;
    const end = { ...about, at };
    // Odd runs report their metric on its own, before the end is told.
    return index % 2 === 0
      ? [started(about), reported({ ...end, at: at - MINUTE }, { loss }), finished(end, 'success')]
      : [started(about), finished(end, 'success', { metrics: named({ loss }) })];
  });
  // Two report its end, days apart, and the earlier report counts: it moves over runs that look back on it.
  const moving = { test: 'drift', run: 'd9', at: day(9) };
  const end = (at: number) => ({ finished_at: formatTime(at), metrics: named({ loss: 2 }) });
  return [
    ...daily,
    finished({ ...moving, at: day(9, 1), source: '//tests/watcher' }, 'success', end(day(7, 12))),
    finished(moving, 'success', end(day(3, 12))),
  ];
}

function trainedRuns(models: string): Message[] {
  const run = (name: string, at: number) => ({ test: 'trained', run: name, at });
  const model_dir = (name: string) => ({ model_dir: `${models}/${name}` });
  return [
    started(run('t1', day(2)), model_dir('t1')),
    finished(run('t1', day(2, 1)), 'success', { labels: { commit: 'a1', dirty: false } }),
    started(run('t2', day(3)), model_dir('t2')),
    finished(run('t2', day(3, 1)), 'success'),
    // Its files are not there.
    finished(run('t3', day(4, 1)), 'success', { ...model_dir('gone'), started_at: formatTime(day(4)) }),
    // The first attempt fails and its end counts until the second one is heard of.
    started(run('t4', day(5)), model_dir('t4')),
    finished(run('t4', day(5, 1)), 'failure'),
    started({ ...run('t4', day(5, 2)), attempt: 2 }),
    finished({ ...run('t4', day(5, 3)), attempt: 2 }, 'success'),
    // A plain failure that somebody else knows the cause of.
    started(run('t5', day(6)), model_dir('t1')),
    finished(run('t5', day(6, 1)), 'failure'),
    finished({ ...run('t5', day(6, 1) + MINUTE), source: '//tests/watcher' }, 'oom', {
      finished_at: formatTime(day(6, 0.9)),
    }),
    finished({ ...run('t5', day(6, 2)), source: '//tests/other' }, 'success'),
    // Two messages with one id that say different things.
    finished(run('t6', day(7, 1)), 'success', model_dir('t2')),
    finished(run('t6', day(7, 2)), 'failure', model_dir('t2')),
    finished(run('t6', day(7, 3)), 'cancelled', model_dir('t2')),
  ];
}

/** Runs nobody told the end of, or not in time; every one also counts for the bounds of the next. */
function silentRuns(): Message[] {
  const run = (name: string, at: number) => ({ test: 'silent', run: name, at });
  const loss = (value: number) => ({ metrics: named({ loss: value }) });
  return [
    finished(run('s1', day(1, 1)), 'success', { ...loss(1), started_at: formatTime(day(1)) }),
    finished(run('s2', day(1, 2)), 'success', { ...loss(1.2), started_at: formatTime(day(1)) }),
    // Lost by silence, then reported: it moves from the second to the third day.
    started(run('s3', day(2))),
    heartbeat({ ...run('s3', day(2, 1)), n: 1 }),
    finished(run('s3', day(3)), 'success', loss(1.1)),
    // Lost by silence, then alive again, then silent for good.
    started(run('s4', day(2))),
    heartbeat({ ...run('s4', day(2, 1)), n: 1 }),
    heartbeat({ ...run('s4', day(2, 9)), n: 2 }),
    heartbeat({ ...run('s4', day(4, 1)), n: 3 }),
    // Past its deadline; past the default of 48 hours; and one whose time is not up at the end.
    started(run('s5', day(5)), { deadline: formatTime(day(5, 4)) }),
    started(run('s6', day(6))),
    started(run('s7', day(6)), { deadline: formatTime(day(25)) }),
    // Its deadline was put off before it passed.
    started(run('s8', day(7)), { deadline: formatTime(day(7, 1)) }),
    started({ ...run('s8', day(7, 0.5)), source: '//tests/other' }, { deadline: formatTime(day(8)) }),
    finished(run('s9', day(9)), 'success', { ...loss(1.15), started_at: formatTime(day(8, 23)) }),
    finished(run('s10', day(10)), 'success', { ...loss(9), started_at: formatTime(day(9, 23)) }),
  ];
}

/** Messages without an id of the run: one Job name stands for several runs, one after the other. */
function jobsOfTheOldPublisher(): Message[] {
  const job = { job_name: 'nightly-1', job_namespace: 'ml', cluster_name: 'c1', zone: 'z', test_name: 'old' };
  const ended = (status: string, at: number) => ({ job_info: { status, stop_time: at / 1000 } });
  return [
    v1('old-1', day(1), job),
    v1('old-1-end', day(1, 2), { ...job, ...ended('success', day(1, 1)) }),
    v1('old-2', day(2), { ...job, accelerator: 'gpu' }),
    v1('old-2-end', day(2, 2), { ...job, ...ended('failure', day(2, 1)) }),
    // Nobody says how this one ended.
    v1('old-3', day(4), { ...job, accelerator: 'cpu' }),
    v1('old-uid', day(5), { ...job, job_uid: 'uid-1' }),
    v1('old-uid-end', day(5, 2), { ...job, job_uid: 'uid-1', ...ended('success', day(5, 1)) }),
    v1('old-typo', day(6), {
      ...job,
      job_uid: 'uid-2',
      ...ended('success', day(6)),
      regression_test_config: { metric_success_condition: {} },
    }),
  ];
}

function oddRuns(): Message[] {
  const run = (name: string, at: number) => ({ test: 'odd', run: name, at });
  const uuid = 'f1e2d3c4-0000-4000-8000-000000000001';
  const below = { comparison: 'less', success_threshold: { fixed_value: 1 } };
  return [
    finished(run('o1', day(1, 1)), 'success', {
      metrics: named({ a: 'NaN', b: 'Infinity', c: '-Infinity', d: 0.1 }),
      config: {
        regression_test_config: {
          metric_success_conditions: { a: below, b: below, c: below, d: below, e: below },
        },
      },
    }),
    // A config that nobody can use: the run is kept, its verdict is open.
    finished(run('o2', day(2, 1)), 'success', {
      metrics: named({ a: 0.5 }),
      config: { regression_test_config: { metric_success_conditions: { a: { comparision: 'less' } } } },
    }),
    // Ends before it starts.
    finished(run('o3', day(3)), 'success', { started_at: formatTime(day(3, 1)) }),
    // Two runs at one moment, and two that claim one uuid.
    finished(run('o5', day(4)), 'success', { metrics: named({ a: 2 }), uuid }),
    finished(run('o4', day(4)), 'success', { metrics: named({ a: 3 }), uuid }),
    finished(run('o6', day(5)), 'missed'),
    finished(run('o7', day(6)), 'preempted'),
  ];
}

function refused(): Message[] {
  return [
    text('not-json', day(1), '{"type": '),
    text('not-a-message', day(1), '[1, 2]'),
    json('unknown-type', day(2), {
      specversion: '1.0',
      type: 'io.tidemark.run.paused.v1',
      id: 'x',
      source: 'y',
    }),
    finished({ test: 'odd', run: 'bad', at: day(2) }, 'exploded'),
    text('protobuf.pb', day(2), '\u0001\u0002'),
  ];
}

function modelFiles(models: string): Record<string, Uint8Array> {
  const seconds = (ms: number) => ms / 1000;
  const training = (at: number, accuracy: readonly number[]) =>
    eventFile(
      scalars({ accuracy, loss: accuracy.map((value) => 1 - value) }, { wallTime: seconds(at), every: 600 }),
    );
  return {
    [`${models}/t1/events.out.tfevents.1`]: training(day(2), [0.5, 0.9, 0.97]),
    [`${models}/t2/events.out.tfevents.1`]: training(day(3), [0.4, 0.8, 0.91]),
    [`${models}/t2/eval/events.out.tfevents.2`]: eventFile([
      simpleValue('loss', 3, 0.3, seconds(day(3, 0.5))),
    ]),
    [`${models}/t4/events.out.tfevents.1`]: training(day(5), [0.6, 0.92, 0.99]).subarray(0, -5),
  };
}

/** What a crash is tried on at every effect: six messages, three runs, one mail. */
export function small(models: string): Scenario {
  const below = { comparison: 'less', success_threshold: { stddevs_from_mean: 2 } } as const;
  const run = (name: string, at: number) => ({ test: 'small', run: name, at });
  const config: TestConfig = {
    owner: 'small@example.com',
    metric_collection_config: { default_aggregation_strategies: ['final', 'first', 'min', 'max', 'mean'] },
    regression_test_config: {
      metric_success_conditions: {
        loss_final: { ...below, wait_for_n_points_of_history: 2 },
        total_wall_time: null,
      },
    },
  };
  const training = (loss: number) => eventFile(scalars({ loss: [loss + 1, loss] }));
  const end = (name: string, at: number) =>
    finished(run(name, at), 'success', {
      model_dir: `${models}/${name}`,
      started_at: formatTime(at - MINUTE),
    });
  return {
    messages: [
      end('r1', day(1)),
      started(run('r2', day(2))),
      end('r2', day(2, 1)),
      end('r3', day(3)),
      heartbeat(run('r3', day(3))),
      text('not-json', day(3), '{'),
    ],
    tests: { small: config },
    files: {
      [`${models}/r1/events.out.tfevents.1`]: training(1),
      [`${models}/r2/events.out.tfevents.1`]: training(1.25),
      [`${models}/r3/events.out.tfevents.1`]: training(7),
    },
    end: day(4),
  };
}

/** What a crash is tried on when there is history already: a late run, and a lost one that ended well after all. */
export function belated(models: string): Scenario & { readonly earlier: readonly Message[] } {
  const { tests, files } = small(models);
  const run = (name: string, at: number) => ({ test: 'small', run: name, at });
  const end = (name: string, at: number, loss: number) =>
    finished(run(name, at), 'success', { metrics: named({ loss_final: loss }) });
  return {
    earlier: [
      end('r1', day(1), 1),
      end('r2', day(2), 1.2),
      heartbeat(run('s', day(3))),
      end('r5', day(5), 1.5),
    ],
    messages: [end('s', day(6), 9), end('r4', day(4), 1.9), end('r7', day(7), 1)],
    tests,
    files,
    end: day(8),
  };
}
