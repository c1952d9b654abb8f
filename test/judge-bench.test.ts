import { expect, test } from 'vitest';
import { judgeReport, TINY } from './bench/judge/report.ts';
import { covering, f1 } from './bench/judge/segmentation.ts';

test('the benchmark of judging runs, and has a row for every rule', () => {
  const report = judgeReport(TINY, () => {});
  const titles = [
    '**auto**',
    'classic 5 sd',
    'classic 3 sd',
    'Perfherder',
    'Otava',
    '**changePoints()**',
    'tigerbeetle',
  ];
  for (const title of titles) expect(report).toContain(`| ${title}`);
});

// By hand, and as the definitions of van den Burg and Williams 2020 have it.
test.each([
  [[], [], 100, 1, 1],
  [[50], [50], 100, 1, 1],
  [[50], [53], 100, 1, (0.5 * 50) / 53 + (0.5 * 47) / 50],
  [[50], [], 100, 2 / 3, 0.5],
  [[], [50], 100, 2 / 3, 0.5],
  [[50], [70], 100, 0.5, 0.5 * (50 / 70) + 0.5 * (30 / 50)],
])('F1 and covering of truth %j and found %j', (truth, found, n, wantedF1, wantedCovering) => {
  expect(f1(truth, found)).toBeCloseTo(wantedF1, 12);
  expect(covering(truth, found, n)).toBeCloseTo(wantedCovering, 12);
});
