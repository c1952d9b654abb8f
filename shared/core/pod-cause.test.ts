import { describe, expect, test } from 'vitest';
import type { EndedContainer, PodObject } from './job-object.ts';
import { readPod } from './job-object.ts';
import { podCause } from './pod-cause.ts';

type Change = Partial<PodObject>;

const pod = (name: string, change: Change = {}): PodObject => ({
  name,
  jobUid: 'uid-1',
  phase: 'Failed',
  reason: '',
  message: '',
  endedAt: 1_000,
  conditions: [],
  containers: [{ name: 'main', reason: 'Error', exitCode: 1 }],
  ...change,
});
const ended = (reason: string, exitCode: number): EndedContainer => ({ name: 'main', reason, exitCode });
const disrupted = (reason: string): Change => ({
  conditions: [{ type: 'DisruptionTarget', reason, message: 'made room', since: null }],
});
const OOM: Change = { containers: [ended('OOMKilled', 137)] };
// The five reasons that Kubernetes gives for the condition, from the page on disruptions of its documentation.
const REASONS = [
  'PreemptionByScheduler',
  'DeletionByTaintManager',
  'EvictionByEvictionAPI',
  'DeletionByPodGC',
  'TerminationByKubelet',
];

describe('why Pods failed', () => {
  test.each<[string, readonly PodObject[], object | null]>([
    ['nobody is left to tell', [], null],
    ['those that succeeded do not count', [pod('a', { phase: 'Succeeded', ...OOM })], null],
    ['nor do those that still run', [pod('a', { phase: 'Running', ...OOM })], null],
    ['out of memory', [pod('a', OOM)], { outcome: 'oom', reason: 'OOMKilled' }],
    [
      'one of several out of memory, whichever ended last',
      [pod('a', OOM), pod('b', { endedAt: 2_000 })],
      { outcome: 'oom', message: 'container "main" of Pod "a" ran out of memory' },
    ],
    [
      'an exit code of 137 alone is no proof of it',
      [pod('a', { containers: [ended('Error', 137)] })],
      { outcome: 'failure', message: 'container "main" of Pod "a" ended with exit code 137' },
    ],
    [
      'taken away by its node for memory it had not asked for',
      [
        pod('a', {
          reason: 'Evicted',
          message: 'The node was low on resource: memory. ',
          ...disrupted('TerminationByKubelet'),
        }),
      ],
      { outcome: 'oom', reason: 'Evicted' },
    ],
    [
      'taken away by its node for its disk',
      [
        pod('a', {
          reason: 'Evicted',
          message: 'The node was low on resource: ephemeral-storage. ',
          ...disrupted('TerminationByKubelet'),
        }),
      ],
      { outcome: 'preempted', reason: 'TerminationByKubelet' },
    ],
    [
      'its own disk limit is its own fault: no disruption is said then',
      [
        pod('a', {
          reason: 'Evicted',
          message: 'Pod ephemeral local storage usage exceeds the total limit',
          containers: [],
        }),
      ],
      {
        outcome: 'failure',
        message: 'Pod "a" failed: Pod ephemeral local storage usage exceeds the total limit',
      },
    ],
    [
      'an older cluster says it in the reason',
      [pod('a', { reason: 'Preempting', message: 'for a critical Pod' })],
      { outcome: 'preempted', reason: 'Preempting', message: 'Pod "a" was taken away: for a critical Pod' },
    ],
    [
      'all taken away',
      [pod('a', disrupted('PreemptionByScheduler')), pod('b', disrupted('EvictionByEvictionAPI'))],
      { outcome: 'preempted', reason: 'EvictionByEvictionAPI' },
    ],
    [
      'one taken away and one failed: it failed',
      [pod('a', disrupted('PreemptionByScheduler')), pod('b', { endedAt: 2_000 })],
      { outcome: 'failure', message: 'container "main" of Pod "b" ended with exit code 1' },
    ],
    [
      'the last that ended is told of, whatever the order of the list',
      [pod('b', { endedAt: 2_000 }), pod('a', { endedAt: 1_000 })],
      { outcome: 'failure', message: expect.stringContaining('"b"') },
    ],
    [
      'one that never started',
      [pod('a', { endedAt: null, containers: [] })],
      { outcome: 'failure', reason: null, message: 'Pod "a" failed' },
    ],
  ])('%s', (_, pods, expected) => {
    if (expected === null) expect(podCause(pods)).toBeNull();
    else expect(podCause(pods)).toMatchObject(expected);
  });

  test.each(REASONS)('taken away: %s', (reason) => {
    expect(podCause([pod('a', disrupted(reason))])).toEqual({
      outcome: 'preempted',
      reason,
      message: 'Pod "a" was taken away: made room',
    });
  });
});

test('a container that was started again shows its earlier end', () => {
  const terminated = { reason: 'OOMKilled', exitCode: 137, finishedAt: '2026-11-23T03:00:05Z' };
  const containerStatuses = [{ name: 'main', state: { waiting: {} }, lastState: { terminated } }];
  const read = readPod({ metadata: { name: 'a' }, status: { phase: 'Failed', containerStatuses } });
  expect(read?.endedAt).toBe(Date.parse('2026-11-23T03:00:05Z'));
  expect(podCause([read!])).toMatchObject({ outcome: 'oom' });
});

test('an init container may be what ran out of memory', () => {
  const initContainerStatuses = [
    { name: 'data', state: { terminated: { reason: 'OOMKilled', exitCode: 137 } } },
  ];
  const read = readPod({ metadata: { name: 'a' }, status: { phase: 'Failed', initContainerStatuses } });
  expect(podCause([read!])?.message).toBe('container "data" of Pod "a" ran out of memory');
});
