import { expect, test } from 'vitest';
import { S3Bucket } from '../../../test/support/s3-bucket.ts';
import { type S3CheckOptions, s3Checks } from './check.ts';

const credentials = async () => ({ accessKeyId: 'AKIA', secretAccessKey: 's' });

async function checked(bucket: S3Bucket, roots: readonly string[], more: Partial<S3CheckOptions> = {}) {
  const [one] = await s3Checks({
    roots,
    endpoint: 'http://s3.test',
    credentials,
    fetch: bucket.fetch,
    ...more,
  });
  return one!;
}

function bucketOf(...names: string[]): S3Bucket {
  const bucket = new S3Bucket();
  for (const name of names) bucket.put(name, name);
  return bucket;
}

test('a root that may be listed and read is so, with two requests', async () => {
  const bucket = bucketOf('m/a', 'm/b');
  expect(await checked(bucket, ['s3://bkt/m'])).toEqual({
    what: 'model root s3://bkt/m',
    state: 'ok',
    detail: 'may be listed and read',
  });
  expect(bucket.asked.map(({ method }) => method)).toEqual(['GET', 'HEAD']);
});

test('of an empty root nobody can say whether it may be read', async () => {
  expect(await checked(bucketOf('n/a'), ['s3://bkt/m'])).toMatchObject({ state: 'note' });
});

test('what may be listed and not read is bad, with the right that is missing', async () => {
  const bucket = bucketOf('m/a');
  bucket.before = ({ method }) => (method === 'HEAD' ? new Response(null, { status: 403 }) : null);
  expect(await checked(bucket, ['s3://bkt/m'])).toMatchObject({
    state: 'bad',
    detail:
      'Cannot read what is under "s3://bkt/m": the service answered 403; it takes s3:ListBucket on the bucket and s3:GetObject on what is in it',
  });
});

test.each<[string, string, S3CheckOptions['credentials'] | undefined, string]>([
  ['a bucket that is not there', 's3://none-such/m', undefined, 'there is no bucket "none-such"'],
  ['a root that is none', 's3://bkt/../m', undefined, 'a part of its name is "." or ".."'],
  [
    'a key that cannot be had',
    's3://bkt/m',
    () => Promise.reject(new Error('profile "x" was not found')),
    'profile "x" was not found',
  ],
])('%s is told', async (_what, root, other, words) => {
  const more = other === undefined ? {} : { credentials: other };
  expect(await checked(bucketOf('m/a'), [root], more)).toMatchObject({
    state: 'bad',
    detail: expect.stringContaining(words),
  });
});
