import { describe, expect, test } from 'vitest';
import { episode } from '../../test/support/episode-rows.ts';
import { day } from '../../test/support/history-rows.ts';
import type { Assessed } from '../core/assess.ts';
import type { Episode } from '../core/episodes/episode.ts';
import type { Judgement } from '../core/judge.ts';
import { metricOf } from '../core/metric.ts';
import type { JobRow } from '../core/rows.ts';
import type { EarlierRuns } from '../ports/history.ts';
import { evidenceOfRun } from './evidence.ts';

const JOB = { testName: 't', runId: 'r', uuid: 'uuid-r', finishedAt: day(9), outcome: 'success' } as JobRow;
const NOTHING_EARLIER = { recentPoints: async () => [] } as unknown as EarlierRuns;

/** A metric of the run that passed by the bounds of its own row. */
function fine(name: string, value: number, upper: number): Assessed {
  const judgement: Judgement = { verdict: 'pass', lower: null, upper, reason: '', baselineN: 30 };
  const about = { condition: null, requiredMissing: false, baseline: null };
  return { metric: metricOf(name, value), judgement, ...about };
}

/** What a mail about the metric `loss` says of the others, next to these episodes. */
async function siblings(metrics: readonly Assessed[], newest: readonly Episode[]) {
  const about = episode('e', { signal: 'metric:loss' });
  const told = { job: JOB, metrics, modelDir: null, message: null, newest };
  return (await evidenceOfRun(about, told, NOTHING_EARLIER)).siblings;
}

const FROZEN = { lower: null, upper: 60, clearLower: null, clearUpper: 58, baselineN: 30, centre: 56 };
const open = (fields: Partial<Episode> = {}) =>
  episode('o', { signal: 'metric:rmse', frozen: FROZEN, ...fields });

describe('another metric whose own incident is open', () => {
  test('is held against the bounds that this froze, not against those of its row, which have followed it', async () => {
    expect(await siblings([fine('rmse', 65, 70)], [open()])).toEqual([
      { metric: 'rmse', value: 65, lower: null, upper: 60, verdict: 'fail', isOpen: true },
    ]);
  });

  test('is still open when it is back inside them', async () => {
    expect(await siblings([fine('rmse', 59, 70)], [open({ state: 'recovering' })])).toEqual([
      { metric: 'rmse', value: 59, lower: null, upper: 60, verdict: 'pass', isOpen: true },
    ]);
  });

  test('keeps its own bounds where none were frozen', async () => {
    expect(await siblings([fine('rmse', 65, 70)], [open({ frozen: null })])).toEqual([
      { metric: 'rmse', value: 65, lower: null, upper: 70, verdict: 'pass', isOpen: true },
    ]);
  });

  test('keeps its verdict where the number is missing', async () => {
    const [nan] = await siblings([fine('rmse', Number.NaN, 70)], [open()]);
    expect(nan).toMatchObject({ value: null, verdict: 'pass', isOpen: true });
  });
});

test.each([
  ['a suspicion', { state: 'suspect' }],
  ['an incident that is over', { state: 'closed' }],
  ['an improvement', { polarity: 'good' }],
  ['an incident of another metric', { signal: 'metric:other' }],
] as const)('%s changes nothing of what its row says', async (_, fields) => {
  expect(await siblings([fine('rmse', 65, 70)], [open(fields)])).toEqual([
    { metric: 'rmse', value: 65, lower: null, upper: 70, verdict: 'pass' },
  ]);
});
