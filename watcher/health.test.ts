import { describe, expect, test } from 'vitest';
import type { WatchStatus } from '../shared/adapters/kubernetes/watch-types.ts';
import { healthOf, type Standing } from './health.ts';
import { serveHealth } from './health-server.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const watching: WatchStatus = {
  what: 'Jobs of all namespaces',
  phase: 'watching',
  movedAt: NOW - MINUTE,
  hasListed: true,
  failing: null,
  lists: 1,
  watches: 9,
  lines: 0,
};
const outbox = {
  waiting: 0,
  postponed: 0,
  oldestAt: null,
  published: 0,
  lastPublishedAt: null,
  failing: null,
};
const failing = (ms: number) => ({ since: NOW - ms, why: 'it is down' });

const standing = (watch: Partial<WatchStatus>, more: Partial<Standing> = {}): Standing => ({
  now: NOW,
  watches: [{ ...watching, ...watch }],
  outbox,
  publishProblem: null,
  ...more,
});

describe('a watcher', () => {
  test.each<[string, Standing, { isReady: boolean; isAlive: boolean }]>([
    ['that has seen nothing for days is well', standing({}), { isReady: true, isAlive: true }],
    [
      'that published yesterday is well',
      standing({}, { outbox: { ...outbox, published: 1, lastPublishedAt: NOW - DAY } }),
      { isReady: true, isAlive: true },
    ],
    [
      'that has not listed yet is not ready',
      standing({ hasListed: false }),
      { isReady: false, isAlive: true },
    ],
    [
      'whose cluster lacks a kind is well',
      standing({ phase: 'absent', hasListed: false }),
      { isReady: true, isAlive: true },
    ],
    [
      'whose connection just broke is well',
      standing({ phase: 'waiting', failing: failing(1_000) }),
      { isReady: true, isAlive: true },
    ],
    [
      'whose cluster is silent is not ready, and starting anew would not help',
      standing({ phase: 'waiting', failing: failing(DAY) }),
      { isReady: false, isAlive: true },
    ],
    [
      'that makes no step is to be started anew',
      standing({ movedAt: NOW - 30 * MINUTE }),
      { isReady: true, isAlive: false },
    ],
    [
      'whose queue just failed is well',
      standing({}, { outbox: { ...outbox, waiting: 3, failing: failing(5_000) } }),
      { isReady: true, isAlive: true },
    ],
    [
      'whose queue is down is not ready',
      standing({}, { outbox: { ...outbox, waiting: 3, failing: failing(DAY) } }),
      { isReady: false, isAlive: true },
    ],
    [
      'that may not publish is not ready before there is anything to publish',
      standing({}, { publishProblem: 'grant it' }),
      { isReady: false, isAlive: true },
    ],
    [
      'that watches nothing is not ready',
      { ...standing({}), watches: [] },
      { isReady: false, isAlive: true },
    ],
  ])('%s', (_, given, wanted) => {
    expect(healthOf(given)).toMatchObject(wanted);
  });

  test('says what fails, since when, and what waits', () => {
    const given = standing(
      { phase: 'waiting', failing: failing(2 * MINUTE) },
      { outbox: { ...outbox, waiting: 2, oldestAt: NOW - 90_000, failing: failing(90_000) } },
    );
    expect(healthOf(given).report).toMatchObject({
      status: 'failing',
      watches: [{ what: 'Jobs of all namespaces', ok: false, failing_seconds: 120, why: 'it is down' }],
      publisher: {
        ok: false,
        waiting: 2,
        oldest_waiting_seconds: 90,
        last_published_seconds: null,
        why: 'it is down',
      },
    });
  });
});

test('probes are answered by their paths, and nothing else is', async () => {
  let given = standing({});
  const server = await serveHealth({ host: '127.0.0.1', port: 0 }, () => healthOf(given));
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
    return [response.status, await response.json()];
  };
  try {
    expect(await ask('/healthz?verbose')).toEqual([200, healthOf(given).report]);
    expect(await ask('/livez')).toEqual([200, { alive: true }]);
    given = standing({ failing: failing(DAY), movedAt: NOW - DAY });
    expect((await ask('/readyz'))[0]).toBe(503);
    expect(await ask('/livez')).toEqual([503, { alive: false }]);
    for (const path of ['/', '/metrics', '/constructor', '/healthz/'])
      expect(await ask(path)).toEqual([404, {}]);
    await expect(
      serveHealth({ host: '127.0.0.1', port: server.port }, () => healthOf(given)),
    ).rejects.toThrow(/EADDRINUSE/);
  } finally {
    server.close();
  }
});
