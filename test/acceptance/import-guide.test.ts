// The guide for those who come from ml-testing-accelerators leaves no key, field or column out.
import { describe, expect, test } from 'vitest';
import { MTA_COLUMNS } from '../../shared/core/import/mta.ts';
import { MessageV1 } from '../../shared/core/schema/message.ts';
import {
  Condition,
  MetricCollectionConfig,
  MetricConfig,
  RegressionTestConfig,
  TimeToAccuracy,
} from '../../shared/core/schema/test-config.ts';
import { readText } from '../support/repository.ts';

const page = readText('docs/coming-from-ml-testing-accelerators.md');

/** Names in code marks in the first cells of the tables of a section, those that head a column too. */
function namesIn(title: string): Set<string> {
  const [, rest = ''] = page.split(`\n## ${title}\n`);
  const [section = ''] = rest.split('\n## ');
  const cells = section.split('\n').flatMap((line) => /^\|([^|]*)\|/.exec(line)?.[1] ?? []);
  return new Set(cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)));
}

/** Keys that the original does not have. */
const OURS = new Set([
  ...['history_window', 'minimum_change', 'resolution', 'scale', 'on_missing', 'on_nonfinite'],
  ...['false_discovery_rate', 'job_uid', 'deadline', 'metric_config_error'],
  ...[
    'split_by',
    'history_versions',
    'history_since',
    'sources',
    'freeze',
    'severity',
    'confirm_n',
    'recover_m',
  ],
]);

const keys = [
  MetricConfig,
  MetricCollectionConfig,
  RegressionTestConfig,
  Condition,
  TimeToAccuracy,
  MessageV1,
]
  .flatMap(({ shape }) => Object.keys(shape))
  .filter((key) => !OURS.has(key));

describe('the guide', () => {
  test('has every key of v1 that is accepted', () => {
    const named = namesIn('Every key of v1');
    expect(keys).toContain('write_to_bigquery');
    expect([...new Set(keys)].filter((key) => !named.has(key))).toEqual([]);
  });

  test('has every field of v2', () => {
    const proto = readText('schemas/test-completed-event.proto').replace(/\/\/.*$/gm, '');
    const fields = [...proto.matchAll(/^\s*[\w.<>, ]+ ([a-z]\w*) = \d+;/gm)].map(([, name = '']) => name);
    expect(fields).toEqual(expect.arrayContaining(['benchmark_id', 'extras', 'min_timestamp']));
    const named = namesIn('Every field of v2');
    expect([...new Set(fields)].filter((field) => !named.has(field))).toEqual([]);
  });

  test('has what stood around both versions: topics, secrets, settings, flags, annotations', () => {
    // Those of the original at its last commits with v1 and v2.
    const around = [
      ...['metrics-written', 'begin-metrics-handler', 'metrics_handler_dataset'],
      ...['sendgrid-api-key', 'alert-destination-email-address', 'alert-sender-email-address'],
      ...['BQ_DATASET', 'GCP_PROJECT', 'SEND_EMAIL_ALERTS'],
      ...['pubsub_topic', 'model_output_bucket', 'project', 'cluster_name', 'cluster_location', 'namespace'],
      ...['resource_version', 'save_dir', 'benchmarkId'],
      ...['ml-testing-accelerators/metric-config', 'ml-testing-accelerators/gcs-subdir'],
    ];
    const named = namesIn('What stood around it');
    expect(around.filter((name) => !named.has(name))).toEqual([]);
  });

  test('has every table and column of both versions', () => {
    const named = namesIn('Every column');
    const columns = Object.entries(MTA_COLUMNS).flatMap(([table, of]) => [table, ...of]);
    expect(columns.filter((column) => !named.has(column))).toEqual([]);
  });
});
