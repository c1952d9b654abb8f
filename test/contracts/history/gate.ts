import { expect } from 'vitest';
import type { JobRow } from '../../../shared/core/rows.ts';
import type { History, RunQuestion } from '../../../shared/ports/history.ts';
import { day, ended, job, judge, metric, open, recordOf, threads } from '../../support/history-rows.ts';
import type { HistoryTest } from './case.ts';

/** A judged run of day `n` that says this of itself. */
async function runOf(history: History, name: string, n: number, said: Partial<JobRow>): Promise<void> {
  const run = ended(name, n);
  await judge(history, run, [metric('m', n)], { job: job(run, said) });
}

const question = (fields: Partial<RunQuestion>): RunQuestion => ({
  fact: 'version',
  value: '2',
  limit: 9,
  metrics: null,
  ...fields,
});

async function named(history: History, fields: Partial<RunQuestion>): Promise<string[]> {
  const runs = await history.runsWith('t', question(fields));
  return runs.map(({ job: { runId } }) => runId);
}

export function gateContract(check: HistoryTest): void {
  check('runs of a version come newest first, and no more than asked for', async (history) => {
    const version = (value: string) => ({ labels: { version: value } });
    for (const n of [1, 4, 2]) await runOf(history, `r${n}`, n, version('2'));
    await runOf(history, 'other', 3, version('20'));
    await judge(history, ended('u', 5, { testName: 'u' }), [], {
      job: job(ended('u', 5, { testName: 'u' }), version('2')),
    });
    expect(await named(history, {})).toStrictEqual(['r4', 'r2', 'r1']);
    expect(await named(history, { limit: 2 })).toStrictEqual(['r4', 'r2']);
    expect(await named(history, { value: '3' })).toStrictEqual([]);
  });

  check('the version is the label, else that of the framework', async (history) => {
    await runOf(history, 'label', 1, { labels: { version: '2' }, frameworkVersion: '9' });
    await runOf(history, 'framework', 2, { frameworkVersion: '2' });
    await runOf(history, 'blank', 3, { labels: { version: ' \n' }, frameworkVersion: '2' });
    await runOf(history, 'none', 4, { labels: { model: '2' } });
    expect(await named(history, {})).toStrictEqual(['blank', 'framework', 'label']);
    expect(await named(history, { value: '9' })).toStrictEqual([]);
    expect(await named(history, { value: '' })).toStrictEqual([]);
  });

  check('white space around a value does not count, on neither side', async (history) => {
    await runOf(history, 'file', 1, { labels: { version: '2\r\n', env: ' prod\t' } });
    await runOf(history, 'plain', 2, { labels: { version: '2', env: 'prod' } });
    expect(await named(history, { value: '2\n' })).toStrictEqual(['plain', 'file']);
    expect(await named(history, { fact: 'env', value: 'prod' })).toStrictEqual(['plain', 'file']);
  });

  check(
    'runs are found by any label, and by what the run says of itself before a label of that name',
    async (history) => {
      const labels = { env: 'prod', accelerator: 'label', 'a.b [0] %': '%_*' };
      await runOf(history, 'a', 1, { labels, accelerator: 'cpu', testType: 'nightly' });
      await runOf(history, 'b', 2, { labels: { accelerator: 'cpu' }, accelerator: null });
      expect(await named(history, { fact: 'env', value: 'prod' })).toStrictEqual(['a']);
      expect(await named(history, { fact: 'a.b [0] %', value: '%_*' })).toStrictEqual(['a']);
      expect(await named(history, { fact: 'a.b [0] %', value: '%__' })).toStrictEqual([]);
      expect(await named(history, { fact: 'accelerator', value: 'cpu' })).toStrictEqual(['b', 'a']);
      expect(await named(history, { fact: 'accelerator', value: 'label' })).toStrictEqual([]);
      expect(await named(history, { fact: 'test_type', value: 'nightly' })).toStrictEqual(['a']);
      expect(await named(history, { fact: 'unknown', value: '' })).toStrictEqual([]);
    },
  );

  for (const value of [
    "2'; DROP TABLE job_history; --",
    '"2"',
    '../2',
    '$(rm -rf)',
    '2 OR 1=1',
    '版本 2 😀',
  ]) {
    check(`the version ${value} is compared and nothing else`, async (history) => {
      await runOf(history, 'a', 1, { labels: { version: value } });
      await runOf(history, 'b', 2, { labels: { version: '2' } });
      expect(await named(history, { value })).toStrictEqual(['a']);
      expect(await named(history, { value: '2' })).toStrictEqual(['b']);
    });
  }

  check('a run brings the metrics that were asked for, by name', async (history) => {
    const run = ended('a', 1);
    const rows = [metric('b', 1), metric('a', 2), metric('free', 3, { verdict: null })];
    await judge(history, run, rows, { job: job(run, { labels: { version: '2' } }) });
    const asked = async (metrics: readonly string[] | null) => {
      const [found] = await history.runsWith('t', question({ metrics }));
      expect(found!.job).toStrictEqual(job(run, { labels: { version: '2' } }));
      return found!.metrics;
    };
    expect(await asked(null)).toStrictEqual([rows[1], rows[0]]);
    expect(await asked(['free', 'b', 'unknown'])).toStrictEqual([rows[0], rows[2]]);
    expect(await asked([])).toStrictEqual([]);
  });

  check('a run that was never judged is named until it is', async (history) => {
    const [waiting, running] = [ended('a', 1), open('b', 2)];
    await history.settle(threads(waiting, running, open('u', 3, { testName: 'u' })));
    expect(await history.unjudgedRuns('t', 9)).toStrictEqual([running, waiting]);
    expect(await history.unjudgedRuns('t', 1)).toStrictEqual([running]);
    await history.record(recordOf(waiting));
    expect(await history.unjudgedRuns('t', 9)).toStrictEqual([running]);
  });

  check('a judged run that waits to be judged again keeps its rows and its place', async (history) => {
    await runOf(history, 'a', 1, { labels: { version: '2' } });
    await history.settle(threads(ended('a', 1)));
    expect(await history.unjudgedRuns('t', 9)).toStrictEqual([]);
    expect(await named(history, {})).toStrictEqual(['a']);
  });

  check('a run that moved to another time is unjudged again, and its old rows are gone', async (history) => {
    await runOf(history, 'a', 1, { labels: { version: '2' } });
    const moved = ended('a', 1, { ended: { outcome: 'success', finishedAt: day(2) } });
    await history.settle(threads(moved));
    expect(await history.unjudgedRuns('t', 9)).toStrictEqual([moved]);
    expect(await named(history, {})).toStrictEqual([]);
  });
}
