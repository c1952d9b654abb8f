// 45 nights of three real trainings: every number of oracle.json, which was computed by other code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type Answer, NIGHTLY, workspaces } from '../support/cli.ts';

type Value = number | string | null;

interface OracleRun {
  readonly test_name: string;
  readonly outcome: string;
  readonly total_wall_time: number;
  readonly tags: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Value>>>>>>;
  readonly time_to_accuracy: { readonly seconds: number | null };
}

interface MetricRow {
  readonly uuid: string;
  readonly run_id: string;
  readonly metric_name: string;
  readonly metric_value: number | null;
  readonly value_kind: string;
  readonly reason: string | null;
}

const oracle: Record<string, OracleRun> = JSON.parse(readFileSync(join(NIGHTLY, 'oracle.json'), 'utf8')).runs;
const lines = readFileSync(join(NIGHTLY, 'runs.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { job_name: string; uuid: string; test_name: string });

const STRATEGIES = ['first', 'final', 'min', 'max', 'mean', 'median', 'count'];
const BACKFILL = ['backfill', join(NIGHTLY, 'runs.jsonl'), '--config', join(NIGHTLY, 'collect-all.yaml')];
const at = workspaces()();
let backfill: Answer;
let metrics: Map<string, MetricRow>;
let before: Awaited<ReturnType<typeof at.tables>>;

beforeAll(async () => {
  backfill = await at.run([...BACKFILL, '--json']);
  const rows = await at.query<MetricRow>('select * from metric_history');
  metrics = new Map(rows.map((row) => [`${row.run_id} ${row.metric_name}`, row]));
  before = await at.tables();
});

function kindOf(value: Value): string {
  if (value === null) return 'missing';
  if (typeof value === 'number') return 'finite';
  return { NaN: 'nan', Infinity: 'posinf', '-Infinity': 'neginf' }[value] ?? 'unknown';
}

/** What a row should be and is not; null when it is. */
function difference(runId: string, name: string, expected: Value): string | null {
  const row = metrics.get(`${runId} ${name}`);
  if (row === undefined) return `${runId} ${name}: no row`;
  const got = `${row.value_kind} ${row.metric_value}`;
  const wanted = `${kindOf(expected)} ${typeof expected === 'number' ? expected : null}`;
  const close =
    typeof expected === 'number' &&
    row.metric_value !== null &&
    Math.abs(row.metric_value - expected) <= 1e-12 * Math.abs(expected);
  return row.value_kind === kindOf(expected) && (close || got === wanted)
    ? null
    : `${runId} ${name}: ${got}, not ${wanted}`;
}

test('the backfill judges all 135 runs and answers with one document', () => {
  expect(backfill.status).toBe(0);
  expect(JSON.parse(backfill.stdout)).toMatchObject({ waiting: 0, rejected: 0, mails: 0 });
  expect(JSON.parse(backfill.stdout).runs).toHaveLength(135);
  expect(Object.keys(oracle)).toHaveLength(135);
});

test('every aggregate of every tag is that of the oracle to 1e-12', () => {
  let compared = 0;
  const wrong: (string | null)[] = [];
  for (const [runId, { tags }] of Object.entries(oracle)) {
    for (const [folder, series] of Object.entries(tags)) {
      for (const [tag, summary] of Object.entries(series)) {
        for (const strategy of STRATEGIES) {
          const name = `${folder === '.' ? '' : `${folder}/`}${tag}_${strategy}`;
          wrong.push(difference(runId, name, summary[strategy]!));
          compared += 1;
        }
      }
    }
  }
  expect(wrong.filter((text) => text !== null)).toEqual([]);
  expect(compared).toBeGreaterThan(2000);
});

test('so are wall time and time to accuracy; one that was never reached says so', () => {
  const wrong = Object.entries(oracle).flatMap(([runId, run]) => [
    difference(runId, 'total_wall_time', run.total_wall_time),
    difference(runId, 'time_to_accuracy', run.time_to_accuracy.seconds),
  ]);
  expect(wrong.filter((text) => text !== null)).toEqual([]);
  const missing = [...metrics.values()].filter(({ value_kind }) => value_kind === 'missing');
  expect(missing.length).toBeGreaterThan(0);
  expect(new Set(missing.map(({ reason }) => reason))).toEqual(new Set(['not_reached']));
});

test('outcomes are those of the oracle, uuids those of the lines', async () => {
  const jobs = await at.query('select run_id, test_name, job_status, uuid from job_history order by run_id');
  const expected = lines.map(({ job_name, uuid, test_name }) => ({
    run_id: job_name,
    test_name,
    job_status: oracle[job_name]?.outcome,
    uuid,
  }));
  expect(jobs).toEqual(expected.sort((a, b) => (a.run_id < b.run_id ? -1 : 1)));
});

test('again, and a replay of events alone, change nothing', async () => {
  const again = await at.run([...BACKFILL, '--json']);
  expect(JSON.parse(again.stdout).runs).toEqual([]);
  expect(await at.tables()).toEqual(before);
  expect(await at.run(['replay'])).toMatchObject({ status: 0 });
  expect(await at.tables()).toEqual(before);
});
