import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../support/command.ts';
import { type FunctionProcess, startFunction } from '../support/function-process.ts';
import { ROOT } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { eventFile, scalars } from '../support/tfevents-writer.ts';

const CONFIG = (folder: string) => `
model_roots: [${JSON.stringify(folder)}]
clusters: {}
alerting: {fallback: [owner@example.com]}
tests:
  mnist:
    regression_test_config:
      metric_success_conditions:
        accuracy_final: {comparison: greater, success_threshold: {fixed_value: 0.96}}
`;

/** A folder as the function is deployed into, with one finished run that is not good enough. */
function deployed(config: (folder: string) => string = CONFIG): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'tidemark.yaml'), config(folder));
  mkdirSync(join(folder, 'model'));
  writeFileSync(join(folder, 'model/events.out.tfevents.1'), eventFile(scalars({ accuracy: [0.5, 0.75] })));
  return folder;
}

function publish(folder: string, message: Record<string, unknown>): void {
  const incoming = join(folder, '.tidemark/spool/incoming');
  mkdirSync(incoming, { recursive: true });
  writeFileSync(join(incoming, `${message.job_name}.json`), JSON.stringify(message));
}

const MESSAGE = { job_name: 'mnist-1', test_name: 'mnist', job_uid: 'u-1' };
const FINISHED = { job_info: { status: 'success', stop_time: 1_785_600_000 } };

function rows(folder: string, sql: string): unknown[] {
  const database = new DatabaseSync(join(folder, '.tidemark/tidemark.db'), { readOnly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

const BUNDLE = 'build/function/index.js';

describe.each([
  ['from its sources', 'functions/main.ts'],
  ['as it is deployed, bundled', BUNDLE],
])('the function %s', (_, module) => {
  let folder = '';
  let tick: FunctionProcess;

  beforeAll(async () => {
    if (module === BUNDLE) {
      const built = await run([process.execPath, join(ROOT, 'scripts/build-function.ts')], { cwd: ROOT });
      expect(built.code, built.output).toBe(0);
    }
    folder = deployed();
    tick = await startFunction({ module: join(ROOT, module), cwd: folder, env: {} });
  }, 60_000);

  afterAll(() => tick?.stop());

  test('judges what has finished, answers with what it did, and names the pass by its schedule', async () => {
    publish(folder, { ...MESSAGE, ...FINISHED, model_dir: join(folder, 'model') });
    const { status, body } = await tick.tick('2026-08-01T02:15:00.5Z');
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { tick_id: '2026-08-01T02:15:00.500Z', runs: 1, verdicts: { fail: 1 }, mails: 1, waiting: 0 },
    });
    expect(rows(folder, 'SELECT test_name, verdict FROM job_history')).toEqual([
      { test_name: 'mnist', verdict: 'fail' },
    ]);
    expect(rows(folder, 'SELECT tick_id FROM ticks')).toEqual([{ tick_id: '2026-08-01T02:15:00.500Z' }]);
  });

  test('logs the lines people know, and one sign of life, as JSON with the pass on each', () => {
    const labels = { 'logging.googleapis.com/labels': { tick_id: '2026-08-01T02:15:00.500Z' } };
    const said = (message: string) => tick.log.find((line) => line.message === message);
    expect(
      said(
        'Metric `accuracy_final` was out of bounds for test `mnist`. Bounds were (0.96, inf) and value was 0.75',
      ),
    ).toMatchObject({ severity: 'ERROR', ...labels });
    expect(said("Processed a message for each of the following tests: ['mnist']")).toMatchObject(labels);
    expect(tick.log.at(-1)).toMatchObject({ event: 'tick_completed', severity: 'INFO', runs: 1, ...labels });
    expect(tick.log.filter((line) => 'stack_trace' in line)).toEqual([]);
    expect(tick.noise.filter((line) => !line.includes('ExperimentalWarning'))).toEqual([]);
  });

  test('reads nothing outside of what its config allows; the run is recorded and says why', async () => {
    publish(folder, { ...MESSAGE, ...FINISHED, job_name: 'mnist-2', job_uid: 'u-2', model_dir: '/etc' });
    expect((await tick.tick()).status).toBe(200);
    const [row] = rows(
      folder,
      "SELECT verdict, reason FROM metric_history WHERE run_id = 'u-2' AND metric_name = 'accuracy_final'",
    );
    expect(row).toMatchObject({
      verdict: 'fail',
      reason: expect.stringContaining('outside of what may be read'),
    });
  });

  test('waits for nothing and fails for nothing when nothing is there', async () => {
    const { status, body } = await tick.tick('no time at all');
    expect({ status, body }).toMatchObject({ status: 200, body: { runs: 0, verdicts: {}, mails: 0 } });
    expect(body.tick_id).toMatch(/^20\d\d-\d\d-\d\dT/);
  });
});

describe('the function', () => {
  test.each([
    ['without allow-lists', () => 'tests: {}\n', 'the function wants model_roots and clusters in'],
    ['with a mistake in its config', () => 'model_rots: []\n', 'did you mean "model_roots"?'],
  ])('%s does nothing and says what to do, without a stack', async (_, config, why) => {
    const tick = await startFunction({
      module: join(ROOT, 'functions/main.ts'),
      cwd: deployed(config),
      env: {},
    });
    const { status, body } = await tick.tick();
    expect(status).toBe(500);
    expect(body.error).toContain(why);
    expect(tick.log.at(-1)).toMatchObject({ event: 'tick_failed', severity: 'ERROR' });
    expect(tick.log.at(-1)).not.toHaveProperty('stack_trace');
    await tick.stop();
  });

  test('called twice at once works once', async () => {
    const folder = deployed();
    for (let n = 0; n < 200; n++)
      publish(folder, { ...MESSAGE, ...FINISHED, job_name: `j-${n}`, job_uid: `u-${n}` });
    const options = { module: join(ROOT, 'functions/main.ts'), cwd: folder, env: {} };
    const [one, other] = await Promise.all([startFunction(options), startFunction(options)]);
    const answers = await Promise.all([one.tick('2026-08-01T02:15:00Z'), other.tick('2026-08-01T02:15:00Z')]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const judged = answers.map(({ body }) => (body.busy === true ? 0 : Number(body.runs)));
    expect(judged[0]! + judged[1]!).toBe(200);
    expect(rows(folder, 'SELECT count(*) AS n FROM job_history')).toEqual([{ n: 200 }]);
    await Promise.all([one.stop(), other.stop()]);
  });

  test('takes up no more work when 80 % of its time are over, and the next call goes on', async () => {
    const folder = deployed();
    for (let n = 0; n < 50; n++)
      publish(folder, { ...MESSAGE, ...FINISHED, job_name: `j-${n}`, job_uid: `u-${n}` });
    const options = { module: join(ROOT, 'functions/main.ts'), cwd: folder };
    const hurried = await startFunction({ ...options, env: { TIDEMARK_TIME_LIMIT: '0.001s' } });
    expect((await hurried.tick()).status).toBe(200);
    expect(rows(folder, 'SELECT count(*) AS n FROM job_history')).toEqual([{ n: 0 }]);
    await hurried.stop();
    const patient = await startFunction({ ...options, env: {} });
    expect((await patient.tick()).body).toMatchObject({ runs: 50 });
    await patient.stop();
  });
});
