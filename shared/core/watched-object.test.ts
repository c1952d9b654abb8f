import { describe, expect, test } from 'vitest';
import { readWatched, readWatchLine, versionOf } from './watched-object.ts';

describe('a line of a watch', () => {
  const object = { kind: 'Job', metadata: { resourceVersion: '17' } };
  const line = (type: unknown, about: unknown = object) => JSON.stringify({ type, object: about });

  test.each([
    ['ADDED', 'seen'],
    ['MODIFIED', 'seen'],
    ['DELETED', 'deleted'],
    ['BOOKMARK', 'bookmark'],
  ])('%s is %s, at the version of its object', (type, kind) => {
    expect(readWatchLine(line(type))).toEqual({ kind, object, version: '17' });
  });

  test('an object that tells no version moves nothing on', () => {
    expect(readWatchLine(line('ADDED', {}))).toMatchObject({ kind: 'seen', version: null });
  });

  test('an error has its code, and words on one short line', () => {
    const gone = { kind: 'Status', code: 410, message: `too old\r\n${'x'.repeat(1000)}` };
    const read = readWatchLine(line('ERROR', gone));
    expect(read).toEqual({ kind: 'error', code: 410, message: expect.stringMatching(/^too old x+$/) });
    expect(readWatchLine(line('ERROR', { code: '410' }))).toEqual({ kind: 'error', code: 500, message: '' });
  });

  test.each([
    ['half a line', '{"type":"ADDED","obj'],
    ['an empty line', ''],
    ['the page of a proxy', '<html>'],
    ['a list', '[]'],
    ['a type nobody knows', line('RENAMED')],
    ['a type called like a part of every object', line('constructor')],
    ['no type', line(undefined)],
    ['no object', JSON.stringify({ type: 'ADDED' })],
    ['an object that is none', line('ADDED', [1])],
  ])('%s is none', (_, text) => {
    expect(readWatchLine(text)).toBeNull();
  });
});

describe('who an object is', () => {
  const metadata = { uid: 'u', name: 'n', namespace: 'ns' };
  const owner = (kind: string) => [{ apiVersion: 'v1', kind, name: 'x', uid: 'y' }];

  test.each([
    ['a Job of nobody', {}, null],
    ['a Job of a CronJob', { ownerReferences: owner('CronJob') }, null],
    ['a Job that a JobSet owns', { ownerReferences: owner('JobSet') }, 'y'],
    [
      'a Job of nobody with the label of a JobSet',
      { labels: { 'jobset.sigs.k8s.io/jobset-name': 'x', 'jobset.sigs.k8s.io/jobset-uid': 'y' } },
      null,
    ],
    ['a Job with owners that are none', { ownerReferences: ['JobSet'] }, null],
  ])('%s', (_, more, jobSet) => {
    expect(readWatched({ metadata: { ...metadata, ...more } })).toMatchObject({ uid: 'u', jobSet });
  });

  test.each([
    ['no uid', { uid: '' }],
    ['no namespace', { namespace: undefined }],
    ['a name that is no text', { name: 7 }],
    ['a name that no object can have', { name: 'x'.repeat(1000) }],
  ])('nobody with %s', (_, change) => {
    expect(readWatched({ metadata: { ...metadata, ...change } })).toBeNull();
  });

  test('nothing without metadata, and labels that are none are no labels', () => {
    expect(readWatched('Job')).toBeNull();
    expect(readWatched({})).toBeNull();
    expect(readWatched({ metadata: { ...metadata, labels: ['a'] } })!.labels).toEqual({});
    expect([versionOf({ metadata: { resourceVersion: '' } }), versionOf(null)]).toEqual([null, null]);
  });
});
