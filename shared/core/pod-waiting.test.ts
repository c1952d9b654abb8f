import { expect, test } from 'vitest';
import { POD_STATUS, pod } from '../../test/support/watched-jobs.ts';
import { waitingWords } from './pod-waiting.ts';

const words = (status: object) => waitingWords(pod({ uid: 'u' }, 'p', status));
const waits = (reason: unknown, message?: unknown) => ({
  containerStatuses: [{ name: 'train', state: { waiting: { reason, message } } }],
});

test.each<[string, object, string | null]>([
  ['runs', POD_STATUS.running, null],
  ['ended', POD_STATUS.exit, null],
  ['just begins', waits('ContainerCreating'), null],
  [
    'has no image',
    POD_STATUS.noImage,
    'container "train" of Pod "p" waits: ImagePullBackOff: Back-off pulling image "train:gone"',
  ],
  ['says no more than a word', waits('ErrImagePull'), 'container "train" of Pod "p" waits: ErrImagePull'],
  [
    'waits for its init container',
    { initContainerStatuses: [{ name: 'publisher', state: { waiting: { reason: 'InvalidImageName' } } }] },
    'container "publisher" of Pod "p" waits: InvalidImageName',
  ],
  [
    'finds no node',
    POD_STATUS.unscheduled,
    'Pod "p" waits: Unschedulable: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu.',
  ],
  ['says strange things', waits(['ErrImagePull'], 3), null],
  [
    'says things that must stand on one line',
    waits('CrashLoopBackOff', 'a\r\nb\u0000c'),
    'container "train" of Pod "p" waits: CrashLoopBackOff: a b c',
  ],
])('a Pod that %s', (_, status, said) => {
  expect(words(status)).toBe(said);
});

test('what is no Pod waits for nothing, and words have an end', () => {
  expect([null, {}, { metadata: {} }, 'Pod'].map(waitingWords)).toEqual([null, null, null, null]);
  expect(words(waits('ErrImagePull', 'x'.repeat(10_000)))!.length).toBeLessThan(500);
});
