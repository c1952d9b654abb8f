import { expect, test } from 'vitest';
import { signed } from './sign.ts';

// "Examples: Signature Calculations in AWS Signature Version 4" in Amazon's S3 API Reference, whose key this is.
const KEY = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const ADDRESS = { origin: 'https://examplebucket.s3.amazonaws.com', base: '' };
const AT = new Date('2013-05-24T00:00:00Z');

test.each([
  [
    'GET Object',
    { path: '/test.txt', query: {}, headers: { range: 'bytes=0-9' } },
    'host;range;x-amz-content-sha256;x-amz-date',
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  ],
  [
    'List Objects',
    { path: '/', query: { 'max-keys': '2', prefix: 'J' }, headers: {} },
    'host;x-amz-content-sha256;x-amz-date',
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  ],
])('the example %s has the signature that Amazon gives for it', async (_what, request, names, signature) => {
  const unsigned = { method: 'GET', address: ADDRESS, region: 'us-east-1', at: AT, ...request };
  const { authorization, host } = await signed(unsigned, KEY);
  expect(authorization).toBe(
    `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=${names}, Signature=${signature}`,
  );
  expect(host).toBeUndefined();
});

test('a key that ends brings its token', async () => {
  const unsigned = {
    method: 'GET',
    address: ADDRESS,
    region: 'us-east-1',
    path: '/',
    query: {},
    headers: {},
  };
  const headers = await signed(unsigned, { ...KEY, sessionToken: 'of an hour' });
  expect(headers).toMatchObject({ 'x-amz-security-token': 'of an hour' });
  expect(headers.authorization).toContain('x-amz-security-token');
});
