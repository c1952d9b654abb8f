import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventFile, scalars } from '../support/tfevents-writer.ts';
import { type Numbers, numbers } from './lcg.ts';

/** Tests that take turns, one run each a night. */
export const TESTS = 20;
const TAGS = ['loss', 'accuracy', 'step_time'] as const;
const FIRST_NIGHT = Date.parse('2026-01-01T02:00:00Z');
const DAY_MS = 86_400_000;

/** A clock behind all runs. */
export const AFTERWARDS = '2030-01-01T00:00:00Z';

/** One past run with its event file on the disk. */
export interface MadeRun {
  readonly testName: string;
  readonly runId: string;
  readonly modelDir: string;
  readonly startedAt: number;
  readonly finishedAt: number;
}

/** Makes the event files of `count` runs in `folder`, each with `points` scalars over three tags. */
export function makeRuns(folder: string, count: number, { points }: { points: number }): MadeRun[] {
  const random = numbers(7);
  return Array.from({ length: count }, (_, index) => makeRun(folder, index, { points, random }));
}

function makeRun(
  folder: string,
  index: number,
  { points, random }: { points: number; random: Numbers },
): MadeRun {
  const night = Math.floor(index / TESTS);
  const runId = `run-${String(index).padStart(6, '0')}`;
  const startedAt = FIRST_NIGHT + night * DAY_MS + (index % TESTS) * 60_000;
  const modelDir = join(folder, runId);
  const wallTime = startedAt / 1000;
  mkdirSync(modelDir, { recursive: true });
  const records = scalars(series(points / TAGS.length, random), { wallTime, every: 60 });
  writeFileSync(join(modelDir, `events.out.tfevents.${wallTime}.host`), eventFile(records));
  const finishedAt = startedAt + 3_600_000 + Math.round(random.normal() * 60_000);
  return { testName: testName(index), runId, modelDir, startedAt, finishedAt };
}

function testName(index: number): string {
  return `bench-${String(index % TESTS).padStart(2, '0')}`;
}

/** Curves of a training with noise; one run in a hundred ends clearly worse, so that there is something to tell. */
export function series(length: number, random: Numbers): Record<(typeof TAGS)[number], number[]> {
  const worse = random.next() < 0.01 ? 0.3 : 0;
  const steps = Array.from({ length: Math.ceil(length) }, (_, step) => step / Math.max(1, length - 1));
  return {
    loss: steps.map((at) => 2 * Math.exp(-3 * at) + worse + 0.02 * random.normal()),
    accuracy: steps.map((at) => 0.95 * (1 - Math.exp(-5 * at)) - worse + 0.003 * random.normal()),
    step_time: steps.map(() => 0.2 + 0.01 * random.normal()),
  };
}

/** How many conditions the config makes of a run. */
export const CONDITIONS = 3;

/** The config all runs are judged by: a fixed bound and two from history. */
export function configText(): string {
  const tests = Array.from({ length: TESTS }, (_, index) => [
    testName(index),
    {
      owner: 'owner@example.com',
      metric_collection_config: { default_aggregation_strategies: ['final', 'min'] },
      regression_test_config: {
        metric_success_conditions: {
          accuracy_final: { comparison: 'greater', success_threshold: { fixed_value: 0.8 } },
          loss_final: fromHistory,
          total_wall_time: fromHistory,
        },
      },
    },
  ]);
  return JSON.stringify({ tests: Object.fromEntries(tests) });
}

const fromHistory = {
  comparison: 'less',
  success_threshold: { stddevs_from_mean: 5 },
  wait_for_n_points_of_history: 10,
};

/** Puts two messages a run, its start and its end, where a tick finds them. */
export function fillSpool(folder: string, runs: readonly MadeRun[]): void {
  const incoming = join(folder, 'incoming');
  mkdirSync(incoming, { recursive: true });
  for (const run of runs) {
    for (const kind of ['started', 'finished'] as const) {
      const path = join(incoming, `${run.runId}-${kind}.json`);
      const at = kind === 'started' ? run.startedAt : run.finishedAt;
      writeFileSync(path, messageText(run, kind, { at }));
      utimesSync(path, at / 1000, at / 1000);
    }
  }
}

function messageText(run: MadeRun, kind: 'started' | 'finished', { at }: { at: number }): string {
  const { testName: test_name, runId: run_id, modelDir: model_dir } = run;
  const time = new Date(at).toISOString();
  const start = { run_id, attempt: 1, test_name, model_dir, host: 'host-a', labels: { branch: 'main' } };
  const startedAt = new Date(run.startedAt).toISOString();
  const data =
    kind === 'started'
      ? { ...start, started_at: startedAt }
      : { ...start, started_at: startedAt, finished_at: time, outcome: 'success', exit_code: 0 };
  return JSON.stringify({
    specversion: '1.0',
    type: `io.tidemark.run.${kind}.v1`,
    source: '//bench',
    id: `${run_id}/1/${kind}`,
    subject: test_name,
    time,
    datacontenttype: 'application/json',
    data,
  });
}

/** The same runs as a backfill file. */
export function backfillText(runs: readonly MadeRun[]): string {
  const lines = runs.map(({ testName: test_name, runId, modelDir: model_dir, startedAt, finishedAt }) =>
    JSON.stringify({
      test_name,
      job_name: runId,
      model_dir,
      started_at: new Date(startedAt).toISOString(),
      finished_at: new Date(finishedAt).toISOString(),
      outcome: 'success',
    }),
  );
  return `${lines.join('\n')}\n`;
}
