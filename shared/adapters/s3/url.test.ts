import { expect, test } from 'vitest';
import { gateOf, parseObjectUrl } from '../remote/place.ts';
import { addressOf, escapedPath, isRegion, S3 } from './url.ts';

const parse = (text: string) => parseObjectUrl(S3, text, { cannot: 'Cannot read' });

test.each([
  ['s3://my-bucket/runs/1/', 'my-bucket', 'runs/1'],
  ['s3://My_Old.Bucket/x', 'My_Old.Bucket', 'x'],
  ['s3://my-bucket', 'my-bucket', ''],
])('%s is a place', (text, bucket, name) => {
  expect(parse(text)).toEqual({ bucket, name });
});

test.each([
  ['gs://bkt/x', 'it is no place in S3; write s3://BUCKET/FOLDER'],
  ['s3://bkt:80/x', '"bkt:80" cannot be the name of a bucket'],
  ['s3://key@bkt/x', '"key@bkt" cannot be the name of a bucket'],
  ['s3://a..b/x', '"a..b" cannot be the name of a bucket'],
  ['s3://bkt/a/../b', 'a part of its name is "." or ".."'],
])('%s is refused', (text, why) => {
  expect(() => parse(text)).toThrow(`Cannot read ${JSON.stringify(text)}: ${why}`);
});

test('a root lets through what is under it in S3, and nothing of the same name elsewhere', () => {
  const gate = gateOf(S3, ['s3://bkt/runs', 'gs://other']);
  expect(gate(parse('s3://bkt/runs/1'))).toBe(true);
  expect(gate(parse('s3://bkt/runs-2'))).toBe(false);
  expect(gate(parse('s3://other/runs'))).toBe(false);
});

test.each([
  ['bkt', undefined, 'eu-central-1', 'https://bkt.s3.eu-central-1.amazonaws.com', ''],
  ['a.b', undefined, 'us-east-1', 'https://s3.us-east-1.amazonaws.com', '/a.b'],
  ['Old_One', undefined, 'us-east-1', 'https://s3.us-east-1.amazonaws.com', '/Old_One'],
  ['bkt', undefined, 'cn-north-1', 'https://bkt.s3.cn-north-1.amazonaws.com.cn', ''],
  ['bkt', 'http://127.0.0.1:9000', 'us-east-1', 'http://127.0.0.1:9000', '/bkt'],
  ['bkt', 'https://minio.test/s3/', 'us-east-1', 'https://minio.test', '/s3/bkt'],
])('bucket %s with endpoint %s in %s is asked at %s%s', (bucket, endpoint, region, origin, base) => {
  expect(addressOf(bucket, { endpoint, region })).toEqual({ origin, base });
});

test.each([
  ['us-east-1', true],
  ['us-gov-west-1', true],
  ['ap-southeast-12', true],
  ['evil.test/', false],
  ['us-east-1.evil.test', false],
  ['', false],
])('%s: a region, %s', (text, is) => {
  expect(isRegion(text)).toBe(is);
});

test('a name is escaped as the signature wants it, its slashes kept', () => {
  expect(escapedPath("a b+c!'()*/~ü-._")).toBe('a%20b%2Bc%21%27%28%29%2A/~%C3%BC-._');
});
