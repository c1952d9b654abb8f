import { expect, test } from 'vitest';
import { lookAt, outcomesContract } from '../../../test/contracts/outcomes.ts';
import { knownJob, manyJobs, RECORDINGS, recording } from '../../../test/support/kubernetes-recordings.ts';
import { type MemoryCluster, memoryOutcomes } from './outcomes.ts';

function cluster(change: Partial<MemoryCluster> = {}): MemoryCluster {
  const objects: MemoryCluster['objects'] = {};
  for (const { name, jobs, pods } of RECORDINGS.values()) {
    objects[name] = { jobs: [...jobs.items], pods: [...pods.items] };
  }
  return { objects, ...change };
}

outcomesContract('memory', async () => {
  const main = cluster({ location: 'here' });
  const outcomes = memoryOutcomes({
    main,
    limited: cluster({ namespaces: ['allowed'] }),
    down: cluster({ down: 'Cluster "down" is asleep' }),
    named: null,
  });
  return {
    outcomes,
    stage: async (scenario) => knownJob(recording(scenario)),
    async fill(count) {
      const { objects, known } = manyJobs(count);
      main.objects.many = { jobs: objects, pods: [] };
      return known;
    },
  };
});

test('what is in a cluster may change between two looks, and each look is kept', async () => {
  const main = cluster({ objects: {} });
  const outcomes = memoryOutcomes({ main });
  const job = { ...knownJob(recording('success')), location: null };
  expect(await lookAt(outcomes, job)).toEqual({ kind: 'gone' });
  main.objects.success = { jobs: [...recording('success').jobs.items], pods: [] };
  expect(await lookAt(outcomes, job)).toMatchObject({ kind: 'ended' });
  main.down = 'asleep';
  expect(await lookAt(outcomes, job)).toEqual({ kind: 'unknown', detail: 'asleep' });
  expect(outcomes.looks).toHaveLength(3);
});
