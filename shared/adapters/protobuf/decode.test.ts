import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../../../test/support/repository.ts';
import { gatherRuns } from '../../core/gather-run.ts';
import { parseMessage } from '../../core/parse-message.ts';
import { decodeV2 } from './decode.ts';
import { TEST_COMPLETED_EVENT } from './descriptor.ts';

/** Made by Google's protobuf for Python; test/fixtures/v2/make.py says how. */
const fixture = (name: string) => new Uint8Array(readFileSync(join(ROOT, 'test/fixtures/v2', name)));

/** The published schema, read by the parser that the product does without. */
function published(): protobuf.Root {
  const source = readFileSync(join(ROOT, 'schemas/test-completed-event.proto'), 'utf8');
  const { root } = protobuf.parse(source, { keepCase: true });
  for (const name of ['timestamp', 'duration']) {
    root.addJSON(protobuf.common.get(`google/protobuf/${name}.proto`)!.nested!);
  }
  root.resolveAll();
  return root;
}

test('what is built in is the schema that is published', () => {
  expect(JSON.parse(JSON.stringify(published()))).toStrictEqual({ ...TEST_COMPLETED_EVENT });
});

describe('bytes of another implementation', () => {
  test('come out as they were put in', () => {
    expect(decodeV2(fixture('completed.pb'))).toStrictEqual({
      ok: true,
      value: {
        benchmark_id: 'mnist-nightly',
        output_path: 'gs://bucket/mnist/mnist-nightly-1600000000/',
        num_attempts: 2,
        start_time: { seconds: '1785549600', nanos: 250_000_000 },
        duration: { seconds: '3600', nanos: 500_000_000 },
        debug_info: {
          logs_link: 'https://logs.example.com/1',
          logs_download_command: 'gcloud logging read x',
          details_link: 'https://workloads.example.com/1',
        },
        metric_collection_config: {
          silence_alerts: true,
          sources: [
            {
              tensorboard: {
                merge_runs: true,
                include_tags: [{ tag_pattern: '*', strategies: ['FINAL', 'MAX'] }],
                exclude_tags: ['epoch_lr'],
                aggregate_assertions: [
                  {
                    tag: 'accuracy',
                    assertion: {
                      fixed_value: { comparison: 'GREATER', value: 0.96 },
                      inclusive_bounds: true,
                    },
                  },
                  {
                    tag: 'loss',
                    strategy: 'AVERAGE',
                    assertion: {
                      std_devs_from_mean: { comparison: 'LESS', std_devs: 5 },
                      wait_for_n_data_points: 10,
                    },
                  },
                ],
              },
            },
            {
              literals: {
                assertions: {
                  duration: { std_devs_from_mean: { comparison: 'WITHIN', std_devs: 3 } },
                  num_attempts: { fixed_value: { value: 1 } },
                },
              },
            },
          ],
        },
        extras: { examples_per_second: 1234.5 },
        labels: { mode: 'func', accelerator: 'v2-8', frameworkVersion: 'tf-nightly', team: 'ranking' },
      },
    });
  });

  test('and what this version does not know is still there to be named', () => {
    const run = runOf(fixture('unknown-kinds.pb'));
    expect(
      run?.configErrors.map((problem) => problem.replace('metric_collection_config.', '')),
    ).toStrictEqual([
      'sources.2: is of a kind that this version does not know',
      'sources.0.tensorboard.aggregate_assertions.3.assertion: is of a kind that this version does not know',
      'compare_to_benchmark_id: this version knows no history but that of the test itself',
    ]);
  });
});

describe('bytes that nobody should send', () => {
  const said = (...bytes: number[]) => decodeV2(new Uint8Array(bytes));

  test.each([
    ['nothing at all is an event that says nothing', [], { ok: true, value: {} }],
    [
      'unknown fields of every wire type are passed over',
      [0xf8, 1, 5, 0xf9, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0xfa, 1, 1, 9, 0xfd, 1, 0, 0, 0, 0],
      { ok: true, value: {} },
    ],
    ['a known field of another wire type is passed over', [0x08, 1], { ok: true, value: {} }],
    ['the last of two values counts', [0x18, 1, 0x18, 2], { ok: true, value: { status: 'TIMEOUT' } }],
    ['a word of a newer schema stays a number', [0x18, 9], { ok: true, value: { status: 9 } }],
    [
      'a key that every object has is a key',
      [0x52, 13, 0x0a, 9, ...ascii('__proto__'), 0x12, 0],
      { ok: true, value: { labels: own('__proto__', '') } },
    ],
  ])('%s', (_sentence, bytes, answer) => {
    expect(JSON.stringify(said(...bytes))).toBe(JSON.stringify(answer));
  });

  test.each([
    ['cut in a length', [0x0a]],
    ['cut in a text', [0x0a, 5, 1]],
    ['a text that is not UTF-8', [0x0a, 2, 0xc3, 0x28]],
    ['a length of 4 GiB', [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ['a number without end', [0x18, ...Array.from({ length: 11 }, () => 0xff)]],
    ['field number 0', [0x00, 0x00]],
    ['a wire type that is none', [0x0f]],
    ['groups 100,000 deep', Array.from({ length: 100_000 }, () => 0x0b)],
  ])('%s is told in a few words', (_sentence, bytes) => {
    const answer = said(...bytes);
    expect(answer).toMatchObject({ ok: false, problem: expect.stringMatching(/^[^\n]{5,100}$/) });
  });
});

test('whatever the bytes, they are an event or are rejected in one sentence', () => {
  const event = published().lookupType('TestCompletedEvent');
  const rich = fixture('completed.pb');
  const cut = fc.nat(rich.length).map((length) => rich.slice(0, length));
  const flipped = fc
    .array(fc.tuple(fc.nat(rich.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
    .map((changes) => {
      const bytes = rich.slice();
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    });
  const plausible = fc
    .record({
      benchmark_id: fc.string(),
      output_path: fc.string(),
      status: fc.integer(),
      num_attempts: fc.integer(),
      start_time: fc.record({ seconds: fc.maxSafeInteger(), nanos: fc.integer() }),
      duration: fc.record({ seconds: fc.maxSafeInteger(), nanos: fc.integer() }),
      extras: fc.dictionary(fc.string(), fc.float()),
      labels: fc.dictionary(fc.string(), fc.string()),
    })
    .map((value) => event.encode(event.fromObject(value)).finish());
  let events = 0;
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), cut, flipped, plausible), (body) => {
      const parsed = parseMessage({ id: '1', name: 'm', publishTime: 0, format: 'v2', body }, { decodeV2 });
      if (parsed.kind === 'rejected') {
        expect(parsed.rejected.reason).toBe('v2');
        expect(parsed.rejected.detail).toMatch(/^Cannot read message "m": [^\n]+$/);
        return;
      }
      events++;
      const [run, ...others] = gatherRuns([parsed.event]);
      expect(others).toStrictEqual([]);
      expect(run?.end?.finishedAt).toSatisfy(Number.isSafeInteger);
    }),
    { numRuns: 5_000 },
  );
  expect(events).toBeGreaterThan(50);
});

function runOf(body: Uint8Array) {
  const parsed = parseMessage({ id: '1', name: 'm', publishTime: 0, format: 'v2', body }, { decodeV2 });
  return parsed.kind === 'event' ? gatherRuns([parsed.event])[0] : undefined;
}

function ascii(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}

/** An object that has the key itself, which a literal would not. */
function own(key: string, value: string): Record<string, string> {
  return Object.fromEntries([[key, value]]);
}
