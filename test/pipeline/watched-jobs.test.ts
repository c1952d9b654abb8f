// What the watcher tells of Jobs as a real cluster had them, beside what a tick learns by asking: equal rows.
import { expect, test } from 'vitest';
import { type MemoryCluster, memoryOutcomes } from '../../shared/adapters/memory/outcomes.ts';
import { tick } from '../../shared/pipeline/tick.ts';
import type { Outcomes } from '../../shared/ports/outcomes.ts';
import { RECORDINGS, type Recording } from '../support/kubernetes-recordings.ts';
import type { ClusterObject } from '../support/watched-cluster.ts';
import { openWatcherStage, type Told } from '../support/watcher-stage.ts';
import { makeWorld, settingsOf, tablesOf } from '../support/world.ts';

const recordings = [...RECORDINGS.values()];
const NOW = Math.max(...recordings.map(({ knownAt }) => Date.parse(knownAt))) + 60_000;
const ENDED = 14;

/** A recorded object with the label that templates set. */
function labelled(item: unknown, testName: string): ClusterObject {
  const object = item as ClusterObject;
  const labels = { ...object.metadata.labels, benchmarkId: testName };
  return { ...object, metadata: { ...object.metadata, labels } };
}

/** What a watcher tells that sees all the recorded objects. */
async function watched(): Promise<readonly Told[]> {
  const stage = await openWatcherStage(({ put }) => {
    for (const { name, jobs, pods } of recordings) {
      for (const item of jobs.items) put('jobs', labelled(item, name));
      for (const item of pods.items) put('pods', labelled(item, name));
    }
  });
  return stage.toldOf(ENDED);
}

function announced({ name, jobName, jobUid }: Recording): Uint8Array {
  const place = { cluster_name: 'main', zone: 'here', job_namespace: name };
  const body = { test_name: name, job_name: jobName, job_uid: jobUid, ...place };
  return new TextEncoder().encode(JSON.stringify(body));
}

function asking(): Outcomes {
  const objects: MemoryCluster['objects'] = {};
  for (const { name, jobs, pods } of recordings) {
    objects[name] = { jobs: [...jobs.items], pods: [...pods.items] };
  }
  return memoryOutcomes({ main: { location: 'here', objects } });
}

/** The rows after passes of these kinds, one after the other. */
async function rowsAfter(passes: readonly ('announced' | 'told' | 'asked')[], told: readonly Told[]) {
  const owned = Object.fromEntries(recordings.map(({ name }) => [name, { owner: 'owner@example.com' }]));
  const world = makeWorld(settingsOf(owned));
  const { queue } = world.ports;
  for (const [n, pass] of passes.entries()) {
    if (pass === 'announced')
      for (const one of recordings)
        await queue.publish(announced(one), one.name, { publishTime: Date.parse(one.knownAt) });
    if (pass === 'told')
      for (const { id, text } of told)
        await queue.publish(new TextEncoder().encode(text), id, { publishTime: NOW + n });
    const outcomes = pass === 'asked' ? asking() : null;
    await tick({ ...world.ports, outcomes, clock: { now: () => NOW + n } }, world.settings);
  }
  const rejected = await world.ports.history.rejected();
  const alerts = world.store.notices.size;
  return { ...tablesOf(world.store), rejected, alerts };
}

test('rows are equal whether a tick asks, the watcher tells, or both, in any order, and told twice', async () => {
  const told = await watched();
  expect(told).toHaveLength(ENDED);
  const asked = await rowsAfter(['announced', 'asked'], told);
  expect(asked.job_history).toHaveLength(ENDED);
  expect(asked.alerts).toBeGreaterThan(5);
  const orders = [
    ['announced', 'told'],
    ['told', 'announced'],
    ['announced', 'told', 'asked'],
    ['announced', 'asked', 'told'],
    ['told', 'announced', 'asked', 'told'],
  ] as const;
  for (const order of orders) expect(await rowsAfter(order, told), order.join()).toEqual(asked);
});

test('a run that nobody announced is known by what the watcher tells alone', async () => {
  const told = await watched();
  const { job_history: rows, rejected } = await rowsAfter(['told'], told);
  expect(rejected).toEqual([]);
  const uids = new Map(recordings.map(({ jobUid, name }) => [jobUid, name]));
  expect(rows.map(({ runId, testName }) => uids.get(runId) === testName)).toEqual(Array(ENDED).fill(true));
});
