import type { SourceReading } from '../../core/sources/reading.ts';
import { PortError } from '../../ports/error.ts';
import type { RemoteRequest, RemoteSource } from '../../ports/source.ts';

/**
 * Servers in memory: `answer` gives what one holds for a request, null where it has nothing of the kind, or throws. A
 * connection that is not among `connections` is none.
 */
export function memoryRemoteSource(
  connections: Readonly<Record<string, (request: RemoteRequest) => SourceReading | null>>,
): RemoteSource {
  return {
    async read(request) {
      const cannot = `Cannot read from the connection ${request.connection}`;
      const answer = Object.hasOwn(connections, request.connection) ? connections[request.connection] : null;
      if (!answer) throw new PortError('invalid', `${cannot}: the config file has no such connection`);
      const reading = answer(request);
      if (reading === null) throw new PortError('not-found', `${cannot}: it has nothing of the kind`);
      return reading;
    },
    close: async () => {},
  };
}
