import { expect, test } from 'vitest';
import { PortError } from '../../ports/error.ts';
import { networkFailure, portError, RemoteFailure } from './failure.ts';

test('what fetch keeps as a cause is what is told', () => {
  const cause = Object.assign(new Error('getaddrinfo ENOTFOUND storage.test'), { code: 'ENOTFOUND' });
  expect(networkFailure(new TypeError('fetch failed', { cause }))).toMatchObject({
    kind: 'transient',
    message: 'no answer came: getaddrinfo ENOTFOUND storage.test',
  });
  const refused = new AggregateError([], '', {});
  expect(
    networkFailure(
      new TypeError('fetch failed', { cause: Object.assign(refused, { code: 'ECONNREFUSED' }) }),
    ),
  ).toMatchObject({ message: 'no answer came: ECONNREFUSED' });
});

const TELLING = {
  cannot: 'Cannot read "gs://bkt/x"',
  right: 'it takes the role Storage Object Viewer on the bucket',
  missing: ['not-found', 'there is no bucket "bkt"'],
  changed: ['unavailable', 'it was replaced'],
} as const;

test.each([
  ['transient', 'unavailable', 'said'],
  ['credentials', 'unavailable', 'said; check the credentials of this process'],
  ['denied', 'denied', 'said; it takes the role Storage Object Viewer on the bucket'],
  ['refused', 'invalid', 'said'],
  ['missing', 'not-found', 'there is no bucket "bkt"'],
  ['changed', 'unavailable', 'it was replaced'],
] as const)('%s is told as %s', (kind, code, why) => {
  const error = portError(new RemoteFailure(kind, 'said'), TELLING);
  expect(error).toBeInstanceOf(PortError);
  expect(error).toMatchObject({ code, message: `Cannot read "gs://bkt/x": ${why}` });
});

test('a defect of ours is no failure of the service', () => {
  const defect = new TypeError('ours');
  expect(portError(defect, TELLING)).toBe(defect);
});
