// Story S3 of the studies: ten runs under one version of the runtime against ten under the next, with its own numbers.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { workspaces } from '../support/cli.ts';

const workspace = workspaces();
const at = workspace();
const A = [41, 39, 44, 40, 42, 43, 38, 41, 40, 42];
const B = [45, 47, 44, 46, 49, 45, 43, 46, 48, 47];

function runs(testName: string, sides: Readonly<Record<string, readonly number[]>>): string {
  const lines = Object.entries(sides).flatMap(([mesos, durations], side) =>
    durations.map((seconds, index) => {
      const started = Date.UTC(2026, 7, 1 + index, side);
      return JSON.stringify({
        test_name: testName,
        job_name: `${testName}-${mesos}-${index}`,
        outcome: 'success',
        started_at: new Date(started).toISOString(),
        finished_at: new Date(started + 1000 * seconds).toISOString(),
        mesos,
      });
    }),
  );
  return `${lines.join('\n')}\n`;
}

const compare = (test: string, ...more: string[]) =>
  at.run([
    'compare',
    test,
    '--by',
    'mesos',
    '--a',
    '1.4',
    '--b',
    '1.5',
    '--metric',
    'total_wall_time',
    ...more,
  ]);

beforeAll(async () => {
  const lines = [
    runs('filtered-run', { '1.4': A, '1.5': B }),
    runs('one-run', { '1.4': A, '1.5': [47] }),
    runs('same', { '1.4': A, '1.5': [...A].reverse() }),
    runs('partly', { '1.4': A, '1.5': B }).replaceAll(/(1\.5-[01]","outcome":)"success"/g, '$1"failure"'),
    runs('failing', { '1.4': [...A, ...A, ...A], '1.5': [...A, ...A, ...A] }).replaceAll(
      /(1\.5-\d","outcome":)"success"/g,
      '$1"failure"',
    ),
    runs('faster', { '1.4': B, '1.5': A }),
  ];
  const { status, stderr } = await at.run(['backfill', at.write('runs.jsonl', lines.join(''))]);
  expect({ status, stderr }).toMatchObject({ status: 0 });
});

describe('compare', () => {
  test('fails when the new side is slower, with the figures of the story', async () => {
    const answer = await compare('filtered-run', '--json');
    expect(answer.status).toBe(1);
    const json = JSON.parse(answer.stdout);
    expect(json).toMatchObject({ verdict: 'fail', subject: 'filtered-run', by: 'mesos', a: '1.4', b: '1.5' });
    const [finding] = json.findings;
    expect(finding).toMatchObject({
      metric: 'total_wall_time',
      reason: 'worse',
      a: { n: 10, estimate: 41 },
      b: { n: 10, estimate: 46 },
      difference: 5,
    });
    expect(finding.figures.welch_t).toBeCloseTo(6.1237, 4);
    expect(finding.figures.welch_df).toBeCloseTo(18, 9);
    expect(finding.figures).toMatchObject({ u: 98, a12: 0.98 });
  });

  test('gives the same bytes for the same data and seed', async () => {
    const [first, second] = await Promise.all([
      compare('filtered-run', '--json', '--statistic', 'p95', '--seed', '7'),
      compare('filtered-run', '--json', '--statistic', 'p95', '--seed', '7'),
    ]);
    expect(first.stdout).toBe(second.stdout);
    const other = await compare('filtered-run', '--json', '--statistic', 'p95', '--seed', '8');
    expect(other.stdout).not.toBe(first.stdout);
  });

  test('says what does not count', async () => {
    const answer = await compare('partly');
    expect(answer.stdout).toContain('2 runs of 1.5 did not end as success and do not count.');
    const json = JSON.parse((await compare('partly', '--json')).stdout);
    expect(json.notes).toEqual(['total_wall_time: 2 runs of 1.5 did not end as success and do not count.']);
    expect(json.findings[0].b.n).toBe(8);
  });

  test('fails where the new side fails more often, however good its other runs are', async () => {
    const answer = await compare('failing', '--json', '--min-effect', '10%');
    const { verdict, findings } = JSON.parse(answer.stdout);
    expect({ status: answer.status, verdict }).toEqual({ status: 1, verdict: 'fail' });
    expect(findings[1]).toMatchObject({ metric: 'outcome', reason: 'worse', a: { n: 30, estimate: 1 } });
  });

  test('never passes on one run: it is inconclusive and says how many would do', async () => {
    const answer = await compare('one-run');
    expect(answer.status).toBe(3);
    expect(answer.stdout).toContain('too little data, 10 and 1');
  });

  test('passes equal sides, and a side that got better', async () => {
    const same = await compare('same', '--min-effect', '10%');
    expect({ status: same.status, text: same.stdout }).toMatchObject({ status: 0 });
    expect(same.stdout).toContain('is the same');
    const faster = await compare('faster');
    expect(faster.status).toBe(0);
    expect(faster.stdout).toContain('got better: 46 to 41, -5 (-10.9 %)');
  });

  test('does not call it the same where a difference would not have shown', async () => {
    const answer = await compare('same', '--min-effect', '0.1%');
    expect(answer.status).toBe(3);
    expect(answer.stdout).toContain('nobody can tell yet');
  });

  test('a difference that does not matter is none', async () => {
    expect((await compare('filtered-run', '--min-effect', '20')).status).toBe(0);
  });

  test('answers as Markdown and as JUnit XML', async () => {
    const markdown = await compare('filtered-run', '--format', 'markdown');
    expect(markdown.stdout).toContain('| total\\_wall\\_time | 41 to 46, +5 (+12.2 %) |');
    const junit = await compare('filtered-run', '--format', 'junit');
    expect(junit.stdout).toContain('tests="1" failures="1" skipped="0"');
    expect(junit.status).toBe(1);
  });

  test.each([
    [['compare', 'filtered-run', '--by', 'mesos', '--a', '1.4', '--b', '1.6'], 'there is 1.4, 1.5'],
    [['compare', 'filtered-run', '--by', 'mesus', '--a', '1.4', '--b', '1.5'], 'its runs have mesos'],
    [['compare', 'filtered-run', '--by', 'mesos', '--a', '1.4', '--b', '1.4'], 'are both "1.4"'],
    [['compare', 'filtered-rum', '--by', 'mesos', '--a', '1.4', '--b', '1.5'], 'did you mean "filtered-run"'],
    [
      ['compare', 'filtered-run', '--by', 'mesos', '--a', '1.4', '--b', '1.5', '--metric', 'loss'],
      'has no metric "loss"',
    ],
    [
      ['compare', 'filtered-run', '--by', 'mesos', '--a', '1.4', '--b', '1.5', '--min-effect', 'much'],
      'wanted a share such as 5%',
    ],
    [['compare', 'filtered-run', '--by', 'mesos', '--a', '1.4', '--b', '1.5', '--statistic', 'p0'], 'p95'],
    [
      ['compare', 'filtered-run', '--by', 'mesos', '--a', '1.4', '--b', '1.5', '--alpha', '2'],
      'above 0 and below',
    ],
    [['compare', 'filtered-run', '--by', 'mesos', '--a', '1.4'], '--b'],
  ])('%j is refused', async (args, told) => {
    const answer = await at.run(args);
    expect(answer).toMatchObject({ status: 2, stdout: '' });
    expect(answer.stderr).toContain(told);
  });
});

describe('a comparison that was made', () => {
  const list = async () => JSON.parse((await at.run(['compare', '--list', '--json'])).stdout).comparisons;

  test('is kept by the next tick, once however often it was made, and shown as it was', async () => {
    const made = await compare('faster', '--json');
    const again = await compare('faster', '--json');
    expect(again.stdout).toBe(made.stdout);
    const id = /--show (\w+)/.exec(made.stderr)![1]!;
    expect(await at.run(['compare', '--show', id])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('tidemark compare --list'),
    });
    expect((await at.run(['tick'])).status).toBe(0);
    const of = (await list()).filter(({ subject }: { subject: string }) => subject === 'faster');
    expect(of).toMatchObject([
      { id: expect.stringMatching(new RegExp(`^${id}`)), a: '1.4', b: '1.5', verdict: 'pass' },
    ]);
    const shown = await at.run(['compare', '--show', id, '--json']);
    expect(shown.status).toBe(made.status);
    expect(JSON.parse(shown.stdout)).toStrictEqual(JSON.parse(made.stdout));
    const text = await at.run(['compare', '--show', id]);
    expect(text.stdout).toBe((await compare('faster', '--no-keep')).stdout);
  });

  test('says which data it was made from', async () => {
    const [finding] = JSON.parse((await compare('filtered-run', '--json', '--no-keep')).stdout).findings;
    expect(finding.sample).toMatchObject({
      kind: 'numbers',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(finding.sample.values).toStrictEqual({ a: A, b: B });
  });

  test('is not kept when nobody wants it, and nothing is said of it', async () => {
    const before = await list();
    expect(await compare('same', '--no-keep')).toMatchObject({ stderr: '' });
    await at.run(['tick']);
    expect(await list()).toStrictEqual(before);
  });
});

test('two versions of a test are compared by their label version, or by framework_version', async () => {
  const here = workspace();
  const lines = [...A.map((s) => ['2.15', s] as const), ...B.map((s) => ['2.16', s] as const)].map(
    ([version, seconds], index) => {
      const started = Date.UTC(2026, 7, 1 + index);
      return JSON.stringify({
        test_name: 'mnist',
        run_id: `r${index}`,
        outcome: 'success',
        started_at: new Date(started).toISOString(),
        finished_at: new Date(started + 1000 * seconds).toISOString(),
        ...(index % 2 === 0 ? { framework_version: version } : { labels: { version } }),
      });
    },
  );
  await here.run(['backfill', here.write('runs.jsonl', `${lines.join('\n')}\n`)]);
  const flags = ['--metric', 'total_wall_time', '--json'];
  const answer = await here.run([
    'compare',
    'mnist',
    '--baseline',
    '2.15',
    '--candidate',
    '2.16\n',
    ...flags,
  ]);
  expect(answer.status).toBe(1);
  expect(JSON.parse(answer.stdout)).toMatchObject({
    by: 'version',
    a: '2.15',
    b: '2.16',
    findings: [{ a: { n: 10 } }],
  });
  const refused = await here.run(['compare', 'mnist', '--baseline', '2.15', '--candidate', '2.15\n']);
  expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('are both "2.15"') });
});

describe('a version that tells less', () => {
  const lines = (what: (version: string, index: number) => object) =>
    ['a', 'b'].flatMap((version) =>
      Array.from({ length: 30 }, (_, index) => {
        const started = Date.UTC(2026, 7, 1 + index, version === 'a' ? 1 : 2);
        const times = {
          started_at: new Date(started).toISOString(),
          finished_at: new Date(started + 60_000).toISOString(),
        };
        const run = { run_id: `${version}${index}`, test_name: 't', labels: { version }, ...times };
        return JSON.stringify({ outcome: 'success', ...run, ...what(version, index) });
      }),
    );
  async function compared(what: (version: string, index: number) => object, files: (folder: string) => void) {
    const here = workspace();
    files(here.path('out'));
    here.config({ tests: { t: { sources: [{ json: { path: 'm.json', metrics: { loss: '/loss' } } }] } } });
    await here.run(['backfill', here.write('runs.jsonl', `${lines(what).join('\n')}\n`)]);
    const answer = await here.run([
      'compare',
      't',
      '--baseline',
      'a',
      '--candidate',
      'b',
      '--metric',
      'loss',
      '--json',
    ]);
    return { status: answer.status, ...JSON.parse(answer.stdout) };
  }
  const write = (folder: string) => {
    for (const [name, text] of [
      ['good', '{"loss": 1.5}'],
      ['nan', '{"loss": NaN}'],
    ] as const) {
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, name, 'm.json'), text);
    }
  };

  test('by numbers that are none is worse, however good the others are', async () => {
    const model = (version: string, index: number) => ({
      model_dir: `out/${version === 'b' && index % 2 === 1 ? 'nan' : 'good'}`,
    });
    const { status, findings } = await compared(model, write);
    expect(status).toBe(1);
    expect(findings.map(({ metric, verdict }: Record<string, string>) => `${metric} ${verdict}`)).toContain(
      'loss: a number fail',
    );
  });

  test('because its runs fail before they tell anything is worse, though only that metric was asked for', async () => {
    const model = (version: string, index: number) =>
      version === 'b' && index % 2 === 1
        ? { outcome: 'failure', model_dir: null }
        : { model_dir: 'out/good' };
    const { status, findings } = await compared(model, write);
    expect(status).toBe(1);
    expect(findings.map(({ metric, verdict }: Record<string, string>) => `${metric} ${verdict}`)).toContain(
      'outcome fail',
    );
  });
});
