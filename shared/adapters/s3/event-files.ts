import type { EventFiles } from '../../ports/event-files.ts';
import { RemoteFailure } from '../remote/failure.ts';
import { type ObjectFilesOptions, objectFiles } from '../remote/object-files.ts';
import type { ObjectStore } from '../remote/object-store.ts';
import { type S3Connection, S3Http } from './http.ts';
import { isVersion, lookUp, pageOf } from './listing.ts';
import { S3 } from './url.ts';

/** `roots` are written as `s3://BUCKET` or `s3://BUCKET/FOLDER`. */
export interface S3EventFilesOptions extends S3Connection, ObjectFilesOptions {}

/** What reading takes, for sentences. */
export const S3_RIGHT = 'it takes s3:ListBucket on the bucket and s3:GetObject on what is in it';

/** Files in S3, places as `s3://BUCKET/FOLDER`; what is read are the bytes with the ETag that was listed. */
export function s3EventFiles(options: S3EventFilesOptions = {}): EventFiles {
  return objectFiles(storeOf(new S3Http(options)), options);
}

function storeOf(http: S3Http): ObjectStore {
  return {
    kind: S3,
    right: S3_RIGHT,
    isVersion,
    page: (bucket, at) => pageOf(http, bucket, at),
    lookUp: (place) => lookUp(http, place),
    async ask({ bucket, name, bytes, version }, at, waits) {
      const headers = { range: `bytes=${at}-${bytes - 1}`, 'if-match': `"${version}"` };
      const response = await http.send({ bucket, name, headers }, waits);
      const encoding = response.headers.get('content-encoding') ?? 'identity';
      // The service hands on what was said when it was stored, and `fetch` would unpack it.
      if (encoding !== 'identity' && encoding !== '')
        throw new RemoteFailure(
          'refused',
          `it is stored with content encoding ${JSON.stringify(encoding.slice(0, 40))}; store it as it is`,
        );
      const tag = response.headers.get('etag');
      if (tag !== null && tag.replace(/^"(.*)"$/, '$1') !== version)
        throw new RemoteFailure('changed', 'it has another ETag than was listed');
      return response;
    },
    waits: () => http.waits(),
  };
}
