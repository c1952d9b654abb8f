import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestConfig } from '../../shared/core/schema/test-config.ts';
import { drain } from '../../shared/pipeline/drain.ts';
import { replay, retryRejected } from '../../shared/pipeline/replay.ts';
import { HOUR } from '../support/messages.ts';
import { everything } from '../support/scenario.ts';
import {
  dump,
  everythingIn,
  openState,
  placesIn,
  publishInto,
  REBUILT,
  tickIn,
  writeModels,
} from '../support/state-folder.ts';
import { settingsOf } from '../support/world.ts';

const top = mkdtempSync(join(tmpdir(), 'tidemark-replay-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));
const folder = join(top, 'state');
const { database, models } = placesIn(folder);
const scenario = everything(models);
/** Half a year on: what time would infer now must not count. */
const later = scenario.end + 4000 * HOUR;

let judged: ReturnType<typeof dump>;

beforeAll(async () => {
  writeModels(scenario.files);
  const half = Math.floor(scenario.messages.length / 2);
  publishInto(folder, scenario.messages.slice(half));
  await tickIn(folder, scenario, { now: scenario.end - 48 * HOUR });
  publishInto(folder, scenario.messages.slice(0, half));
  await tickIn(folder, scenario, { now: scenario.end });
  judged = dump(folder, REBUILT);
  expect(judged.alert_episodes?.length).toBeGreaterThan(3);
  expect(judged.job_history?.length).toBeGreaterThan(30);
});

beforeEach(() => writeModels(scenario.files));

function sql(text: string): void {
  const connection = new DatabaseSync(database);
  connection.exec(text);
  connection.close();
}

async function rebuilt(options: { reread: boolean; tests?: Readonly<Record<string, TestConfig>> }) {
  const { ports, close } = openState(folder, { now: later });
  try {
    const { reread, tests = scenario.tests } = options;
    await replay(ports, settingsOf(tests), { reread });
  } finally {
    close();
  }
  return dump(folder, REBUILT);
}

describe.each([
  ['what was read of the event files', false],
  ['the event files, read again', true],
])('from the events and %s', (_, reread) => {
  test.each([
    ['nothing is wrong', 'SELECT 1'],
    ['all rows are gone', 'DELETE FROM job_history; DELETE FROM metric_history'],
    [
      'some rows are gone',
      `DELETE FROM job_history WHERE run_id LIKE '%1'; DELETE FROM metric_history WHERE rowid % 2`,
    ],
    [
      'values, bounds and verdicts were changed',
      `UPDATE metric_history SET metric_value = metric_value * 3 + 1, metric_upper_bound = 0, verdict = 'pass';
       UPDATE job_history SET verdict = 'pass', job_status = 'success', labels = '{"x":"y"}'`,
    ],
    [
      'episodes are lost, and one that never was stands among them',
      `DELETE FROM alert_episode_events; DELETE FROM alert_episodes WHERE state = 'firing';
       INSERT INTO alert_episodes (episode_id, test_name, signal, polarity, state, bad_total, item)
         VALUES ('x', 'drift', 'job', 'bad', 'firing', 1, '{}')`,
    ],
    [
      'rows of runs that never were stand among them',
      `INSERT INTO job_history SELECT 'x' || uuid, run_id, attempt, test_name, test_type, accelerator,
         framework_version, job_status, num_failures, job_duration_sec, timestamp, started_at, finished_at,
         stackdriver_logs_link, logs_download_command, kubernetes_workload_link, msg_publish_time, verdict,
         labels, schema_version, ingested_at FROM job_history;
       INSERT INTO metric_history SELECT 'x' || uuid, run_id, test_name, timestamp, metric_name, 99, 'finite',
         NULL, NULL, NULL, NULL, 0, ingested_at, NULL FROM metric_history`,
    ],
  ])('gives the same rows: %s', async (__, damage) => {
    sql(damage);
    expect(await rebuilt({ reread })).toEqual(judged);
  });

  test('the event files are gone: what was read of them counts', async () => {
    sql('DELETE FROM job_history; DELETE FROM metric_history');
    rmSync(models, { recursive: true });
    expect(await rebuilt({ reread })).toEqual(judged);
  });

  test('the config file has changed since', async () => {
    sql('DELETE FROM job_history; DELETE FROM metric_history');
    const below = { comparison: 'less', success_threshold: { fixed_value: -1 } } as const;
    const other: TestConfig = { regression_test_config: { metric_success_conditions: { default: below } } };
    const tests = Object.fromEntries(Object.keys(scenario.tests).map((name) => [name, other]));
    expect(await rebuilt({ reread, tests })).toEqual(judged);
    expect(await rebuilt({ reread, tests: {} })).toEqual(judged);
  });
});

test('a replay tells nobody anything, infers nothing new, and leaves the next tick nothing to do', async () => {
  const before = everythingIn(folder);
  await rebuilt({ reread: false });
  expect(everythingIn(folder)).toEqual(before);
  await tickIn(folder, scenario, { now: scenario.end });
  expect(everythingIn(folder)).toEqual(before);
});

test('the rejected messages are tried again: nothing that cannot be read gets in, nothing is lost', async () => {
  const { ports, close } = openState(folder, { now: scenario.end });
  const { recorded, rejected } = await retryRejected(ports);
  close();
  expect(recorded).toBe(0);
  expect(rejected).toHaveLength(judged.rejected_messages!.length);
  await tickIn(folder, scenario, { now: scenario.end });
  expect(dump(folder, REBUILT)).toEqual(judged);
});

test('what no tick has judged yet is left to the next tick, which tells of it', async () => {
  const own = join(top, 'unjudged');
  publishInto(own, scenario.messages);
  const { ports, close } = openState(own, { now: scenario.end });
  // The process died when the messages were recorded, before anything was settled.
  await drain(ports);
  expect(await replay(ports, settingsOf(scenario.tests), { reread: false })).toBe(0);
  close();
  expect(dump(own).job_history).toEqual([]);
  await tickIn(own, scenario, { now: scenario.end });
  expect(dump(own, REBUILT)).toEqual(judged);
  expect(everythingIn(own).mails.length).toBeGreaterThan(0);
});

describe('rows that stand at another time or under another test', () => {
  const move = `UPDATE job_history SET timestamp = '2020-01-01T00:00:00.000Z' WHERE run_id LIKE '%4';
    UPDATE metric_history SET timestamp = '2020-01-01T00:00:00.000Z' WHERE run_id LIKE '%4';
    UPDATE job_history SET test_name = 'silent' WHERE run_id LIKE '%5';
    UPDATE metric_history SET test_name = 'silent' WHERE run_id LIKE '%5'`;

  test('do not disturb a replay', async () => {
    sql(move);
    expect(await rebuilt({ reread: false })).toEqual(judged);
  });

  test('are put right by a second one at the latest', async () => {
    sql(move);
    await rebuilt({ reread: false });
    expect(await rebuilt({ reread: false })).toEqual(judged);
  });
});
