import { expect, test } from 'vitest';
import { day, job, load, question, run } from '../../../test/support/gate-question.ts';
import { decideGate } from './decide.ts';

const verdictOf = (...args: Parameters<typeof question>) => {
  const decided = decideGate(question(...args));
  if (!decided.ok) throw new Error(decided.problem);
  return decided.answer;
};

const said = (...args: Parameters<typeof question>) => {
  const { verdict, checks } = verdictOf(...args);
  return [
    verdict,
    ...checks.map(({ metric, rule, verdict: one, reason }) => [metric, rule, one, reason].join(' | ')),
  ];
};

const POLICY = 'p95<=250ms,p95<=1.2x,failed<=0.01';
// The numbers of story S5 in ml-jobs.md §8: v1 in production has p95 180 ms, the bad v3 900 ms and 4 % failures.
const V1 = load('v1', 1, { p95: 180, failed: 0 });

test('a version within its limits and near the baseline passes', () => {
  const answer = verdictOf({
    policy: POLICY,
    judged: [load('v2', 2, { p95: 190, failed: 0 })],
    baseline: [V1],
  });
  expect(answer).toMatchObject({ verdict: 'pass', outcome: 'success' });
  expect(answer.checks).toMatchObject([
    { metric: 'http_req_duration/p95', value: 190, lower: null, upper: 216, n: 1, baselineN: 1 },
    { metric: 'http_req_failed/rate', value: 0, upper: 0.01, n: 1, baselineN: 0 },
  ]);
});

test('a bad version fails with a reason for each of its two metrics', () => {
  const bad = load('v3', 3, { p95: 900, failed: 0.04 });
  expect(said({ policy: POLICY, judged: [bad], baseline: [V1] })).toStrictEqual([
    'fail',
    'http_req_duration/p95 | p95<=250ms,p95<=1.2x | fail | above',
    'http_req_failed/rate | failed<=0.01 | fail | above',
  ]);
});

test.each([
  ['a version that never ran is pending', [], [], 'runs | pending | no_run'],
  [
    'a version that runs is pending',
    [],
    [{ uuid: 'w', runId: 'w', begunAt: day(1) }],
    'runs | pending | running',
  ],
  [
    'a newer run that is not judged yet makes a good version pending',
    [load('v2', 2, { p95: 1 })],
    [{ uuid: 'w', runId: 'w', begunAt: day(3) }],
    'runs | pending | running',
  ],
])('%s', (_, judged, waiting, why) => {
  const [verdict, check] = said({ policy: 'p95<=250', judged, waiting });
  expect(verdict).toBe('pending');
  expect(check).toContain(why);
});

test('an old run that never ended holds up no newer one', () => {
  const waiting = [{ uuid: 'w', runId: 'w', begunAt: day(0) }];
  expect(verdictOf({ policy: 'p95<=250', judged: [load('v2', 2, { p95: 1 })], waiting }).verdict).toBe(
    'pass',
  );
});

test.each([
  ['failure', 'fail'],
  ['timeout', 'fail'],
  ['oom', 'fail'],
  ['lost', 'fail'],
  ['missed', 'fail'],
  ['cancelled', 'inconclusive'],
  ['preempted', 'inconclusive'],
] as const)('a candidate whose outcome is %s: %s', (outcome, verdict) => {
  const judged = [load('v2', 2, { p95: 1 }, { outcome, verdict: 'inconclusive' })];
  expect(said({ policy: 'p95<=250', judged })).toStrictEqual([
    verdict,
    ` | outcome | ${verdict} | outcome: ${outcome}`,
  ]);
  expect(verdictOf({ judged }).verdict).toBe(verdict);
});

test('without a policy the verdict of the newest run counts, with its conditions', () => {
  const old = run(job('old', 1, { verdict: 'fail' }), []);
  const newest = run(job('new', 2, { verdict: 'pass' }), [
    { metricName: 'loss', value: 1, upper: 2, verdict: 'pass' },
  ]);
  expect(said({ judged: [old, newest] })).toStrictEqual(['pass', 'loss | condition | pass | ']);
  expect(verdictOf({ judged: [old, newest], runs: 2 }).verdict).toBe('fail');
});

test('a verdict that no condition gave is said of the run', () => {
  const odd = run(job('a', 1, { verdict: 'inconclusive' }), []);
  expect(said({ judged: [odd] })).toStrictEqual(['inconclusive', ' | run | inconclusive | ']);
});

test('as many runs as asked for have to be there, and count by their median', () => {
  const judged = [1, 2, 3].map((n) => load(`r${n}`, n, { p95: n === 3 ? 900 : 100 + n }));
  expect(verdictOf({ policy: 'p95<=250', judged, runs: 3 })).toMatchObject({
    verdict: 'pass',
    checks: [{ value: 102, n: 3 }],
  });
  expect(said({ policy: 'p95<=250', judged, runs: 4 })).toStrictEqual([
    'pending',
    ' | runs | pending | runs',
  ]);
  expect(verdictOf({ policy: 'p95<=250', judged }).verdict).toBe('fail');
});

test('a value that is missing or no number fails, whatever the bound', () => {
  const without = run(job('a', 1), []);
  const nan = run(job('a', 1), [{ metricName: 'http_req_duration/p95', value: null, kind: 'nan' }]);
  expect(said({ policy: 'p95<=250', judged: [without] })[1]).toContain('fail | missing');
  expect(said({ policy: 'p95<=250', judged: [nan] })[1]).toContain('fail | nonfinite');
  expect(said({ policy: 'p95<=1.2x', judged: [nan], baseline: [] })[1]).toContain('fail | nonfinite');
});

test.each([
  ['the baseline has no runs', [], 'baseline'],
  ['its runs all failed', [load('b', 1, { p95: 1 }, { outcome: 'failure' })], 'baseline'],
  [
    'its runs are those of the candidate',
    [load('c', 1, { p95: 1 }, { labels: { version: '2' } })],
    'baseline',
  ],
  ['its runs were made on other data', [load('d', 1, { p95: 1 }, { labels: { dataset: 'x' } })], 'dataset'],
])('where %s the answer is inconclusive, never a pass', (_, baseline, reason) => {
  const judged = [load('v2', 2, { p95: 1 }, { labels: { version: '2', dataset: 'y' } })];
  for (const policy of [null, 'p95<=1.2x', 'p95<=250']) {
    const checks = said({ policy, judged, baseline, baselineIs: true });
    expect(checks[0]).toBe('inconclusive');
    expect(checks).toContain(` | baseline | inconclusive | ${reason}`);
  }
});

test('only runs on the data of the candidate make the baseline', () => {
  const on = (name: string, n: number, p95: number, dataset: string) =>
    load(name, n, { p95 }, { labels: { version: '1', dataset } });
  const judged = [load('v2', 9, { p95: 110 }, { labels: { version: '2', dataset: 'y' } })];
  const baseline = [on('a', 1, 100, 'y'), on('b', 2, 10, 'x'), on('c', 3, 104, 'y')];
  const answer = verdictOf({ policy: 'p95<=1.2x', judged, baseline });
  expect(answer.checks).toMatchObject([{ verdict: 'pass', baselineN: 2 }]);
  expect(answer.checks[0]!.upper).toBeCloseTo(1.2 * 102, 12);
  expect(answer.baselineRuns.map(({ runId }) => runId)).toStrictEqual(['c', 'a']);
});

test('a bound below a baseline of nothing is nothing, and times a negative one none', () => {
  const judged = [load('v2', 2, { p95: 0 })];
  expect(verdictOf({ policy: 'p95<=1.2x', judged, baseline: [load('b', 1, { p95: 0 })] }).verdict).toBe(
    'pass',
  );
  expect(said({ policy: 'p95<=1.2x', judged, baseline: [load('b', 1, { p95: -1 })] })[1]).toContain(
    'inconclusive | baseline: negative',
  );
});

test.each([
  ['p95<190', 'fail', 'above'],
  ['p95<=190', 'pass', null],
  ['p95>190', 'fail', 'below'],
  ['p95>=190', 'pass', null],
  ['p95=190', 'pass', null],
  ['p95=191', 'fail', 'not_equal'],
  ['p95<=0.19s', 'pass', null],
  ['p95<=189999us', 'fail', 'above'],
])('190 ms by %s: %s', (policy, verdict, reason) => {
  const { checks } = verdictOf({ policy, judged: [load('v2', 2, { p95: 190 })] });
  expect(checks).toMatchObject([{ verdict, reason }]);
});

test('what is inconclusive becomes what was wished, and nothing else does', () => {
  const stopped = [load('v2', 2, { p95: 1 }, { outcome: 'preempted' })];
  expect(verdictOf({ judged: stopped, onInconclusive: 'pass' }).verdict).toBe('pass');
  expect(verdictOf({ judged: stopped, onInconclusive: 'fail' }).verdict).toBe('fail');
  expect(verdictOf({ judged: [], onInconclusive: 'pass' }).verdict).toBe('pending');
  const bad = [load('v2', 2, { p95: 1 }, { outcome: 'failure' })];
  expect(verdictOf({ judged: bad, onInconclusive: 'pass' }).verdict).toBe('fail');
});

test.each([
  ['p95<=1.2x', 'held against a baseline, and none is named'],
  ['rate<=1', 'may be http_req_failed/rate, checks/rate'],
  ['failed<=10ms', 'does not say its unit'],
  ['p95<=1KiB', 'is in ms'],
  ['p77<=1', 'does not have'],
])('the policy %s cannot be asked', (policy, problem) => {
  const decided = decideGate(question({ policy, judged: [load('v2', 2, { p95: 1 })] }));
  expect(decided).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
});

test('a metric that is unknown is waited for while a run may still bring it', () => {
  expect(verdictOf({ policy: 'p77<=1', judged: [] }).verdict).toBe('pending');
  const failed = [load('v2', 2, { p95: 1 }, { outcome: 'failure' })];
  expect(verdictOf({ policy: 'p77<=1', judged: failed }).verdict).toBe('fail');
});
