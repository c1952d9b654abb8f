import { describe, expect, test } from 'vitest';
import { gateOf } from '../remote/place.ts';
import { GCS, parseGcsUrl } from './url.ts';

const parse = (text: string) => parseGcsUrl(text, 'Cannot read');

test.each([
  ['gs://my-bucket/runs/1', 'my-bucket', 'runs/1'],
  ['gs://my-bucket/runs/1/', 'my-bucket', 'runs/1'],
  ['gs://my-bucket', 'my-bucket', ''],
  ['gs://my-bucket/', 'my-bucket', ''],
  ['gs://a.b_c-1/x#1?y=%2e%2e/ü', 'a.b_c-1', 'x#1?y=%2e%2e/ü'],
  ['gs://bkt/a//b', 'bkt', 'a//b'],
])('%s is a place', (text, bucket, name) => {
  expect(parse(text)).toEqual({ bucket, name });
});

test.each([
  ['another scheme', 's3://bkt/x', 'it is no place in Cloud Storage; write gs://BUCKET/FOLDER'],
  ['a path', '/bkt/x', 'it is no place in Cloud Storage; write gs://BUCKET/FOLDER'],
  ['no bucket', 'gs:///x', '"" cannot be the name of a bucket'],
  ['a bucket that is a path', 'gs://../x', '".." cannot be the name of a bucket'],
  ['a bucket in capitals', 'gs://BKT/x', '"BKT" cannot be the name of a bucket'],
  ['a bucket with a query', 'gs://bkt?x=1/y', '"bkt?x=1" cannot be the name of a bucket'],
  ['a way up', 'gs://bkt/a/../b', 'a part of its name is "." or ".."'],
  ['a way nowhere', 'gs://bkt/./b', 'a part of its name is "." or ".."'],
  ['a line feed', 'gs://bkt/a\nb', 'its name has a control character'],
  ['a NUL', 'gs://bkt/a\0b', 'its name has a control character'],
  ['half a surrogate pair', 'gs://bkt/\ud800', 'its name is no proper Unicode'],
  ['a name of 1,026 bytes', `gs://bkt/${'ü'.repeat(513)}`, 'its name is longer than 1024 bytes'],
])('%s is refused', (_what, text, why) => {
  expect(() => parse(text)).toThrow(
    expect.objectContaining({ code: 'invalid', message: `Cannot read ${JSON.stringify(text)}: ${why}` }),
  );
});

describe('roots', () => {
  const allows = (roots: string[] | undefined, place: string) => gateOf(GCS, roots)(parse(place));

  test.each([
    ['itself', ['gs://bkt/runs'], 'gs://bkt/runs', true],
    ['what is under it', ['gs://bkt/runs'], 'gs://bkt/runs/1/train', true],
    ['not what only begins like it', ['gs://bkt/runs'], 'gs://bkt/runs-private/1', false],
    ['not what is above it', ['gs://bkt/runs'], 'gs://bkt', false],
    ['no other bucket', ['gs://bkt/runs'], 'gs://bkt2/runs/1', false],
    ['a whole bucket', ['gs://bkt'], 'gs://bkt/any', true],
    ['one of several, with a slash at its end', ['gs://a-b/x', 'gs://bkt/runs/'], 'gs://bkt/runs/1', true],
    ['nothing when there are none', [], 'gs://bkt/runs', false],
    ['nothing when all belong to others', ['/runs', 'file:///runs'], 'gs://bkt/runs', false],
    ['everything when nobody said', undefined, 'gs://bkt/runs', true],
  ])('allow %s', (_what, roots, place, allowed) => {
    expect(allows(roots, place)).toBe(allowed);
  });

  test('that cannot be meant are refused when they are given', () => {
    expect(() => gateOf(GCS, ['gs://bkt/../x'])).toThrow(
      'Cannot use the model root "gs://bkt/../x": a part of its name is "." or ".."',
    );
  });
});
