import { eventFilesContract } from '../../../test/contracts/event-files.ts';
import { memoryEventFiles } from './event-files.ts';

eventFilesContract('memory', async (files) => ({ store: memoryEventFiles(files), place: (path) => path }));
eventFilesContract('memory in chunks of 7 bytes', async (files) => ({
  store: memoryEventFiles(files, { chunk: 7 }),
  place: (path) => path,
}));
