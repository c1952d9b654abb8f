import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { heritageOf, playCalm, playStorm, stormyYear, takenMails } from '../support/stormy-year.ts';

const top = mkdtempSync(join(tmpdir(), 'tidemark-storm-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));

// `npm run bench -- storm` plays a whole year of many tests.
test('messages that come again and in any order, and ticks that die anywhere, give the same episodes and mails', {
  timeout: 300_000,
}, async () => {
  const year = stormyYear({ series: 3, runs: 130, seed: 7 });
  const [calm, storm] = [join(top, 'calm'), join(top, 'storm')];
  await playCalm(calm, year);
  const { deaths, deliveries } = await playStorm(storm, year, { seed: 11 });
  const [expected, found] = [heritageOf(calm), heritageOf(storm)];
  expect(found.tables).toEqual(expected.tables);
  const extra = [...found.mails].filter(([name, text]) => expected.mails.get(name) !== text);
  expect(extra).toEqual([]);
  const missing = [...expected.mails.keys()].filter((name) => !found.mails.has(name));
  const taken = takenMails(storm).map((key) => key.slice(0, 12));
  expect(missing.filter((name) => !taken.some((key) => name.includes(key)))).toEqual([]);
  // It was a storm, and there was something to tell in it.
  expect(deaths).toBeGreaterThan(50);
  expect(deliveries).toBeGreaterThan(3 * 130 * 1.5);
  const fired = found.tables.alert_episodes?.filter(({ fired_at }) => fired_at !== null) ?? [];
  expect(fired.length).toBeGreaterThan(2);
  expect(found.mails.size).toBeGreaterThan(10);
});
