import { expect, test } from 'vitest';
import { remoteSourceContract } from '../../../test/contracts/remote-source.ts';
import { PortError } from '../../ports/error.ts';
import type { RemoteRequest } from '../../ports/source.ts';
import { memoryRemoteSource } from './remote-source.ts';

const run = (id: string, connection = 'tracking'): RemoteRequest => ({ kind: 'mlflow', connection, run: id });

remoteSourceContract('memory', async (points) => ({
  source: memoryRemoteSource({
    tracking: (request) =>
      'run' in request && request.run === 'known' ? { values: [], points, notes: [] } : null,
  }),
  connection: 'tracking',
  request: run('known'),
  missing: run('unknown'),
  refused: run('known', 'other'),
  unreachable: memoryRemoteSource({
    tracking: () => {
      throw new PortError('unavailable', 'Cannot read from the connection tracking: nobody listens');
    },
  }),
  stranger: null,
}));

test('what every object has is no connection', async () => {
  await expect(memoryRemoteSource({}).read(run('known', 'constructor'))).rejects.toMatchObject({
    code: 'invalid',
  });
});
