// Story S4 of the studies, its last step: the latency of two versions from a load step, as Locust leaves it. What is
// asked of the outputs in Postgres stands in test/cloud/compare-sql.cloud.test.ts.
import { beforeAll, expect, test } from 'vitest';
import { finished, workspaces } from '../support/cli.ts';

const at = workspaces()();
const A = [212, 198, 205, 201, 209, 195, 203, 207, 199, 204];
const B = [252, 241, 263, 255, 248, 239, 260, 251, 246, 258];

/** The file of one load step: 1,000 requests of which 5 failed, with this 95th percentile. */
const stats = (p95: number) =>
  `Type,Name,Request Count,Failure Count,Median Response Time,95%\nPOST,/predict,1000,5,90,${p95}\n,Aggregated,1000,5,90,${p95}\n`;

beforeAll(async () => {
  at.config({ tests: { load: { sources: [{ csv: { path: 'load_stats.csv', preset: 'locust' } }] } } });
  for (const [version, latencies] of Object.entries({ a: A, b: B })) {
    for (const [n, p95] of latencies.entries()) {
      const name = `${version}-${n}`;
      at.write(`${name}/load_stats.csv`, stats(p95));
      const times = { started_at: `2026-08-01T0${n}:00:00Z`, finished_at: `2026-08-01T0${n}:10:00Z` };
      at.message(
        finished(name, { test_name: 'load', labels: { version }, model_dir: at.path(name), ...times }),
      );
    }
  }
  expect((await at.run(['tick', '--now', '2026-08-02T00:00:00Z'])).status).toBe(0);
});

const compare = (...more: readonly string[]) =>
  at.run(['compare', 'load', '--by', 'version', '--a', 'a', '--b', 'b', '--metric', 'total/p95', ...more]);

test('a slower version fails, with its median, the ratio and an interval', async () => {
  const answer = await compare('--statistic', 'median', '--json');
  expect(answer.status).toBe(1);
  const { findings } = JSON.parse(answer.stdout);
  // The middles of the lists above: 203.5 and 251.5.
  expect(findings[0]).toMatchObject({ reason: 'worse', a: { estimate: 203.5 }, b: { estimate: 251.5 } });
  expect(findings[0].figures.ratio).toBeCloseTo(251.5 / 203.5, 9);
  const [low, high] = findings[0].interval;
  expect(low).toBeGreaterThan(30);
  expect(high).toBeLessThan(68);
});

test('the same input and seed give the same bytes, another seed others', async () => {
  const seeded = (seed: string) => compare('--statistic', 'median', '--json', '--seed', seed);
  const [first, again, other] = [await seeded('7'), await seeded('7'), await seeded('8')];
  expect(again.stdout).toBe(first.stdout);
  expect(other.stdout).not.toBe(first.stdout);
});

test('what did not change is the same', async () => {
  const same = ['--metric', 'total/failed', '--min-effect', '0.01'];
  const answer = await at.run(['compare', 'load', '--by', 'version', '--a', 'a', '--b', 'b', ...same]);
  expect(answer.status).toBe(0);
});
