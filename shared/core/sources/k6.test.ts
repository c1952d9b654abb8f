import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../../../test/support/repository.ts';
import { decodeK6 } from './k6.ts';

const text = (file: string) => readFileSync(join(ROOT, 'test/fixtures/sources/k6', file), 'utf8');
const decode = (document: unknown) =>
  decodeK6(new TextEncoder().encode(typeof document === 'string' ? document : JSON.stringify(document)));

function valuesOf(document: unknown): Map<string, number> {
  const result = decode(document);
  if ('problem' in result) throw new Error(result.problem);
  expect(result.notes).toEqual([]);
  return new Map(result.values.map(({ name, value }) => [name, value]));
}

const FORMS = ['legacy.json', 'handle-summary.json', 'machine-readable.json'] as const;

describe('summaries of three runs of one load, as k6 wrote them', () => {
  const [legacy, handled, readable] = FORMS.map((form) => valuesOf(text(form)));

  test.each(FORMS)('%s has what the load counted itself', (form) => {
    const values = valuesOf(text(form));
    // By load.js: 40 iterations of two requests each, every fourth has one that fails; ((i * 7) % 23) + 0.5 by Python.
    expect(
      Object.fromEntries([...values].filter(([name]) => /^(queue_ms|agreed|model_mb)\//.test(name))),
    ).toEqual({
      'queue_ms/avg': 11.65,
      'queue_ms/min': 0.5,
      'queue_ms/med': 12,
      'queue_ms/max': 22.5,
      'queue_ms/p90': expect.closeTo(20.6, 9),
      'queue_ms/p95': expect.closeTo(21.55, 9),
      'agreed/rate': 0.75,
      'agreed/passes': 30,
      'agreed/fails': 10,
      'model_mb/value': 412.5,
      'model_mb/min': 412.5,
      'model_mb/max': 412.5,
    });
    expect(values.get('http_reqs/count')).toBe(80);
    expect(values.get('http_req_failed/rate')).toBe(0.125);
    expect(values.get('checks/rate')).toBe(1);
    expect(values.get('checks/passes')).toBe(80);
    expect(values.get('predicted/count')).toBe(40);
    expect(values.get('http_reqs/rate')! / values.get('predicted/rate')!).toBeCloseTo(2, 12);
    expect(values.get('http_req_duration{kind:predict}/p95')).toBeGreaterThan(0);
  });

  test('all have the same names; the newest form tells less, and no thresholds', () => {
    expect([...handled!.keys()].sort()).toEqual([...legacy!.keys()].sort());
    expect([...readable!.keys()].filter((name) => !legacy!.has(name))).toEqual([]);
    const only = [...legacy!.keys()].filter((name) => !readable!.has(name));
    expect(
      only.filter((name) => !name.includes('/threshold/')).map((name) => name.split('/')[0]),
    ).not.toContain('http_req_duration');
  });

  test('a threshold that was crossed is 0, whichever way the form says so', () => {
    for (const values of [legacy!, handled!]) {
      expect(Object.fromEntries([...values].filter(([name]) => name.includes('/threshold/')))).toEqual({
        'http_req_duration/threshold/avg<1': 0,
        'http_req_duration/threshold/p(95)<1000': 1,
        'http_req_duration{kind:predict}/threshold/p(95)<1000': 1,
        'http_req_failed/threshold/rate<0.9': 1,
        'checks/threshold/rate>0.5': 1,
      });
    }
  });
});

interface Handled {
  readonly metrics: Readonly<
    Record<string, { type: string; values: Record<string, number>; thresholds?: object }>
  >;
  readonly state: { readonly testRunDurationMs: number };
}

describe('one run in three forms', () => {
  const run = JSON.parse(text('handle-summary.json')) as Handled;
  const entries = Object.entries(run.metrics).map(([name, { thresholds: _, ...metric }]) => ({
    name,
    ...metric,
  }));
  const withoutThresholds = {
    ...run,
    metrics: Object.fromEntries(entries.map(({ name, ...one }) => [name, one])),
  };

  test('the flat form gives the same metrics', () => {
    const flat = entries.map(({ name, type, values }) => {
      const { rate, ...others } = values;
      return [name, type === 'rate' ? { ...others, value: rate } : values];
    });
    expect(valuesOf({ metrics: Object.fromEntries(flat) })).toEqual(valuesOf(withoutThresholds));
  });

  test('the machine-readable form gives the same metrics', () => {
    const seconds = run.state.testRunDurationMs / 1000;
    const metrics = entries.map(({ name, type, values }) => {
      const { passes, fails, rate, ...others } = values;
      const short = Object.entries(others).map(([key, value]) => [key.replace(/[()]/g, ''), value]);
      const matched = { rate, matches: passes, total: (passes ?? 0) + (fails ?? 0) };
      return { name, type, values: type === 'rate' ? matched : Object.fromEntries(short) };
    });
    const checks = metrics
      .filter(({ name }) => name === 'checks')
      .map((one) => ({ ...one, name: 'checks_succeeded' }));
    const others = metrics.filter(({ name }) => name !== 'checks');
    const given = valuesOf({
      version: '1.0.0',
      config: { duration: seconds },
      results: { metrics: others, checks: { metrics: checks } },
    });
    const wanted = valuesOf(withoutThresholds);
    expect([...given.keys()].sort()).toEqual([...wanted.keys()].sort());
    for (const [name, value] of wanted) expect(given.get(name), name).toBeCloseTo(value, 9);
  });
});

test.each([
  [{}, 'has nothing at "/metrics"; wanted the summary of a k6 run'],
  [[], 'has nothing at "/metrics"; wanted the summary of a k6 run'],
  [{ metrics: {} }, 'has no metric of k6'],
  [{ metrics: { a: 1 } }, 'has no metric of k6'],
  [{ results: {} }, 'has no metric of k6'],
  [{ results: { metrics: [1, { name: 'a' }] } }, 'has no metric of k6'],
  ['{"metrics":', 'is not JSON: '],
])('what is no summary is a problem: %j', (document, problem) => {
  const result = decode(document);
  expect('problem' in result && result.problem).toContain(problem);
});

test('a number that is none is left out with a note', () => {
  expect(decode({ metrics: { a: { avg: 'fast', min: 1 } } })).toEqual({
    values: [{ name: 'a/min', value: 1 }],
    points: [],
    notes: ['"avg" of "a" is "fast"; wanted a number; it is left out'],
  });
});
