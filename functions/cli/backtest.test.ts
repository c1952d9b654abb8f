import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { noisy } from '../../test/support/seeded.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { type BacktestFlags, backtestCommand } from './backtest.ts';

let folder = '';
beforeEach(() => {
  folder = temporaryFolder();
});

const time = (day: number) => new Date(Date.UTC(2026, 0, 1 + day)).toISOString();
const pointsOf = (values: readonly unknown[]) => values.map((value, day) => ({ time: time(day), value }));

async function run(series: readonly object[], flags: BacktestFlags = { json: true }) {
  const input = join(folder, 'series.jsonl');
  writeFileSync(input, series.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    env: {},
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    width: 100,
    color: false,
    interactive: false,
    hostname: 'here',
  };
  const code = await backtestCommand({ input, ...flags }, terminal);
  return { code, out: out.join(''), err: err.join('') };
}

const changed = noisy(100, { change: (index) => (index >= 60 ? 5 : 0) });

describe('backtest --input --json', () => {
  test('prints one line a series, as the contract has it', async () => {
    const { code, out } = await run([
      { series: 'a', higher_is_better: false, points: pointsOf(changed) },
      { series: 'b', higher_is_better: null, points: pointsOf(['NaN', null, 1]) },
    ]);
    expect(code).toBe(0);
    const [a, b] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(Object.keys(a)).toEqual(['series', 'verdicts', 'alerts', 'change_points']);
    expect(a.alerts).toEqual([{ index: 62, direction: 'worse', kind: 'shift' }]);
    expect([a.verdicts.length, a.change_points]).toEqual([100, [60]]);
    expect(b).toEqual({
      series: 'b',
      verdicts: ['fail', 'inconclusive', 'inconclusive'],
      alerts: [{ index: 0, direction: 'worse', kind: 'nonfinite' }],
      change_points: [],
    });
  });

  test('judges in the order of times and counts as in the file', async () => {
    const points = pointsOf(changed);
    const shuffled = [...points].reverse();
    const { out } = await run([{ series: 'a', higher_is_better: false, points: shuffled }]);
    const answer = JSON.parse(out);
    expect(answer.alerts).toEqual([{ index: 99 - 62, direction: 'worse', kind: 'shift' }]);
    expect(answer.change_points).toEqual([99 - 60]);
    expect(answer.verdicts.slice(-8)).toEqual(new Array(8).fill('inconclusive'));
  });

  test('takes equal times, and none, in the order of the file', async () => {
    const same = changed.map((value) => ({ time: time(0), value }));
    const none = changed.map((value) => ({ value }));
    for (const points of [same, none]) {
      const { out } = await run([{ series: 'a', higher_is_better: false, points }]);
      expect(JSON.parse(out).alerts).toEqual([{ index: 62, direction: 'worse', kind: 'shift' }]);
    }
  });

  test('says which rule a line is of where there are several, and figures where they are asked for', async () => {
    const series = [{ series: 'a', higher_is_better: false, points: pointsOf(changed) }];
    const { out } = await run(series, { json: true, power: true, rule: ['auto', 'stddevs=5'] });
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ rule }) => rule)).toEqual(['auto', 'stddevs=5']);
    expect(lines[0].figures).toMatchObject({ alerts: 1, runs: 100, power: expect.any(Array) });
    expect(lines[0].suggestion.rule).toBe('auto');
  });
});

test('backtest in words: plot, table, alerts, change points and a suggestion; and a page', async () => {
  const page = join(folder, 'page.html');
  const series = [
    { series: '<b>a</b>', higher_is_better: true, points: pointsOf(changed.map((value) => -value)) },
  ];
  const { out, err } = await run(series, { html: page });
  expect(out).toContain('100 runs, higher is better');
  expect(out).toMatch(/^ +▲ auto$/m);
  expect(out).toContain('run 62 (2026-03-04): worse, shift at -105.61, since run 60');
  expect(out).toMatch(/level changed at run 60/);
  expect(out).toMatch(/^Suggestion: auto; it tells \d+ % of injected 3 sd steps/m);
  expect(err).toContain('page.html');
  const html = readFileSync(page, 'utf8');
  expect(html).toContain('<h2>&lt;b&gt;a&lt;/b&gt;</h2>');
  expect(html.match(/<circle /g)).toHaveLength(100);
});

describe('backtest refuses', () => {
  const good = { series: 'a', higher_is_better: true, points: [] };
  test.each<[string, object, RegExp]>([
    ['a series without a name', { ...good, series: 1 }, /series\.jsonl:1: series: wanted a text, got 1/],
    [
      'a direction that is none',
      { ...good, higher_is_better: 'yes' },
      /:1: higher_is_better: wanted true, false or null/,
    ],
    ['points that are no list', { ...good, points: 3 }, /:1: points: wanted a list/],
    [
      'a value that is no number',
      { ...good, points: [{ value: 'x' }] },
      /:1: points\.0: value: wanted a number/,
    ],
    [
      'a time that is none',
      { ...good, points: [{ time: 'noon', value: 1 }] },
      /points\.0: time: wanted an ISO 8601 time/,
    ],
    ['a point that is a number', { ...good, points: [3] }, /points\.0: wanted an object/],
  ])('%s', async (_, series, sentence) => {
    await expect(run([series])).rejects.toThrow(sentence);
  });

  test.each<[string, BacktestFlags, RegExp]>([
    ['both a test and a file', { test: 'a' }, /exactly one of --test TEST and --input FILE/],
    ['an unknown rule', { rule: ['magic'] }, /Cannot read --rule "magic": no rule is called/],
    ['a file that is not there', { input: '/nowhere/x.jsonl' }, /Cannot read "\/nowhere\/x\.jsonl"/],
    ['a page that cannot be written', { html: '/nowhere/x.html' }, /Cannot write "\/nowhere\/x\.html"/],
  ])('%s', async (_, flags, sentence) => {
    await expect(run([good], flags)).rejects.toThrow(sentence);
  });

  test('a line that is no JSON, and a file without lines', async () => {
    await expect(run([])).rejects.toThrow(/holds no series/);
    writeFileSync(join(folder, 'bad.jsonl'), '{"series":');
    await expect(run([good], { input: join(folder, 'bad.jsonl') })).rejects.toThrow(/bad\.jsonl:1: /);
  });
});
