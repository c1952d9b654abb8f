import { expect, test } from 'vitest';
import { openEventFiles, s3Settings } from './event-files.ts';

test.each([
  [{}, {}],
  [{ AWS_REGION: 'eu-central-1', AWS_DEFAULT_REGION: 'us-east-2' }, { region: 'eu-central-1' }],
  [{ AWS_DEFAULT_REGION: 'us-east-2', AWS_ENDPOINT_URL: '' }, { region: 'us-east-2' }],
  [
    { AWS_ENDPOINT_URL: 'http://a.test', AWS_ENDPOINT_URL_S3: 'https://b.test', AWS_REGION: 'at home' },
    { endpoint: 'https://b.test', region: 'at home' },
  ],
])('the variables %j reach S3 as %j', async (env, wanted) => {
  expect(await s3Settings(env)).toEqual(wanted);
});

test.each([
  [{ AWS_REGION: 'evil.test/' }, 'Cannot use AWS_REGION "evil.test/": wanted one such as eu-central-1'],
  [
    { AWS_ENDPOINT_URL: 'minio:9000' },
    'Cannot use AWS_ENDPOINT_URL: wanted http://HOST:PORT or https://HOST',
  ],
])('%j cannot be meant', async (env, message) => {
  await expect(s3Settings(env)).rejects.toThrow(message);
});

test('a root in a store far away has several runs read at once, and a place of no store is refused', async () => {
  const far = await openEventFiles({ roots: ['s3://bkt/m'], onOneMachine: true }, {});
  const near = await openEventFiles({ roots: ['/srv/models'], onOneMachine: true }, {});
  expect([far.concurrency, near.concurrency]).toEqual([16, 1]);
  await expect(near.list('s3://bkt/m')).rejects.toMatchObject({ code: 'denied' });
  await expect(near.list('ftp://host/m')).rejects.toThrow('this version reads folders, gs:// and s3:// only');
});
