import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { workspaces } from '../support/cli.ts';
import { loadStarts, loadTest } from '../support/load-tests.ts';

const make = workspaces();
const POLICY = 'p95<=250ms,p95<=1.2x,failed<=0.01';
const NOW = ['--now', '2026-08-20T00:00:00Z'];

/** Story S5 of the reference: version 1 is in production, 2 is as good, 3 is bad. */
async function staged() {
  const workspace = make();
  loadTest(workspace, { version: '1', day: 1, p95: 180, labels: { alias: 'production' } });
  loadTest(workspace, { version: '2', day: 2, p95: 190 });
  loadTest(workspace, { version: '3', day: 3, p95: 900, failed: 0.04 });
  await workspace.run(['tick', ...NOW]);
  return workspace;
}

type Staged = Awaited<ReturnType<typeof staged>>;
const ask = (workspace: Staged, version: string, ...more: readonly string[]) =>
  workspace.run(['verdict', 'load', '--version', version, ...more]);

interface Body {
  readonly id: string;
  readonly verdict: string;
  readonly reasons: readonly { readonly metric: string | null; readonly reason: string }[];
}

async function body(workspace: Staged, version: string, ...more: readonly string[]): Promise<Body> {
  return JSON.parse((await ask(workspace, version, '--json', ...more)).stdout) as Body;
}

describe('a version', () => {
  test('passes by a policy and its baseline, or fails with a reason for each metric', async () => {
    const workspace = await staged();
    const beside = ['--baseline', '1', '--policy', POLICY];
    expect((await ask(workspace, '2', ...beside)).status).toBe(0);
    const bad = await ask(workspace, '3', ...beside);
    expect(bad.status).toBe(1);
    expect(bad.stdout).toContain('load 3: fail');
    const { reasons } = await body(workspace, '3', ...beside);
    expect(reasons.map(({ metric, reason }) => [metric, reason])).toStrictEqual([
      ['http_req_duration/p95', 'above'],
      ['http_req_failed/rate', 'above'],
    ]);
  });

  test('is held against a label as against a version', async () => {
    const workspace = await staged();
    const byVersion = await ask(workspace, '2', '--baseline', '1', '--policy', 'p95<=1.2x', '--json');
    for (const baseline of [
      ['--baseline', 'alias=production'],
      ['--baseline-label', 'alias=production'],
    ]) {
      const answer = await ask(workspace, '2', ...baseline, '--policy', 'p95<=1.2x', '--json');
      expect(answer.status).toBe(0);
      const [one, other] = [answer, byVersion].map(({ stdout }) => JSON.parse(stdout));
      expect(one.checks).toStrictEqual(other.checks);
    }
  });

  test('whose load step still runs is pending, and exits 4 when the wait is over', async () => {
    const workspace = await staged();
    loadStarts(workspace, { version: '4', day: 19 });
    await workspace.run(['tick', ...NOW]);
    const answer = await ask(workspace, '4', '--policy', POLICY, '--baseline', '1', '--wait', '10ms');
    expect(answer.status).toBe(4);
    expect(answer.stdout).toContain('has not ended');
  });

  test('is waited for until it is judged', async () => {
    const workspace = await staged();
    loadTest(workspace, { version: '4', day: 4, p95: 200 });
    const waiting = ask(workspace, '4', '--policy', 'p95<=250ms', '--wait', '1m');
    await workspace.run(['tick', ...NOW]);
    expect((await waiting).status).toBe(0);
  });

  test.each([
    ['failure', 1],
    ['cancelled', 3],
    ['preempted', 3],
  ])('whose run ended as %s exits %d', async (outcome, status) => {
    const workspace = await staged();
    loadTest(workspace, { version: '4', day: 4, p95: 1, outcome });
    await workspace.run(['tick', ...NOW]);
    const answer = await ask(workspace, '4', '--policy', 'p95<=250ms');
    expect(answer.status).toBe(status);
    expect(answer.stdout).toContain(`ended as ${outcome}`);
  });

  test('on other data than its baseline is inconclusive', async () => {
    const workspace = await staged();
    for (const [day, dataset] of [
      [4, '5aa26ba4'],
      [5, '7cc1f0de'],
    ] as const) {
      loadTest(workspace, { version: String(day), day, p95: 100, labels: { dataset } });
    }
    await workspace.run(['tick', ...NOW]);
    const answer = await ask(workspace, '5', '--baseline', '4', '--policy', 'p95<=250ms');
    expect(answer.status).toBe(3);
    expect(answer.stdout).toContain('no run on the same dataset');
    const wish = async (word: string) =>
      (await ask(workspace, '5', '--baseline', '4', '--policy', 'p95<=250ms', '--on-inconclusive', word))
        .status;
    expect([await wish('pass'), await wish('fail')]).toStrictEqual([0, 1]);
  });

  test('read from a file that ends in a line break is the same', async () => {
    const workspace = await staged();
    const beside = ['--baseline', '1', '--policy', POLICY];
    expect(await body(workspace, '2\n', ...beside)).toStrictEqual(await body(workspace, '2', ...beside));
  });

  test.each([
    'b; drop table x',
    "' OR 1=1 --",
    '$(touch /tmp/x)',
    '../../etc/passwd',
    '%',
    '\u001b[2J',
    'x'.repeat(1000),
  ])('may be any text: %j is compared and nothing else', async (version) => {
    const workspace = await staged();
    loadTest(workspace, { version, day: 4, p95: 100 });
    await workspace.run(['tick', ...NOW]);
    const answer = await ask(workspace, version, '--policy', 'p95<=250ms');
    expect(answer.status).toBe(0);
    expect(answer.stdout).not.toContain('\u001b');
    expect((await ask(workspace, `${version}.`, '--policy', 'p95<=250ms')).status).toBe(4);
  });
});

describe('a verdict', () => {
  test('is kept once however often it is asked for, and judged again it is the same', async () => {
    const workspace = await staged();
    const beside = ['--baseline', '1', '--policy', POLICY];
    const first = await body(workspace, '3', ...beside);
    expect(await body(workspace, '3', ...beside)).toStrictEqual(first);
    await workspace.run(['tick', ...NOW]);
    expect(await body(workspace, '3', ...beside)).toStrictEqual(first);
    expect(workspace.list('state/spool/incoming')).toStrictEqual([]);
    expect(await workspace.query("select id from run_events where kind = 'verdict'")).toStrictEqual([
      { id: first.id },
    ]);
    const explained = await workspace.run(['verdict', 'load', '--explain', first.id.slice(0, 10)]);
    expect(explained.status).toBe(0);
    expect(explained.stdout).toContain('load 3: fail');
    expect(explained.stdout).toContain('Judged again from the same runs it is the same.');
  });

  test('that is pending, or is not to be kept, is not', async () => {
    const workspace = await staged();
    await ask(workspace, '9', '--policy', POLICY, '--baseline', '1');
    await ask(workspace, '3', '--policy', 'p95<=1', '--no-keep');
    expect(workspace.list('state/spool/incoming')).toStrictEqual([]);
  });

  test('is one though the queue takes nothing: that is told and waits for flush', async () => {
    const workspace = await staged();
    const queue = `spool:${workspace.write('no-folder', '')}/spool`;
    const answer = await ask(workspace, '3', '--policy', 'p95<=1', '--queue', queue);
    expect(answer.status).toBe(1);
    expect(answer.stderr).toContain('tidemark flush');
    await workspace.run(['flush']);
    await workspace.run(['tick', ...NOW]);
    expect(await workspace.query("select id from run_events where kind = 'verdict'")).toHaveLength(1);
  });

  test('of long ago whose runs have changed says so', async () => {
    const workspace = await staged();
    const { id } = await body(workspace, '2', '--policy', 'p95<=250ms');
    await workspace.run(['tick', ...NOW]);
    workspace.message({
      specversion: '1.0',
      type: 'io.tidemark.metrics.reported.v1',
      source: '//load',
      id: 'r2/1/metrics/1',
      subject: 'load',
      data: { run_id: 'r2', test_name: 'load', metrics: [{ name: 'http_req_duration/p95', value: 999 }] },
    });
    await workspace.run(['tick', ...NOW]);
    const { stdout } = await workspace.run(['verdict', 'load', '--explain', id]);
    expect(stdout).toContain('load 2: pass');
    expect(stdout).toContain('it is fail now');
  });
});

describe('for a pipeline', () => {
  test('a soft verdict exits 0 and leaves its word in a file', async () => {
    const workspace = await staged();
    const out = workspace.path('word');
    for (const [version, word] of [
      ['2', 'pass'],
      ['3', 'fail'],
    ] as const) {
      const answer = await ask(workspace, version, '--policy', 'p95<=250ms', '--soft', '--out', out);
      expect([answer.status, readFileSync(out, 'utf8')]).toStrictEqual([0, `${word}\n`]);
    }
    const pending = await ask(workspace, '9', '--policy', 'p95<=250ms', '--soft', '--out', out);
    expect([pending.status, readFileSync(out, 'utf8')]).toStrictEqual([4, 'pending\n']);
  });

  test('GitHub gets a summary, outputs and annotations that no name can forge', async () => {
    const workspace = await staged();
    const version = '9\n::set-output name=x::y%0A|<b>';
    loadTest(workspace, { version, day: 4, p95: 900 });
    await workspace.run(['tick', ...NOW]);
    const env = {
      GITHUB_STEP_SUMMARY: workspace.path('summary.md'),
      GITHUB_OUTPUT: workspace.path('output'),
    };
    const answer = await workspace.run(
      ['verdict', 'load', '--version', version, '--policy', 'p95<=250ms', '--format', 'github'],
      { env },
    );
    expect(answer.status).toBe(1);
    expect(
      answer.stdout.split('\n').filter((line) => line !== '' && !line.startsWith('::error ')),
    ).toStrictEqual([]);
    expect(answer.stdout).toContain('y%250A');
    expect(readFileSync(env.GITHUB_OUTPUT, 'utf8')).toMatch(/^verdict=fail\nverdict-id=[0-9a-f]{64}\n$/);
    const summary = readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8');
    expect(summary).toContain('| http\\_req\\_duration/p95 | 900 |  | 250 |');
    expect(summary).not.toContain('<b>');
  });

  test('JUnit gets a test case a check', async () => {
    const workspace = await staged();
    const { stdout } = await ask(workspace, '3', '--policy', 'p95<=250ms,failed<=1', '--format', 'junit');
    expect(stdout).toContain('tests="2" failures="1" skipped="0"');
    expect(stdout).toContain('name="http_req_failed/rate"/>');
  });
});

describe('a mistake', () => {
  test.each([
    [['--policy', 'p95<250parsec'], 'at character 5'],
    [['--policy', 'p95<=1.2x'], 'none is named'],
    [['--policy', 'http_req_durations/p95<=1'], 'did you mean "http_req_duration/p95"'],
    [['--baseline', '1', '--baseline-label', 'a=b'], 'not both'],
    [['--baseline-label', 'x'], 'key=value'],
    [['--runs', '0'], 'whole number from 1'],
    [['--wait', 'x'], 'duration'],
    [['--run', 'r1'], 'together with --run'],
    [['--format', 'xml'], 'xml'],
  ])('in %j exits 2 and says what to write', async (flags, words) => {
    const answer = await ask(await staged(), '3', ...flags);
    expect([answer.status, answer.stderr]).toStrictEqual([2, expect.stringContaining(words)]);
    expect(answer.stdout).toBe('');
  });

  test('in the name of the test, or without a version, exits 2', async () => {
    const workspace = await staged();
    const unknown = await workspace.run(['verdict', 'lood', '--version', '1']);
    expect([unknown.status, unknown.stderr]).toStrictEqual([
      2,
      expect.stringContaining('did you mean "load"'),
    ]);
    const without = await workspace.run(['verdict', 'load', '--policy', 'p95<=1']);
    expect([without.status, without.stderr]).toStrictEqual([
      2,
      expect.stringContaining('--policy goes only with'),
    ]);
    const empty = await workspace.run(['verdict', 'load', '--version', ' \n']);
    expect(empty.status).toBe(2);
    const nothing = await workspace.run(['verdict', 'load', '--explain', '0123456789abcdef']);
    expect([nothing.status, nothing.stderr]).toStrictEqual([
      2,
      expect.stringContaining('There is no verdict'),
    ]);
  });
});

test('--version alone is still that of Tidemark, and verdict without it still of the newest run', async () => {
  const workspace = await staged();
  expect((await workspace.spawn(['--version'])).stdout.trim()).toBe(packageJson.version);
  const newest = await workspace.run(['verdict', 'load']);
  expect(newest.stdout).toContain('load r3');
});
