import { describe, expect, test } from 'vitest';
import { job, jobSet, ofSet, POD_STATUS, pod, SET_STATUS, STATUS } from '../test/support/watched-jobs.ts';
import { isQuiet, openWatcherStage, type Told } from '../test/support/watcher-stage.ts';

const outcomes = (told: readonly Told[]) =>
  Object.fromEntries(told.map(({ data }) => [data.run_id, data.outcome]));

describe('ends that are told', () => {
  test('of a Job that completes: one event, of the whole Job, under its uid', async () => {
    const stage = await openWatcherStage(({ put }) => put('jobs', job({ uid: 'u-1' }, STATUS.running)));
    await stage.until(() => isQuiet(stage.watcher));
    expect(stage.told).toEqual([]);
    stage.cluster.put('jobs', job({ uid: 'u-1' }, STATUS.complete));
    const [event] = await stage.toldOf(1);
    const { text: _, ...rest } = event!;
    expect(rest).toStrictEqual({
      specversion: '1.0',
      type: 'io.tidemark.run.finished.v1',
      source: '//tidemark/watcher/main',
      id: 'u-1/1/finished',
      time: '2026-11-20T01:30:00.000Z',
      subject: 'mnist',
      datacontenttype: 'application/json',
      data: {
        run_id: 'u-1',
        attempt: 1,
        test_name: 'mnist',
        cluster_name: 'main',
        job_namespace: 'ml',
        outcome: 'success',
        reason: 'CompletionsReached',
        started_at: '2026-11-20T01:00:00.000Z',
        finished_at: '2026-11-20T01:30:00.000Z',
        duration_s: 1800,
        num_failures: 0,
        reporter: 'watcher',
      },
    });
  });

  test('of a failure with what its Pods say, of a deadline with why nothing began', async () => {
    const stage = await openWatcherStage();
    const { put } = stage.cluster;
    const play = (uid: string, status: object, end: object) => {
      put('pods', pod({ uid }, `pod-${uid}`, status));
      put('jobs', job({ uid }, end));
    };
    play('oom', POD_STATUS.outOfMemory, STATUS.failed);
    play('exit', POD_STATUS.exit, STATUS.failed);
    play('taken', POD_STATUS.preempted, STATUS.failed);
    play('image', POD_STATUS.noImage, STATUS.overdue);
    play('place', POD_STATUS.unscheduled, STATUS.overdue);
    const told = await stage.toldOf(5);
    expect(outcomes(told)).toEqual({
      oom: 'oom',
      exit: 'failure',
      taken: 'preempted',
      image: 'timeout',
      place: 'timeout',
    });
    const said = new Map(told.map(({ data }) => [data.run_id, data.message]));
    expect(said.get('oom')).toContain('container "train" of Pod "pod-oom" ran out of memory');
    expect(said.get('exit')).toContain('ended with exit code 3');
    expect(said.get('image')).toMatch(
      /specified deadline; container "train" of Pod "pod-image" waits: ImagePullBackOff/,
    );
    expect(said.get('place')).toContain('waits: Unschedulable: 0/3 nodes are available');
    expect(told.map(({ id }) => id).sort()).toEqual(
      ['exit', 'image', 'oom', 'place', 'taken'].map((uid) => `${uid}/1/finished`),
    );
  });

  test('of a Job whose Pods were deleted with it: what they said is remembered', async () => {
    const stage = await openWatcherStage();
    await stage.until(() => isQuiet(stage.watcher));
    const { put, remove } = stage.cluster;
    for (const [uid, status] of [
      ['drained', { ...POD_STATUS.preempted, phase: 'Running' }],
      ['memory', { ...POD_STATUS.outOfMemory, phase: 'Running' }],
    ] as const) {
      put('jobs', job({ uid }, STATUS.running));
      put('pods', pod({ uid }, 'p', status));
      remove('pods', `${uid}-p`);
    }
    await stage.until(() => isQuiet(stage.watcher));
    for (const uid of ['drained', 'memory']) put('jobs', job({ uid }, STATUS.failed));
    expect(outcomes(await stage.toldOf(2))).toEqual({ drained: 'preempted', memory: 'oom' });
    expect(stage.watcher.held().owners).toBe(0);
  });

  test('of a Job that was deleted: cancelled if it ran, its own end if it had one, nothing if it never began', async () => {
    const stage = await openWatcherStage();
    await stage.until(() => isQuiet(stage.watcher));
    const { put, remove } = stage.cluster;
    const play = (uid: string, status: object) => {
      put('jobs', job({ uid }, status));
      remove('jobs', uid);
    };
    play('ran', STATUS.running);
    play('ending', STATUS.ending);
    play('waited', STATUS.suspended);
    play('fresh', { startTime: undefined });
    stage.cluster.put('jobs', job({ uid: 'after' }, STATUS.complete));
    const told = await stage.toldOf(3);
    expect(outcomes(told)).toEqual({ ran: 'cancelled', ending: 'timeout', after: 'success' });
    expect(told.find(({ data }) => data.run_id === 'ran')!.data).toMatchObject({
      reason: 'Deleted',
      message: 'Job "job-ran" was deleted before it ended',
    });
  });

  test('of a JobSet once, under its own uid, by the Job that it names; its Jobs are not told of', async () => {
    const stage = await openWatcherStage();
    const { put } = stage.cluster;
    const child = (uid: string, set: string) => ({ uid, name: `set-${set}-train-0`, set });
    put('jobs', job(child('c-1', 's-1'), STATUS.failed));
    put('pods', pod(child('c-1', 's-1'), 'p-1', POD_STATUS.outOfMemory));
    put('jobsets', jobSet({ uid: 's-1' }, { restarts: 1 }));
    put('jobs', job(child('c-2', 's-2'), STATUS.complete));
    put('jobsets', jobSet({ uid: 's-2' }, { restarts: 2, ...SET_STATUS.completed }));
    await stage.toldOf(1);
    put('jobsets', jobSet({ uid: 's-1' }, { restarts: 1, ...SET_STATUS.failed('set-s-1-train-0') }));
    const told = await stage.toldOf(2);
    expect(outcomes(told)).toEqual({ 's-1': 'oom', 's-2': 'success' });
    expect(told.map(({ data }) => data.num_failures)).toEqual([2, 2]);
    expect(told[1]).toMatchObject({ id: 's-1/1/finished', data: { reason: 'OOMKilled' } });
    expect(told[1]!.data.message).toMatch(
      /^ReachedMaxRestarts: .*first failed job: set-s-1-train-0\); .*"p-1" ran out/,
    );
  });

  test('of a Job that nobody owns, although it and its Pods name a JobSet by label', async () => {
    const stage = await openWatcherStage();
    const { put, remove } = stage.cluster;
    const copied = { uid: 'copy', labels: ofSet('s-0') };
    put('jobs', job(copied, STATUS.running));
    await stage.until(() => stage.watcher.held().objects === 1);
    put('pods', pod(copied, 'p', POD_STATUS.outOfMemory));
    remove('pods', 'copy-p');
    await stage.until(() => stage.watcher.held().owners === 1);
    put('jobs', job(copied, STATUS.failed));
    expect(outcomes(await stage.toldOf(1))).toEqual({ copy: 'oom' });
  });

  test('not of what is suspended, of Jobs without the label, or of an end without a time', async () => {
    const stage = await openWatcherStage();
    const { put } = stage.cluster;
    put('jobs', job({ uid: 'queued' }, STATUS.suspended));
    const { labels: _, ...unlabelled } = job({ uid: 'other' }).metadata;
    put('jobs', {
      ...job({ uid: 'other' }, STATUS.complete),
      metadata: { ...unlabelled, labels: { app: 'x' } },
    });
    put('jobs', job({ uid: 'empty', labels: { benchmarkId: '' } }, STATUS.complete));
    put('jobs', job({ uid: 'timeless' }, { conditions: [{ type: 'Complete', status: 'True' }] }));
    put('jobs', job({ uid: 'told' }, STATUS.complete));
    expect(outcomes(await stage.toldOf(1))).toEqual({ told: 'success' });
  });

  test('of a name that is used again as of another run', async () => {
    const stage = await openWatcherStage();
    const { put, remove } = stage.cluster;
    put('jobs', job({ uid: 'first', name: 'train' }, STATUS.complete));
    await stage.toldOf(1);
    remove('jobs', 'first');
    put('jobs', job({ uid: 'second', name: 'train' }, STATUS.failed));
    expect(outcomes(await stage.toldOf(2))).toEqual({ first: 'success', second: 'failure' });
  });
});

describe('each is told once', () => {
  test('whatever is seen of it again: later changes, a relist after 410, a clean break, half a line, garbage', async () => {
    const stage = await openWatcherStage();
    const { cluster } = stage;
    for (let n = 0; n < 20; n++) cluster.put('jobs', job({ uid: `u-${n}` }, STATUS.complete));
    await stage.toldOf(20);
    const upset = [
      () => cluster.put('jobs', job({ uid: 'u-3', labels: { touched: 'yes' } }, STATUS.complete)),
      () => cluster.disconnect(),
      () => cluster.disconnect('half-line'),
      () => cluster.say('<html>gateway</html>\n'),
      () => cluster.say('{"type":"MODIFIED","object":null}\n{"type":"NEVER","object":{}}\n'),
      () => {
        cluster.compact();
        cluster.disconnect();
      },
      () => cluster.say('{"type":"ERROR","object":{"code":500,"message":"storage is\\u0000 gone"}}\n'),
      () => cluster.bookmark(),
    ];
    for (const [n, trouble] of upset.entries()) {
      trouble();
      cluster.put('jobs', job({ uid: `after-${n}` }, STATUS.complete));
      await stage.toldOf(21 + n);
    }
    expect(new Set(stage.told.map(({ id }) => id)).size).toBe(stage.told.length);
    expect(stage.told).toHaveLength(20 + upset.length);
  });

  test('what happened while it was away comes with the next watch, deletions included', async () => {
    const stage = await openWatcherStage();
    const { cluster } = stage;
    cluster.put('jobs', job({ uid: 'a' }, STATUS.running));
    cluster.put('jobs', job({ uid: 'b' }, STATUS.running));
    await stage.until(() => isQuiet(stage.watcher));
    let isAway = true;
    cluster.fault = (response) => isAway && Boolean(response.destroy());
    cluster.disconnect();
    cluster.put('jobs', job({ uid: 'a' }, STATUS.complete));
    cluster.remove('jobs', 'a');
    cluster.remove('jobs', 'b');
    isAway = false;
    expect(outcomes(await stage.toldOf(2))).toEqual({ a: 'success', b: 'cancelled' });
    expect(stage.watcher.held().objects).toBe(0);
  });

  test('a Job that came and went while nobody could remember it is named in the log, and told by nobody', async () => {
    const stage = await openWatcherStage();
    const { cluster } = stage;
    cluster.put('jobs', job({ uid: 'lost' }, STATUS.running));
    await stage.until(() => isQuiet(stage.watcher));
    let isAway = true;
    cluster.fault = (response) => isAway && Boolean(response.destroy());
    cluster.disconnect();
    cluster.remove('jobs', 'lost');
    cluster.compact();
    isAway = false;
    await stage.until(() => stage.words.some(({ message }) => message.includes('ml/job-lost')));
    expect(stage.told).toEqual([]);
    expect(stage.watcher.held().objects).toBe(0);
  });

  test('another process tells the same again, byte for byte', async () => {
    const stage = await openWatcherStage();
    const { put } = stage.cluster;
    put('jobs', job({ uid: 'good' }, STATUS.complete));
    put('jobs', job({ uid: 'bad' }, STATUS.failed));
    put('pods', pod({ uid: 'bad' }, 'p', POD_STATUS.outOfMemory));
    const first = [...(await stage.toldOf(2))].map(({ text }) => text).sort();
    await stage.restart();
    const both = await stage.toldOf(4);
    expect(
      both
        .slice(2)
        .map(({ text }) => text)
        .sort(),
    ).toEqual(first);
  });

  test('what another process knows less of it tells under another id, so that it contradicts nobody', async () => {
    const stage = await openWatcherStage();
    const { put, remove } = stage.cluster;
    put('jobs', job({ uid: 'u' }, STATUS.failed));
    put('pods', pod({ uid: 'u' }, 'p', POD_STATUS.outOfMemory));
    await stage.toldOf(1);
    remove('pods', 'u-p');
    await stage.restart();
    await stage.toldOf(2);
    await stage.restart();
    const told = await stage.toldOf(3);
    expect(told.map(({ id, data }) => [id, data.outcome])).toEqual([
      ['u/1/finished', 'oom'],
      ['u/1/finished/0', 'failure'],
      ['u/1/finished/0', 'failure'],
    ]);
    expect(told[2]!.text).toBe(told[1]!.text);
  });
});

test('at its end it tells of failures that nobody will find again, and leaves the others to who watches next', async () => {
  const stage = await openWatcherStage(() => {}, { pace: { settleMs: 3_600_000 } });
  await stage.until(() => isQuiet(stage.watcher));
  for (const uid of ['stays', 'goes']) stage.cluster.put('jobs', job({ uid }, STATUS.failed));
  await stage.until(() => stage.watcher.held().questions === 2);
  stage.cluster.remove('jobs', 'goes');
  await stage.until(() => stage.watcher.held().objects === 1);
  expect(await stage.watcher.stop(1_000)).toBe(0);
  expect(stage.told.map(({ id, data }) => [id, data.outcome])).toEqual([['goes/1/finished/0', 'failure']]);
});

describe('a queue in trouble', () => {
  test('more ends than it can hold are left to the cluster, and told once when there is room', async () => {
    const stage = await openWatcherStage(() => {}, { pace: { mostWaiting: 5 } });
    await stage.until(() => isQuiet(stage.watcher));
    stage.refuse = () => new Error('Pub/Sub is down');
    for (let n = 0; n < 60; n++) stage.cluster.put('jobs', job({ uid: `u-${n}` }, STATUS.complete));
    await stage.until(() => stage.watcher.standing().outbox.postponed > 40);
    stage.cluster.remove('jobs', 'u-59');
    await stage.until(() => stage.watcher.held().objects === 59);
    stage.refuse = null;
    const told = await stage.toldOf(60);
    expect(told.map(({ data }) => data.run_id).sort()).toEqual(
      Array.from({ length: 60 }, (_, n) => `u-${n}`).sort(),
    );
  });

  test('a failure that has to wait for room is told with what its Pods had said, though they are gone by then', async () => {
    const stage = await openWatcherStage(() => {}, { pace: { mostWaiting: 5 } });
    await stage.until(() => isQuiet(stage.watcher));
    stage.refuse = () => new Error('Pub/Sub is down');
    const uids = Array.from({ length: 30 }, (_, n) => `u-${n}`);
    const { put, remove } = stage.cluster;
    for (const uid of uids) put('jobs', job({ uid }, STATUS.running));
    for (const uid of uids) put('pods', pod({ uid }, 'p', POD_STATUS.outOfMemory));
    for (const uid of uids) remove('pods', `${uid}-p`);
    await stage.until(() => stage.watcher.held().owners === 30);
    for (const uid of uids) put('jobs', job({ uid }, STATUS.failed));
    await stage.until(() => stage.watcher.standing().outbox.postponed > 10);
    stage.refuse = null;
    const told = await stage.toldOf(30);
    expect(outcomes(told)).toEqual(Object.fromEntries(uids.map((uid) => [uid, 'oom'])));
    expect(stage.words.filter(({ message }) => message.endsWith(': oom'))).toHaveLength(30);
    expect(stage.watcher.held().owners).toBe(0);
  });
});

describe('a cluster in trouble', () => {
  test('whose kind JobSet is not there is told of once; Jobs are watched', async () => {
    const stage = await openWatcherStage(
      ({ absent, put }) => {
        absent.add('jobsets');
        put('jobs', job({ uid: 'u' }, STATUS.complete));
      },
      { pace: { watch: { absentMs: 10 } } },
    );
    await stage.toldOf(1);
    await stage.until(() => stage.watcher.standing().watches.some(({ phase }) => phase === 'absent'));
    stage.cluster.absent.delete('jobsets');
    stage.cluster.put('jobsets', jobSet({ uid: 's' }, SET_STATUS.completed));
    await stage.toldOf(2);
    expect(stage.words.filter(({ message }) => message.includes('does not know this kind'))).toHaveLength(1);
  });

  test('that lets nobody list Pods: a failure is told by its own words, and which right is missing', async () => {
    const stage = await openWatcherStage(({ put }) => put('jobs', job({ uid: 'u' }, STATUS.failed)));
    stage.cluster.fault = (response, { resource }) => {
      if (resource !== 'pods') return false;
      response.writeHead(403, { 'content-type': 'application/json' });
      response.end('{"kind":"Status","message":"pods is forbidden","code":403}');
      return true;
    };
    await stage.until(() => stage.told.length > 0);
    expect(stage.told[0]).toMatchObject({ id: 'u/1/finished/0', data: { outcome: 'failure' } });
    expect(stage.told[0]!.data.message).toMatch(/is not known: .*403.*grant list on pods/);
    const failing = stage.watcher.standing().watches.find(({ what }) => what.startsWith('Pods'))!;
    expect(failing.failing!.why).toMatch(
      /403.*grant list and watch on pods in all namespaces; it says: pods is forbidden/,
    );
  });

  test('that answers questions about Pods only after a while', async () => {
    const stage = await openWatcherStage();
    let refusals = 0;
    stage.cluster.fault = (response, { query }) => {
      if (!(query.get('labelSelector') ?? '').includes(' in ') || refusals++ >= 2) return false;
      response.writeHead(503).end();
      return true;
    };
    stage.cluster.put('pods', pod({ uid: 'u' }, 'p', POD_STATUS.exit));
    stage.cluster.put('jobs', job({ uid: 'u' }, STATUS.failed));
    const [event] = await stage.toldOf(1);
    expect(refusals).toBe(3);
    expect(event!.data.message).toContain('exit code 3');
  });
});
