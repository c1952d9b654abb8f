import { eventFilesContract } from '../../../test/contracts/event-files.ts';
import { Bucket } from '../../../test/support/bucket.ts';
import { gcsEventFiles } from './event-files.ts';

eventFilesContract('Cloud Storage as this project understands it', async (files) => {
  const bucket = new Bucket();
  for (const [name, bytes] of Object.entries(files)) bucket.put(name, bytes);
  const { fetch } = bucket;
  return {
    store: gcsEventFiles({ endpoint: 'http://storage.test', fetch }),
    place: (path) => `gs://bkt/${path}`,
    changed: 'unavailable',
    change: async (path, bytes) => {
      if (bytes === null) bucket.objects.delete(path);
      else bucket.put(path, bytes);
    },
  };
});
