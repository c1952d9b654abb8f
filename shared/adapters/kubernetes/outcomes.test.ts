import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { outcomesContract } from '../../../test/contracts/outcomes.ts';
import { knownJob, manyJobs, recording } from '../../../test/support/kubernetes-recordings.ts';
import { startRecordedServer } from '../../../test/support/recorded-cluster.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { kubernetesOutcomes } from './outcomes.ts';

outcomesContract('kubernetes, from recordings', async () => {
  const server = await startRecordedServer();
  onTestFinished(server.close);
  const { endpoint } = server;
  const token = join(temporaryFolder(), 'token');
  writeFileSync(token, 'secret\n');
  const outcomes = kubernetesOutcomes({
    clusters: {
      main: { endpoint, location: 'here', token_file: token },
      limited: { endpoint, namespaces: ['allowed'], auth: 'none' },
      down: { endpoint: 'http://127.0.0.1:1', auth: 'none' },
      named: null,
    },
    readYaml: async () => null,
    patience: { pauseMs: 1 },
  });
  return {
    outcomes,
    stage: async (scenario) => knownJob(recording(scenario)),
    async fill(count) {
      const { objects, known } = manyJobs(count);
      server.namespaces.set('many', { jobs: { items: objects }, pods: { items: [] } });
      return known;
    },
  };
});
