import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { answer, startWatchedCluster, type WatchedCluster } from '../../../test/support/watched-cluster.ts';
import { job, STATUS } from '../../../test/support/watched-jobs.ts';
import { keptLog } from '../../../test/support/world.ts';
import { readWatched } from '../../core/watched-object.ts';
import { PATIENCE } from './client.ts';
import { type Credentials, NOBODY, tokenFile } from './credentials.ts';
import { startWatch } from './watch.ts';
import type { Watch, WatchPace, WatchStatus, WatchTarget } from './watch-types.ts';

const TARGET: WatchTarget = {
  what: 'Jobs',
  path: '/apis/batch/v1/jobs',
  query: new URLSearchParams({ labelSelector: 'benchmarkId' }),
  kind: 'JobList',
  right: 'list and watch on jobs of batch',
  isOptional: false,
};
const PACE: Partial<WatchPace> = {
  watchMs: 60_000,
  pauseMs: 5,
  longestPauseMs: 40,
  absentMs: 20,
  patience: { ...PATIENCE, attempts: 1, requestMs: 1_000 },
};

let cluster: WatchedCluster;
let stopping: AbortController;
let watch: Watch;
let log: ReturnType<typeof keptLog>;
let seen: string[];

beforeEach(async () => {
  cluster = await startWatchedCluster();
  stopping = new AbortController();
  log = keptLog();
  seen = [];
});

afterEach(async () => {
  stopping.abort();
  await watch.done;
  await cluster.close();
});

interface Started {
  readonly target?: WatchTarget;
  readonly pace?: Partial<WatchPace>;
  readonly credentials?: Credentials;
  readonly endpoint?: string;
}

function start({ target = TARGET, pace = {}, credentials = NOBODY, endpoint }: Started = {}): void {
  const note = (word: string) => (object: unknown) => void seen.push(`${word} ${readWatched(object)?.uid}`);
  const sink = {
    seen: note('seen'),
    deleted: note('deleted'),
    listed: (uids: ReadonlySet<string>) => void seen.push(`listed ${[...uids].sort().join(',')}`),
  };
  watch = startWatch(target, sink, {
    cluster: 'main',
    connect: async () => ({ endpoint: new URL(endpoint ?? cluster.endpoint), credentials }),
    signal: stopping.signal,
    clock: { now: () => performance.now() },
    log,
    chance: () => 0.5,
    pace: { ...PACE, ...pace },
  });
}

/** Waits until it is so; the message of a failure tells how it stands. */
async function until(isSo: (status: WatchStatus) => boolean): Promise<void> {
  for (let n = 0; n < 2_000; n++) {
    if (isSo(watch.status())) return;
    await sleep(5);
  }
  throw new Error(`Waited in vain: ${JSON.stringify({ seen, ...watch.status(), words: log.words })}`);
}

const isWatching = ({ phase }: WatchStatus) => phase === 'watching';
const words = () => log.words.map(({ level, message }) => `${level}: ${message}`);

describe('what is seen', () => {
  test('is all that is listed, a page at a time, and then what changes', async () => {
    const uids = Array.from({ length: 1_100 }, (_, n) => `u-${n}`);
    for (const uid of uids) cluster.put('jobs', job({ uid }));
    start();
    await until(isWatching);
    expect(cluster.counts).toMatchObject({ lists: 3, watches: 1 });
    expect(seen.slice(0, -1)).toEqual(uids.map((uid) => `seen ${uid}`));
    expect(seen.at(-1)).toBe(`listed ${[...uids].sort().join(',')}`);
    seen = [];
    cluster.put('jobs', job({ uid: 'u-1' }, STATUS.complete));
    cluster.bookmark();
    cluster.remove('jobs', 'u-2');
    await until(({ lines }) => lines === 3);
    expect(seen).toEqual(['seen u-1', 'deleted u-2']);
  });

  test('goes on from the last line when a connection breaks, and from a bookmark when nothing happened', async () => {
    start();
    await until(isWatching);
    const versions: (string | null)[] = [];
    cluster.fault = (_, { isWatch, query }) => {
      if (isWatch) versions.push(query.get('resourceVersion'));
      return false;
    };
    cluster.put('jobs', job({ uid: 'a' }));
    await until(({ lines }) => lines === 1);
    cluster.bookmark();
    await until(({ lines }) => lines === 2);
    cluster.disconnect('half-line');
    await until(({ watches }) => watches === 2);
    expect(versions).toEqual(['1002']);
    expect(cluster.counts.lists).toBe(1);
    expect(words()).toEqual([]);
  });

  test('is listed anew when somebody asks for it', async () => {
    cluster.put('jobs', job({ uid: 'a' }));
    start();
    await until(isWatching);
    watch.relist();
    await until(({ lists, phase }) => lists === 2 && phase === 'watching');
    expect(seen).toEqual(['seen a', 'listed a', 'seen a', 'listed a']);
  });

  test('a list that is taken back while it is read counts from its second beginning', async () => {
    for (let n = 0; n < 600; n++) cluster.put('jobs', job({ uid: `u-${n}` }));
    let isFirst = true;
    cluster.fault = (_, { query }) => {
      if (!query.has('continue') || !isFirst) return false;
      isFirst = false;
      cluster.remove('jobs', 'u-0');
      cluster.compact();
      return false;
    };
    start();
    await until(isWatching);
    expect(seen.filter((one) => one === 'seen u-0')).toHaveLength(1);
    expect(seen.at(-1)).not.toContain('u-0,');
    expect(seen.at(-1)!.split(',')).toHaveLength(599);
  });

  test.each([
    ['as an event', false],
    ['as a status', true],
  ])('is listed anew, and nothing told, when the server does not remember: 410 %s', async (_, isStatus) => {
    start();
    await until(isWatching);
    cluster.fault = (response, { isWatch }) => {
      if (!isStatus || !isWatch || cluster.counts.refusals > 0) return false;
      answer(response, 410, { kind: 'Status', code: 410, message: 'too old' });
      return true;
    };
    cluster.compact();
    cluster.put('jobs', job({ uid: 'late' }));
    cluster.disconnect();
    await until(({ lists, phase }) => lists === 2 && phase === 'watching');
    expect(seen.slice(-2)).toEqual(['seen late', 'listed late']);
    expect(words()).toEqual([]);
    // Asking for that version again would be in vain.
    expect(cluster.counts.gone + cluster.counts.refusals).toBe(1);
  });
});

describe('a quiet cluster', () => {
  test('is watched anew when the server ends the watch, from where it was', async () => {
    start({ pace: { watchMs: 1_000 } });
    await until(({ watches }) => watches >= 2);
    expect(cluster.counts.lists).toBe(1);
    expect(watch.status()).toMatchObject({ failing: null, lines: 0, hasListed: true });
  });

  test('whose connection is dead is noticed by its silence', async () => {
    cluster.fault = (response, { isWatch, query }) => {
      // It begins to answer and then neither speaks nor ends.
      if (!isWatch || cluster.counts.refusals > 0) return false;
      expect(query.get('timeoutSeconds')).toBe('1');
      response.writeHead(200).flushHeaders();
      return true;
    };
    start({ pace: { watchMs: 50, silenceMs: 50 } });
    await until(({ watches }) => watches >= 2);
    expect(cluster.counts.watches).toBeGreaterThan(0);
  });
});

describe('trouble', () => {
  test.each<[string, number, unknown, RegExp]>([
    ['a server in trouble', 500, 'boom', /Cluster "main" is in trouble \(500\)$/],
    [
      'too many requests',
      429,
      { kind: 'Status', message: 'later' },
      /too much to do \(429\); it says: later$/,
    ],
    [
      'a right that is missing',
      403,
      { kind: 'Status', message: 'no' },
      /\(403\): grant list and watch on jobs/,
    ],
    ['another server', 404, '404 page not found', /no Kubernetes API at its endpoint \(404\)/],
    ['a list that is none', 200, '<html>', /answered with something that is not JSON/],
    ['a list of something else', 200, { kind: 'PodList', items: [] }, /something that is no JobList/],
    ['a list of no version', 200, { kind: 'JobList', items: [], metadata: {} }, /gives a list of no version/],
  ])('%s is told once, and what follows is told once', async (_, status, body, said) => {
    let isOver = false;
    cluster.fault = (response) => {
      if (!isOver) answer(response, status, body);
      return !isOver;
    };
    start();
    await until(() => cluster.counts.refusals >= 4);
    expect(watch.status().failing!.why).toMatch(said);
    expect(watch.status().hasListed).toBe(false);
    isOver = true;
    await until(isWatching);
    expect(words()).toEqual([expect.stringMatching(said), 'info: Jobs: watched again']);
    expect(watch.status().failing).toBeNull();
  });

  test('a server that asks for time gets it, unless somebody asks for the list', async () => {
    cluster.fault = (response) => {
      if (cluster.counts.refusals > 0) return false;
      answer(response, 429, {}, { 'retry-after': '3600' });
      return true;
    };
    start();
    await until(({ phase }) => phase === 'waiting');
    // By its own pauses it would have asked a dozen times.
    await sleep(200);
    expect(watch.status()).toMatchObject({ phase: 'waiting', lists: 0 });
    watch.relist();
    await until(isWatching);
  });

  test('an endpoint where nobody listens is asked until somebody does', async () => {
    start({ endpoint: 'http://127.0.0.1:9' });
    await until(({ failing }) => failing !== null);
    expect(watch.status().failing!.why).toContain('has nobody who listens at its endpoint');
  });

  test('a kind that the server does not know is no failure, told once, and found when it comes', async () => {
    cluster.absent.add('jobs');
    start({ target: { ...TARGET, isOptional: true } });
    const phases: string[] = [];
    cluster.fault = () => {
      phases.push(watch.status().phase);
      return false;
    };
    await until(({ phase }) => phase === 'absent' && phases.length > 3);
    expect(watch.status().failing).toBeNull();
    // While it is asked for again, nobody is told of a list that is not there yet.
    expect(phases.slice(1)).toEqual(phases.slice(1).map(() => 'absent'));
    expect(words()).toEqual(['info: Jobs: the cluster does not know this kind']);
    cluster.absent.delete('jobs');
    await until(isWatching);
  });

  test.each([
    ['no JSON', '<html>\n'],
    ['no event', '{"type":"ADDED"}\n'],
    ['a line without end', 'x'.repeat(9 * 1024 * 1024)],
  ])('a watch of %s is given up, and the list is read again', async (_, text) => {
    start();
    await until(isWatching);
    cluster.say(text);
    cluster.put('jobs', job({ uid: 'after' }));
    await until(({ phase }) => phase === 'watching' && seen.includes('seen after'));
  });

  test('a server that ends every watch at once is not asked without pause', async () => {
    cluster.fault = (response, { isWatch }) => {
      if (isWatch) response.writeHead(200).end();
      return isWatch;
    };
    start({ pace: { pauseMs: 50 } });
    await until(({ watches }) => watches > 0);
    await sleep(400);
    // Without a pause it would be hundreds.
    expect(cluster.counts.refusals).toBeLessThan(12);
  });

  test('the signal ends a watch, a pause and a request at once', async () => {
    start({ pace: { watchMs: 3_600_000 } });
    await until(isWatching);
    stopping.abort();
    await watch.done;
    expect(words()).toEqual([]);
  });
});

describe('tokens', () => {
  test('are read anew for every request, since a mounted one is replaced', async () => {
    const file = join(temporaryFolder(), 'token');
    writeFileSync(file, 'one');
    const shown: (string | undefined)[] = [];
    cluster.fault = (_, { authorization }) => {
      shown.push(authorization);
      return false;
    };
    start({ credentials: tokenFile(file) });
    await until(isWatching);
    writeFileSync(file, 'two');
    cluster.disconnect();
    await until(({ watches }) => watches === 2);
    expect(shown).toEqual(['Bearer one', 'Bearer one', 'Bearer two']);
  });

  test('that are not accepted are asked for once more, and then told of without repeating them', async () => {
    let given = 0;
    const credentials: Credentials = { token: async () => `secret-${given}`, renew: () => void given++ };
    cluster.fault = (response, { isWatch, authorization }) => {
      if (!isWatch || authorization === 'Bearer secret-2') return false;
      answer(response, 401, { kind: 'Status', message: `bad ${authorization?.slice(7)}` });
      return true;
    };
    start({ credentials });
    await until(isWatching);
    expect(given).toBe(2);
    expect(words().join()).not.toContain('secret-');
  });

  test('that are not there yet are waited for', async () => {
    const file = join(temporaryFolder(), 'token');
    start({ credentials: tokenFile(file) });
    await until(({ failing }) => failing !== null);
    expect(watch.status().failing!.why).toMatch(
      /^Cluster "main" cannot be asked: cannot read .*token": ENOENT$/,
    );
    writeFileSync(file, 'there');
    await until(isWatching);
  });
});
