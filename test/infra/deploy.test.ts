import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesUnder, ROOT, readText } from '../support/repository.ts';
import { entries, readTerraform } from './terraform.ts';

const page = readText('docs/deploy.md');
const files = await readTerraform('infra/terraform');

/** The cells of the rows below a heading, the head and its line left out. */
function table(heading: string): string[][] {
  const section = page.split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!;
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('what it costs', () => {
  const rows = table('What it costs');
  const priced = rows.slice(0, -1).map(([what, count, price, dollars]) => ({
    what: what!,
    count: Number(count),
    product: Number(count) * Number(price),
    dollars: Number(dollars),
  }));

  test('is what the counts and prices come to', () => {
    expect(priced.length).toBeGreaterThan(5);
    const wrong = priced.filter(({ product, dollars }) => !(Math.abs(product - dollars) <= 0.0051));
    expect(wrong).toEqual([]);
    const sum = priced.reduce((total, { dollars }) => total + dollars, 0);
    expect(Number(rows.at(-1)!.at(-1))).toBeCloseTo(sum, 6);
  });

  test('has the bytes of the benchmark, within a tenth', () => {
    const results = readText('test/bench/RESULTS.md');
    const billed = (tick: RegExp) => Number(tick.exec(results)![1]);
    const busy = billed(/\| 1,000 finished runs and 1,000 open +\| +(\d+) \|/);
    const idle = billed(/\| nothing new, 1,000 open +\| +(\d+) \|/);
    const tebibytes = ((busy + 95 * idle) * 30) / 2 ** 20;
    const { count } = priced.find(({ what }) => what.includes('TiB'))!;
    expect(Math.abs(count / tebibytes - 1)).toBeLessThan(0.1);
  });

  test('has the requests of the benchmark: lists, files read, and a lease a tick', () => {
    const results = readText('test/bench/RESULTS.md');
    const [runs, ticks] = [30 * 1000, 30 * 96];
    const aRun = Number(/\| Cloud Storage a finished run +\| +([\d.]+) \|/.exec(results)![1]);
    const countOf = (words: string) => priced.find(({ what }) => what.includes(words))!.count;
    expect(countOf('lists and writes of the lease')).toBe(runs + ticks);
    expect(countOf('Cloud Storage, reads')).toBe((aRun - 1) * runs);
    expect(page).toContain(`1,000 runs a day`);
  });

  test('counts the conditions of the alarms there are', () => {
    const policies = files.flatMap(({ things }) =>
      things.filter(({ type }) => type === 'google_monitoring_alert_policy'),
    );
    const tabled = entries(
      files
        .flatMap(({ blocks }) => (blocks.locals ?? []) as { alarms?: never }[])
        .find(({ alarms }) => alarms)!.alarms,
    );
    const { count } = priced.find(({ what }) => what.includes('conditions'))!;
    // One policy stands for all of the table.
    expect(count).toBe(policies.length - 1 + tabled.length);
  });
});

describe("the tutorial's steps", () => {
  const rows = table("The tutorial's steps, ours, and their tests");

  /** Words of the tutorial, one of each thing that it has the reader do or see. */
  const STEPS = [
    'gcloud builds submit',
    'functions deploy',
    'pubsub topics create',
    'scheduler jobs create',
    'schedule',
    'publisherImage',
    'cronJob',
    'three changes of the output',
    'metricCollectionConfig',
    'regressionTestConfig',
    'kubectl apply',
    'kubectl create job',
    'messageIds:',
    'Processed a message',
    '0.79',
    'ten epochs',
    'both SQL queries',
    'dashboard',
    'e-mail alerts',
  ];

  test.each(STEPS)('%s is there, with a test that exists', (step) => {
    const row = rows.find(([words]) => words!.includes(step));
    expect(row).toBeDefined();
    const [, here, tests] = row!;
    const named = [...tests!.matchAll(/`((?:test|infra)\/[^`]+)`/g)].map((match) => match[1]!);
    if (step === 'dashboard') expect([here, named]).toEqual(['a later version', []]);
    else expect(named).not.toEqual([]);
    const run = /\.test\.ts$|\.live\.ts$|\.tftest\.hcl$/;
    expect(named.filter((path) => !run.test(path) || !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test('name a step of this page each', () => {
    const steps = rows
      .map(([, here]) => /^step (\d)/.exec(here!)?.[1])
      .filter((number) => number !== undefined);
    expect(steps.length).toBeGreaterThan(10);
    for (const number of steps) expect(page).toMatch(new RegExp(`^## ${number}\\. `, 'm'));
    expect(page).toMatch(/^## Mail$/m);
  });
});

test('the page names every file that makes something', () => {
  const making = files.filter(({ things }) => things.some(({ kind }) => kind === 'resource'));
  const named = [...page.matchAll(/^\| \[(\w+\.tf)\]/gm)].map((match) => `infra/terraform/${match[1]}`);
  expect(named.sort()).toEqual(making.map(({ path }) => path).sort());
});

test('doctor finds as many tables as the page shows', () => {
  const tables = filesUnder('schemas/bigquery').filter((path) => readText(path).includes('"schema"'));
  expect(page).toContain(`has all ${tables.length} tables`);
});
