import { show } from '../problem.ts';
import { type ValueReader, valueReader, type WrongValue } from './values.ts';

/** The columns of both versions of ml-testing-accelerators. */
export const MTA_COLUMNS = {
  job_history: [
    'uuid',
    'test_name',
    'test_type',
    'accelerator',
    'framework_version',
    'job_status',
    'num_failures',
    'job_duration_sec',
    'timestamp',
    'stackdriver_logs_link',
    'msg_publish_time',
    'logs_download_command',
    'kubernetes_workload_link',
  ],
  metric_history: [
    'uuid',
    'test_name',
    'timestamp',
    'metric_name',
    'metric_value',
    'metric_lower_bound',
    'metric_upper_bound',
  ],
} as const;

/** What the original stored; a run was open as long as it was none of these. */
const STATUSES = ['success', 'failure', 'timeout', 'missed'] as const;

/** A row of the original's `job_history`. Times are milliseconds since the epoch. */
export interface MtaJob {
  readonly version: 'v1' | 'v2';
  readonly uuid: string;
  readonly testName: string;
  readonly status: (typeof STATUSES)[number];
  readonly startedAt: number | null;
  readonly finishedAt: number;
  readonly publishTime: number | null;
  readonly numFailures: number | null;
  readonly testType: string | null;
  readonly accelerator: string | null;
  readonly frameworkVersion: string | null;
  readonly logsLink: string | null;
  readonly logsDownloadCommand: string | null;
  readonly workloadLink: string | null;
}

/** A row of the original's `metric_history`; a bound that is null was open. */
export interface MtaMetric {
  readonly uuid: string;
  readonly name: string;
  readonly value: number | 'NaN' | 'Infinity' | '-Infinity' | null;
  readonly lower: number | null;
  readonly upper: number | null;
}

export type MtaRow =
  | { readonly table: 'job_history'; readonly row: MtaJob }
  | { readonly table: 'metric_history'; readonly row: MtaMetric };

export type ReadMta =
  | { readonly ok: true; readonly value: MtaRow }
  | { readonly ok: false; readonly problems: readonly WrongValue[] };

/** Which of the two tables a row is of, by the names of its columns; null: neither. */
export function mtaTable(columns: readonly string[]): keyof typeof MTA_COLUMNS | null {
  if (columns.includes('metric_name')) return 'metric_history';
  return columns.includes('job_status') ? 'job_history' : null;
}

/** Reads an exported row, whose numbers and times may be texts. Columns of others are not looked at. */
export function readMta(table: keyof typeof MTA_COLUMNS, values: Readonly<Record<string, unknown>>): ReadMta {
  const reader = valueReader(values);
  const value: MtaRow =
    table === 'job_history' ? { table, row: jobOf(reader) } : { table, row: metricOf(reader) };
  const { problems } = reader;
  return problems.length === 0 ? { ok: true, value } : { ok: false, problems };
}

function jobOf(reader: ValueReader): MtaJob {
  const status = reader.name('job_status');
  if (status !== '' && !(STATUSES as readonly string[]).includes(status)) {
    reader.wrong('job_status', `must be one of ${STATUSES.join(', ')}: current value is ${show(status)}`);
  }
  const failures = reader.number('num_failures');
  if (failures !== null && !(Number.isSafeInteger(failures) && failures >= 0)) {
    reader.wrong('num_failures', `must be a whole number from 0: current value is ${show(failures)}`);
  }
  return {
    uuid: reader.name('uuid'),
    testName: reader.name('test_name'),
    status: status as MtaJob['status'],
    ...timesOf(reader),
    numFailures: failures,
    testType: reader.text('test_type'),
    accelerator: reader.text('accelerator'),
    frameworkVersion: reader.text('framework_version'),
    logsLink: reader.text('stackdriver_logs_link'),
    logsDownloadCommand: reader.text('logs_download_command'),
    workloadLink: reader.text('kubernetes_workload_link'),
  };
}

/**
 * `timestamp` is the end in v1 and the start in v2. v1 published before the run began to be measured, so never after
 * its `timestamp`; v2 wrote start + duration as time of publishing, so always after it.
 */
function timesOf(reader: ValueReader): Pick<MtaJob, 'version' | 'startedAt' | 'finishedAt' | 'publishTime'> {
  const timestamp = reader.requiredTime('timestamp');
  const publishTime = reader.time('msg_publish_time');
  const seconds = reader.number('job_duration_sec');
  const lasted = seconds !== null && seconds >= 0 && seconds < 1e9 ? Math.round(seconds * 1000) : null;
  if (publishTime !== null && publishTime > timestamp) {
    const finishedAt = lasted === null ? publishTime : timestamp + lasted;
    return { version: 'v2', startedAt: timestamp, finishedAt, publishTime };
  }
  const startedAt = lasted === null ? null : timestamp - lasted;
  return { version: 'v1', startedAt, finishedAt: timestamp, publishTime };
}

function metricOf(reader: ValueReader): MtaMetric {
  // Looked at for its mistakes only: our rows stand at the end of the run.
  reader.time('timestamp');
  const value = reader.number('metric_value');
  return {
    uuid: reader.name('uuid'),
    name: reader.name('metric_name'),
    value: value === null || Number.isFinite(value) ? value : (String(value) as 'NaN'),
    lower: boundOf(reader.number('metric_lower_bound')),
    upper: boundOf(reader.number('metric_upper_bound')),
  };
}

/** An infinite bound is an open side; so is NaN, which the original wrote where it could not compute one. */
function boundOf(bound: number | null): number | null {
  return bound !== null && Number.isFinite(bound) ? bound : null;
}
