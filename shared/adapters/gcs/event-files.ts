import type { EventFiles } from '../../ports/event-files.ts';
import { type ObjectFilesOptions, objectFiles } from '../remote/object-files.ts';
import type { ObjectStore } from '../remote/object-store.ts';
import { type GcsConnection, GcsHttp } from './http.ts';
import { lookUp, pageOf } from './listing.ts';
import { GCS, objectPath } from './url.ts';

/** `roots` are written as `gs://BUCKET` or `gs://BUCKET/FOLDER`. */
export interface GcsEventFilesOptions extends GcsConnection, ObjectFilesOptions {}

/** Files in Cloud Storage, places as `gs://BUCKET/FOLDER`; what is read is the generation that was listed. */
export function gcsEventFiles(options: GcsEventFilesOptions = {}): EventFiles {
  return objectFiles(storeOf(new GcsHttp(options)), options);
}

function storeOf(http: GcsHttp): ObjectStore {
  return {
    kind: GCS,
    right: 'it takes the role Storage Object Viewer on the bucket',
    isVersion: (text) => /^\d+$/.test(text),
    page: (bucket, at) => pageOf(http, bucket, at),
    lookUp: (place) => lookUp(http, place),
    ask: (object, at, waits) => {
      const path = `${objectPath(object)}?alt=media&generation=${object.version}`;
      return http.send({ path, headers: { range: `bytes=${at}-${object.bytes - 1}` } }, waits);
    },
    waits: () => http.waits(),
  };
}
