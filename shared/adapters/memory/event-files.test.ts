import { eventFilesContract } from '../../../test/contracts/event-files.ts';
import { memoryEventFiles } from './event-files.ts';

for (const [name, options] of [
  ['memory', {}],
  ['memory in chunks of 7 bytes', { chunk: 7 }],
] as const) {
  eventFilesContract(name, async (given) => {
    const files = { ...given };
    return {
      store: memoryEventFiles(files, options),
      place: (path) => path,
      changed: 'ends',
      change: async (path, bytes) => {
        if (bytes === null) delete files[path];
        else files[path] = bytes;
      },
    };
  });
}
