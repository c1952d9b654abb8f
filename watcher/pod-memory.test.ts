import { expect, test } from 'vitest';
import { POD_STATUS, pod } from '../test/support/watched-jobs.ts';
import { makePodMemory, type OwnerState } from './pod-memory.ts';

function memory(state: OwnerState = 'open') {
  const states = new Map<string, OwnerState>();
  const kept = makePodMemory((owner) => states.get(owner) ?? state);
  return {
    ...kept,
    states,
    names: (owner: string) => kept.failed(owner).map(({ name }) => name),
    held: () => kept.size,
  };
}

const OWNER = { uid: 'u' };
const running = { ...POD_STATUS.running };

test('Pods that failed are remembered under their Job, those of a JobSet under the JobSet', () => {
  const { seen, names, forget, held, states } = memory();
  // Nobody tells of a Job whose JobSet is told of.
  states.set('child', 'unknown');
  seen(pod(OWNER, 'a', POD_STATUS.exit));
  seen(pod({ uid: 'child', set: 's' }, 'b', POD_STATUS.outOfMemory));
  seen(pod(OWNER, 'c', running));
  expect([names('u'), names('s'), names('child')]).toEqual([['a'], ['b'], []]);
  forget('u');
  expect([names('u'), held()]).toEqual([[], 1]);
});

test('of those that are deleted only what has a cause is', () => {
  const { deleted, names } = memory();
  deleted(pod(OWNER, 'drained', { ...POD_STATUS.preempted, phase: 'Running' }));
  deleted(pod(OWNER, 'killed', { ...POD_STATUS.outOfMemory, phase: 'Running' }));
  deleted(pod(OWNER, 'by-hand', running));
  deleted(pod(OWNER, 'done', { ...POD_STATUS.preempted, phase: 'Succeeded' }));
  expect(names('u')).toEqual(['drained', 'killed']);
});

test('why a Pod waits is remembered until it does not, also when it was deleted waiting', () => {
  const { seen, deleted, waiting } = memory();
  seen(pod(OWNER, 'a', POD_STATUS.noImage));
  expect(waiting('u')).toContain('ImagePullBackOff');
  seen(pod(OWNER, 'a', running));
  expect(waiting('u')).toBeNull();
  seen(pod(OWNER, 'a', POD_STATUS.unscheduled));
  seen(pod(OWNER, 'a', POD_STATUS.exit));
  expect(waiting('u')).toBeNull();
  seen(pod(OWNER, 'b', POD_STATUS.unscheduled));
  deleted(pod(OWNER, 'b', POD_STATUS.unscheduled));
  expect(waiting('u')).toContain('Unschedulable');
});

test('nothing is kept of those whose end was told, nor of what goes after its Job', () => {
  const { seen, deleted, states, held } = memory('unknown');
  states.set('told', 'over');
  seen(pod({ uid: 'told' }, 'a', POD_STATUS.exit));
  deleted(pod(OWNER, 'a', POD_STATUS.outOfMemory));
  const leaving = pod(OWNER, 'b', POD_STATUS.exit);
  seen({ ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: '2026-11-20T01:00:00Z' } });
  expect(held()).toBe(0);
  // It may be there before its Job is seen.
  seen(pod(OWNER, 'c', POD_STATUS.exit));
  expect(held()).toBe(1);
  deleted(pod(OWNER, 'c', POD_STATUS.exit));
  expect(held()).toBe(0);
});

test('it does not grow without end, and takes nothing that is no Pod', () => {
  const { seen, names, held } = memory();
  for (let n = 0; n < 6_000; n++) seen(pod({ uid: `u-${n}` }, 'a', POD_STATUS.exit));
  for (let n = 0; n < 100; n++) seen(pod({ uid: 'many' }, `p-${n}`, POD_STATUS.exit));
  for (const strange of [null, {}, { metadata: { uid: 'x', name: 'x', namespace: 'x' } }]) seen(strange);
  expect(held()).toBe(5_000);
  expect([names('u-0'), names('u-5999'), names('many').length]).toEqual([[], ['a'], 16]);
});
