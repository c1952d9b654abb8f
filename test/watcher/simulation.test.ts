// The hour of `npm run bench -- watcher` in small: real processes and connections, only the pace is simulated.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/repository.ts';
import { simulateWatcher } from '../support/watcher-simulation.ts';

/** Far above what the process takes, and far below what it would if it kept what it sees. */
const MOST_BYTES = 300e6;

// A machine with other work may take its time; that is no reason to fail.
const PATIENCE_MS = 180_000;
const WHAT =
  'each end is told once although connections break every minute, versions are forgotten, and one restart';

test(WHAT, { timeout: PATIENCE_MS }, async () => {
  const report = await simulateWatcher({
    jobs: 900,
    minutes: 16,
    minuteMs: 700,
    restartAt: [9],
    command: ['--max-semi-space-size=4', join(ROOT, 'watcher/main.ts')],
  });
  const { missing, wrong, repeated, contradicted } = report;
  expect({ missing, wrong, repeated, contradicted }).toEqual({
    missing: [],
    wrong: [],
    repeated: [],
    contradicted: [],
  });
  expect(report.ended).toBe(900);
  expect(report.published).toBeGreaterThan(900);
  expect(report.disconnects).toBe(16);
  expect(report.expired).toBeGreaterThan(0);
  expect(report.troubles).toBeGreaterThan(0);
  const held = report.resident.map(({ bytes }) => bytes);
  expect(Math.max(...held)).toBeLessThan(MOST_BYTES);
});
