// Where event files should be and are not: the run is recorded all the same, and the reason names the folder.
import { symlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { finished, workspaces } from '../support/cli.ts';

const workspace = workspaces();
const NOW = ['--now', '2026-09-01T00:00:00Z'];
const condition = { comparison: 'greater', success_threshold: { fixed_value: 0.5 } };
const config = {
  metric_collection_config: { default_aggregation_strategies: ['final'] },
  regression_test_config: { metric_success_conditions: { acc_final: condition } },
};

const at = workspace();
at.write('empty/.keep', '');
at.write('notes/readme.txt', 'no event files here');
at.write('plain.txt', 'a file, not a folder');
at.model('outside/run', { acc: [0.9] });
at.model('roots/run', { acc: [0.9] });
symlinkSync(at.path('outside'), at.path('roots', 'link'));

/** The tick's report of one run with this model_dir. */
async function judge(modelDir: string | null, roots?: readonly string[]) {
  const own = workspace();
  if (roots !== undefined) own.config({ model_roots: roots });
  own.message(finished('r1', { model_dir: modelDir, started_at: '2026-08-01T00:00:00Z', config }));
  const tick = await own.run(['tick', '--json', ...NOW]);
  expect(tick.status).toBe(0);
  const [run] = JSON.parse(tick.stdout).runs as { verdict: string; conditions: Record<string, unknown>[] }[];
  const acc = run?.conditions.find(({ metric }) => metric === 'acc_final');
  const metrics = await own.query(
    "select metric_value from metric_history where metric_name = 'total_wall_time'",
  );
  return { verdict: run?.verdict, reason: acc?.reason, metrics, stderr: tick.stderr };
}

describe('a folder that gives nothing', () => {
  test.each([
    ['missing', at.path('nothing'), at.path('nothing')],
    ['empty', at.path('empty'), at.path('empty')],
    ['without event files', at.path('notes'), at.path('notes')],
    ['a file that is no event file', at.path('plain.txt'), at.path('plain.txt')],
    ['in a bucket', 'gs://bucket/runs/7', 'gs://bucket/runs/7'],
    ['of another scheme', 'https://example.com/runs', 'https://example.com/runs'],
    ['with a NUL', '/tmp/a\u0000b', 'NUL'],
    ['relative, and not there', 'no/such/folder', 'no/such/folder'],
    ['not named at all', null, 'model_dir'],
  ])('%s', async (_, modelDir, named) => {
    const { verdict, reason, metrics, stderr } = await judge(modelDir);
    expect(verdict).toBe('fail');
    expect(reason).toMatch(/^missing: /);
    expect(reason).toContain(named);
    // A run that names no folder has none: worth a reason, not a warning at every tick.
    if (modelDir !== null) expect(stderr).toContain(named);
    expect(metrics).toEqual([{ metric_value: 3600 }]);
  });
});

describe('model_roots', () => {
  test('what lies inside is read', async () => {
    for (const root of [at.path('roots'), `file://${at.path('roots')}`])
      expect(await judge(at.path('roots/run'), [root])).toMatchObject({ verdict: 'pass' });
  });

  test.each([
    ['beside it', at.path('outside/run')],
    ['upwards', at.path('roots/../outside/run')],
    ['through a link', at.path('roots/link/run')],
    ['as a URL', `file://${at.path('outside/run')}`],
  ])('what lies outside is not: %s', async (_, modelDir) => {
    const { verdict, reason } = await judge(modelDir, [at.path('roots')]);
    expect(verdict).toBe('fail');
    expect(reason).toContain('outside of what may be read');
    expect(reason).toContain(modelDir);
  });
});

test('a file:// URL is a folder like another', async () => {
  expect(await judge(`file://${at.path('roots/run')}`)).toMatchObject({ verdict: 'pass' });
});

test.each([
  ['what publish calls relative is meant from where publish runs', () => ['out', undefined]],
  ['MODEL_DIR too', () => [undefined, 'out']],
  ['a file:// URL is no relative folder', (folder: string) => [`file://${folder}/out`, undefined]],
])('%s', async (_, given) => {
  const own = workspace();
  own.model('out', { acc: [0.9] });
  const [flag, MODEL_DIR] = given(own.folder);
  const place = flag === undefined ? [] : ['--model-dir', flag];
  const flags = ['--test-name', 'mnist', '--run-id', 'r1', '--outcome', 'success', ...place];
  expect(await own.spawn(['publish', ...flags], { env: { MODEL_DIR } })).toMatchObject({ status: 0 });
  await own.run(['tick']);
  const rows = await own.query("select metric_value from metric_history where metric_name = 'acc_final'");
  expect(rows).toEqual([{ metric_value: 0.9 }]);
});
