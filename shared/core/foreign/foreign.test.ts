import { describe, expect, test } from 'vitest';
import { gatherRuns } from '../gather-run.ts';
import { type ParsedMessage, parseMessage } from '../parse-message.ts';
import type { RunEvent } from '../run-event.ts';

const AT = '2026-08-01T02:15:00.000Z';

function published(value: object): ParsedMessage {
  const body = new TextEncoder().encode(JSON.stringify(value));
  return parseMessage({ id: 'm', name: 'm.json', publishTime: Date.parse(AT) + 1, format: 'json', body });
}

function rowOf(value: object): RunEvent {
  const parsed = published(value);
  if (parsed.kind === 'rejected') throw new Error(parsed.rejected.detail);
  return parsed.event;
}

function rejectionOf(value: object) {
  const parsed = published(value);
  return parsed.kind === 'rejected' ? [parsed.rejected.reason, parsed.rejected.detail] : ['none', ''];
}

/** What the rows make of the run. */
function runOf(...values: readonly object[]) {
  const [run, ...others] = gatherRuns(values.map(rowOf));
  expect(others).toStrictEqual([]);
  return run!;
}

describe('OpenLineage', () => {
  // Shaped after the specification, 2-0-2: core model and the facets errorMessage 1-0-0 and tags 1-0-0.
  const event = (eventType: string, more: object = {}, facets: object = {}) => ({
    eventType,
    eventTime: AT,
    run: { runId: '3b452093-782c-4ef2-9c0c-aafe2aa6f34d', facets },
    job: { namespace: 'my-scheduler', name: 'nightly.train' },
    inputs: [],
    outputs: [{ namespace: 'gs://runs', name: 'mnist/7' }],
    producer: 'https://github.com/apache/airflow/tree/providers-openlineage/2.0.0',
    schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
    ...more,
  });

  test.each([
    ['COMPLETE', 'success'],
    ['FAIL', 'failure'],
    ['ABORT', 'cancelled'],
  ])('%s ends the run of a job as %s', (eventType, outcome) => {
    const run = runOf(
      event('START'),
      event('RUNNING', { eventTime: '2026-08-01T02:20:00Z' }),
      event(eventType, { eventTime: '2026-08-01T04:30:00+02:00' }),
    );
    expect(run).toMatchObject({
      testName: 'nightly.train',
      runId: '3b452093-782c-4ef2-9c0c-aafe2aa6f34d',
      startedAt: Date.parse(AT),
      modelDir: 'gs://runs/mnist/7',
      end: { outcome, finishedAt: Date.parse('2026-08-01T02:30:00Z') },
    });
  });

  test.each(['START', 'RUNNING', 'OTHER'])('%s leaves it open', (eventType) => {
    expect(runOf(event(eventType))).toMatchObject({ end: null, lastHeartbeat: null });
  });

  test('says why it failed, and its tags are labels', () => {
    const tags = {
      tags: [{ key: 'version', value: '1.5', source: 'USER' }, { key: 'nightly' }, { value: 'x' }],
    };
    const failed = event(
      'FAIL',
      {},
      { errorMessage: { message: ' No space left ', programmingLanguage: 'x' }, tags },
    );
    expect(runOf(failed).labels).toStrictEqual({ version: '1.5', nightly: 'true' });
    expect(JSON.parse(rowOf(failed).body)).toMatchObject({ message: 'No space left' });
  });

  test('told twice is one row, and each state is another', () => {
    expect(rowOf(event('START'))).toStrictEqual(rowOf(event('START')));
    expect(rowOf(event('FAIL')).eventKey).not.toBe(rowOf(event('ABORT')).eventKey);
  });

  test.each<[string, object[], string | null]>([
    [
      'several outputs',
      [
        { namespace: 'gs://a', name: 'x' },
        { namespace: 's3://b', name: 'y' },
      ],
      null,
    ],
    [
      'a table beside a folder',
      [
        { namespace: 'postgres://db', name: 'a.b' },
        { namespace: 's3://b', name: '/y' },
      ],
      's3://b/y',
    ],
    ['a folder of the machine', [{ namespace: 'file', name: '/runs/7' }], '/runs/7'],
    ['a bucket with a path', [{ namespace: 'gs://a/b', name: 'x' }], null],
    ['none', [], null],
  ])('files are looked for in its only output: %s', (_, outputs, modelDir) => {
    expect(runOf(event('START', { outputs })).modelDir).toBe(modelDir);
  });

  test.each<[string, object, string]>([
    ['another state', event('PAUSED'), 'eventType'],
    ['no time', event('START', { eventTime: 'yesterday' }), 'eventTime'],
    ['no run', event('START', { run: {} }), 'run.runId'],
    ['no name', event('START', { job: { namespace: 'n', name: '' } }), 'job.name'],
  ])('with %s is rejected', (_, value, place) => {
    const [reason, detail] = rejectionOf(value);
    expect(reason).toBe('shape');
    expect(detail).toContain(place);
  });
});

describe('CDEvents', () => {
  // Shaped after the conformance examples of the specification, 0.5.
  const event = (type: string, content: object, more: object = {}) => ({
    context: {
      version: '0.5.0',
      id: '271069a8-fc18-44f1-b38f-9d70a1695819',
      source: '/event/source/123',
      type: `dev.cdevents.${type}.0.3.0`,
      timestamp: AT,
      ...more,
    },
    subject: { id: 'run-123', source: '/event/source/123', content },
  });
  const finished = (content: object) => event('taskrun.finished', { taskName: 'train', ...content });

  test.each([
    ['taskrun', { taskName: 'train' }],
    ['pipelinerun', { pipelineName: 'train' }],
    ['testsuiterun', { testSuite: { id: '7', name: 'train' } }],
    ['testcaserun', { testCase: { id: 'train' }, testSuite: { name: 'all' } }],
  ])('of a %s: its name is the test', (about, content) => {
    const run = runOf(
      event(`${about}.started`, content),
      event(
        `${about}.finished`,
        { ...content, outcome: 'success' },
        { id: '2', timestamp: '2026-08-01T02:30:00Z' },
      ),
    );
    expect(run).toMatchObject({
      testName: 'train',
      runId: 'run-123',
      startedAt: Date.parse(AT),
      end: { outcome: 'success', finishedAt: Date.parse('2026-08-01T02:30:00Z') },
    });
  });

  test.each([
    ['pass', 'success'],
    ['fail', 'failure'],
    ['failure', 'failure'],
    ['error', 'failure'],
    ['cancel', 'cancelled'],
  ])('%s ends as %s', (word, outcome) => {
    expect(runOf(finished({ outcome: word })).end).toMatchObject({ outcome });
  });

  test('a case that was skipped was cancelled; what is queued is open', () => {
    const content = { testCase: { id: 'train' } };
    expect(runOf(event('testcaserun.skipped', content)).end).toMatchObject({ outcome: 'cancelled' });
    expect(runOf(event('testcaserun.queued', content)).end).toBeNull();
  });

  test('errors, page and environment are kept', () => {
    const content = {
      outcome: 'failure',
      errors: 'Host not found',
      url: 'https://ci/7',
      environment: { id: 'dev' },
    };
    const body = JSON.parse(rowOf(finished(content)).body);
    expect(body).toMatchObject({ message: 'Host not found', links: ['https://ci/7'], environment: 'dev' });
    expect(JSON.parse(rowOf(finished({ ...content, url: 'javascript:x' })).body).links).toStrictEqual([]);
  });

  test('in an envelope of CloudEvents it is the same', () => {
    const bare = finished({ outcome: 'success' });
    const { id, source, type } = bare.context;
    expect(rowOf({ specversion: '1.0', id, source, type, data: bare })).toStrictEqual(rowOf(bare));
  });

  test.each<[string, object, string, string]>([
    ['another outcome', finished({ outcome: 'maybe' }), 'shape', 'outcome'],
    ['no outcome', finished({}), 'shape', 'outcome'],
    ['the word of a prototype', finished({ outcome: 'constructor' }), 'shape', 'outcome'],
    ['no run', event('artifact.packaged', {}), 'shape', 'artifact'],
    ['no name', event('taskrun.finished', { outcome: 'success' }), 'identity', 'subject.content'],
    [
      'no time',
      event('taskrun.started', { taskName: 't' }, { timestamp: 'x' }),
      'shape',
      'context.timestamp',
    ],
  ])('with %s is rejected', (_, value, reason, place) => {
    const [word, detail] = rejectionOf(value);
    expect(word).toBe(reason);
    expect(detail).toContain(place);
  });
});
