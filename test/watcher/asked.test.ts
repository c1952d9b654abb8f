// What the watcher tells, beside what the adapter of a tick finds when it asks the same cluster: equal ends.
import { expect, test } from 'vitest';
import { kubernetesOutcomes } from '../../shared/adapters/kubernetes/outcomes.ts';
import { parseTime } from '../../shared/core/time.ts';
import { job, jobSet, POD_STATUS, pod, SET_STATUS, STATUS } from '../support/watched-jobs.ts';
import { openWatcherStage } from '../support/watcher-stage.ts';

const child = (set: string) => ({ uid: `${set}-child`, name: `set-${set}-train-0`, set });

test('Jobs and JobSets end alike, whoever looks', async () => {
  const stage = await openWatcherStage(({ put }) => {
    put('jobs', job({ uid: 'good' }, STATUS.complete));
    put('jobs', job({ uid: 'late' }, STATUS.overdue));
    put('jobs', job({ uid: 'memory' }, STATUS.failed));
    put('pods', pod({ uid: 'memory' }, 'memory-p', POD_STATUS.outOfMemory));
    put('jobsets', jobSet({ uid: 'set' }, { restarts: 2, ...SET_STATUS.completed }));
    put('jobsets', jobSet({ uid: 'bad' }, { restarts: 1, ...SET_STATUS.failed('set-bad-train-0') }));
    put('jobs', job(child('bad'), STATUS.failed));
    put('pods', pod(child('bad'), 'bad-p', POD_STATUS.outOfMemory));
  });
  const names = { good: 'job-good', late: 'job-late', memory: 'job-memory', set: 'set-set', bad: 'set-bad' };
  const told = await stage.toldOf(Object.keys(names).length);

  const outcomes = kubernetesOutcomes({
    clusters: { main: { endpoint: stage.cluster.endpoint, auth: 'none' } },
    readYaml: async () => null,
  });
  const place = { cluster: 'main', location: null, namespace: 'ml', knownAt: Date.now() };
  const found = await outcomes.look(
    Object.entries(names).map(([uid, jobName]) => ({ ...place, uuid: uid, jobUid: uid, jobName })),
  );
  for (const { data } of told) {
    const time = (text: unknown) => (typeof text === 'string' ? parseTime(text) : null);
    const end = {
      outcome: data.outcome,
      finishedAt: time(data.finished_at),
      startedAt: time(data.started_at),
      failures: data.num_failures,
      reason: data.reason,
      message: data.message ?? '',
    };
    expect(found.get(data.run_id), data.run_id).toEqual({ kind: 'ended', end });
  }
  expect(told.map(({ data }) => data.outcome).sort()).toEqual([
    'oom',
    'oom',
    'success',
    'success',
    'timeout',
  ]);
});
