import { describe, expect, test } from 'vitest';
import { type MtaJob, type MtaMetric, mtaTable, readMta } from './mta.ts';
import { mtaEvent } from './mta-event.ts';

const JOB = {
  uuid: '0b6e3e0a-6f0e-4a35-9a0e-3f6f8e0d4c11',
  test_name: 'mnist',
  job_status: 'success',
  num_failures: '0',
  job_duration_sec: '600',
  timestamp: '2021-06-01 02:15:00 UTC',
};

function jobOf(values: Readonly<Record<string, unknown>>): MtaJob {
  const read = readMta('job_history', { ...JOB, ...values });
  if (!read.ok || read.value.table !== 'job_history') throw new Error(JSON.stringify(read));
  return read.value.row;
}

function metricOf(values: Readonly<Record<string, unknown>>): MtaMetric {
  const read = readMta('metric_history', { uuid: 'u', metric_name: 'acc', ...values });
  if (!read.ok || read.value.table !== 'metric_history') throw new Error(JSON.stringify(read));
  return read.value.row;
}

const END = Date.parse('2021-06-01T02:15:00Z');

describe('the time of a row', () => {
  test.each([
    ['2021-06-01 02:15:00 UTC'],
    ['2021-06-01 02:15:00.000000 UTC'],
    ['2021-06-01T02:15:00Z'],
    ['2021-06-01 02:15:00'],
    ['2021-06-01 04:15:00+02'],
    ['2021-06-01 04:15:00+02:00'],
    [String(END / 1000)],
    ['1.6225137E9'],
    [END / 1000],
  ])('is read from %j', (timestamp) => {
    expect(jobOf({ timestamp })).toMatchObject({ version: 'v1', finishedAt: END, startedAt: END - 600_000 });
  });

  test.each([
    ['v1, where publishing came first', END / 1000 - 600, 'v1', END - 600_000, END],
    ['v1, where it is not told', null, 'v1', END - 600_000, END],
    ['v2, where start and duration were added up', `${END / 1000 + 600}.0`, 'v2', END, END + 600_000],
  ])('is the end or the start: %s', (_, published, version, startedAt, finishedAt) => {
    expect(jobOf({ msg_publish_time: published })).toMatchObject({ version, startedAt, finishedAt });
  });

  test('without a duration leaves the start open', () => {
    expect(jobOf({ job_duration_sec: '' })).toMatchObject({ startedAt: null, finishedAt: END });
  });
});

test('a row is of the table whose columns it has', () => {
  expect(mtaTable(['uuid', 'metric_name'])).toBe('metric_history');
  expect(mtaTable(['uuid', 'job_status'])).toBe('job_history');
  expect(mtaTable(['uuid', 'team'])).toBeNull();
});

test('every mistake of a row is told at once', () => {
  const read = readMta('job_history', {
    test_name: {},
    job_status: 'done',
    timestamp: 'soon',
    num_failures: 'no',
  });
  expect(read.ok ? [] : read.problems.map(({ key }) => key).sort()).toEqual([
    'job_status',
    'num_failures',
    'test_name',
    'timestamp',
    'uuid',
  ]);
});

describe('the conditions of a run', () => {
  const conditions = (metrics: readonly MtaMetric[]) => {
    const made = mtaEvent(jobOf({}), metrics);
    if (!made.ok) throw new Error(made.detail);
    return JSON.parse(made.event.body).config.regression_test_config.metric_success_conditions;
  };

  test.each([
    [
      'both sides',
      { metric_lower_bound: '1', metric_upper_bound: '2' },
      { success_threshold: { within_bounds: { lower: 1, upper: 2 } } },
    ],
    [
      'below open',
      { metric_lower_bound: '-inf', metric_upper_bound: 2 },
      { comparison: 'less_or_equal', success_threshold: { fixed_value: 2 } },
    ],
    [
      'above open',
      { metric_lower_bound: 1, metric_upper_bound: 'Infinity' },
      { comparison: 'greater_or_equal', success_threshold: { fixed_value: 1 } },
    ],
    ['no bounds', { metric_lower_bound: '', metric_upper_bound: null }, undefined],
    ['bounds that are no numbers', { metric_lower_bound: 'NaN', metric_upper_bound: 'nan' }, undefined],
    ['crossed bounds', { metric_lower_bound: 2, metric_upper_bound: 1 }, undefined],
    ['bounds without a value', { metric_value: '', metric_lower_bound: 1 }, undefined],
  ])('are its bounds: %s', (_, bounds, wanted) => {
    expect(conditions([metricOf({ metric_value: 1.5, ...bounds })]).acc).toEqual(wanted);
  });

  test('are none where nothing was bounded, not even the default rule', () => {
    expect(conditions([])).toEqual({ total_wall_time: null });
  });
});

test('an id of a message is the run id and no uuid', () => {
  const made = mtaEvent(jobOf({ uuid: '3000000000000000' }), []);
  const data = JSON.parse(made.ok ? made.event.body : '{}');
  expect(data).toMatchObject({ run_id: '3000000000000000', outcome: 'success' });
  expect(data).not.toHaveProperty('uuid');
});
