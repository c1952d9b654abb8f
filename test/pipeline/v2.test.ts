import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drain } from '../../shared/pipeline/drain.ts';
import { replay, retryRejected } from '../../shared/pipeline/replay.ts';
import { again, day, finished, type Message, started, text, v1 } from '../support/messages.ts';
import { ROOT } from '../support/repository.ts';
import { eventFile, scalars } from '../support/tfevents-writer.ts';
import { makeWorld, NO_REMINDERS, settingsOf, tablesOf, type World } from '../support/world.ts';

const SETTINGS = settingsOf({}, { fallback: ['all@example.com'], policy: NO_REMINDERS });
const NOW = day(9);

/** A message of test/fixtures/v2, under the name that a spool gives it. */
function v2(name: string, publishTime: number): Message {
  return {
    name: `${name}.pb`,
    publishTime,
    body: new Uint8Array(readFileSync(join(ROOT, `test/fixtures/v2/${name}.pb`))),
  };
}

const COMPLETED = v2('completed', day(1, 4));
const TIMEOUT = v2('timeout', day(2, 4));
const UNKNOWN = v2('unknown-kinds', day(3, 4));

const MODEL = 'gs://bucket/mnist/mnist-nightly-1600000000';
const files = {
  [`${MODEL}/train/events.out.tfevents.1`]: eventFile(scalars({ accuracy: [0.5, 0.96875] })),
  [`${MODEL}/eval/events.out.tfevents.1`]: eventFile(scalars({ epoch_lr: [0.1] })),
};

function runs({ store }: World) {
  return tablesOf(store).job_history.map(({ runId, outcome, verdict, attempt, numFailures }) => ({
    runId,
    outcome,
    verdict,
    attempt,
    numFailures,
  }));
}

function metricsOf({ store }: World, run: string) {
  const rows = tablesOf(store).metric_history.filter(({ runId }) => runId === run);
  return rows.map(({ metricName, value, lower, upper, verdict, reason }) =>
    [metricName, value, lower, upper, verdict, reason].join(' '),
  );
}

describe('a v2 message', () => {
  test('is a finished run, with its own demands on its own files', async () => {
    const world = makeWorld(SETTINGS, { files });
    await world.tickAt(NOW, COMPLETED);
    expect(runs(world)).toStrictEqual([
      { runId: 'mnist-nightly-1600000000', outcome: 'success', verdict: 'fail', attempt: 2, numFailures: 1 },
    ]);
    expect(tablesOf(world.store).job_history[0]).toMatchObject({
      testName: 'mnist-nightly',
      testType: 'func',
      accelerator: 'v2-8',
      frameworkVersion: 'tf-nightly',
      startedAt: day(1, 2) + 250,
      finishedAt: day(1, 3) + 750,
      jobDurationSec: 3600.5,
      logsLink: 'https://logs.example.com/1',
      logsDownloadCommand: 'gcloud logging read x',
      workloadLink: 'https://workloads.example.com/1',
    });
    expect(metricsOf(world, 'mnist-nightly-1600000000').sort()).toStrictEqual([
      'accuracy_final 0.96875 0.96  pass ',
      'accuracy_max 0.96875    ',
      'examples_per_second 1234.5    ',
      'loss_average    fail missing',
      'num_attempts 2 1 1 fail not_equal',
      'total_wall_time 3600.5   inconclusive history',
    ]);
  });

  test('that silences alerts silences those of the run, not those of its metrics', async () => {
    const world = makeWorld(SETTINGS, { files });
    await world.tickAt(NOW, COMPLETED);
    expect(world.mailer.sent).toHaveLength(1);
    await world.tickAt(NOW, TIMEOUT);
    expect(runs(world).find(({ runId }) => runId === 'mnist-nightly@2026-08-02T02:00:00.000Z')).toMatchObject(
      {
        outcome: 'timeout',
        verdict: 'fail',
      },
    );
  });

  test('with demands that this version does not know is inconclusive, and says which', async () => {
    const world = makeWorld(SETTINGS);
    await world.tickAt(NOW, UNKNOWN);
    expect(runs(world)).toMatchObject([{ runId: 'run-3', outcome: 'success', verdict: 'inconclusive' }]);
    expect(metricsOf(world, 'run-3')).toContain('total_wall_time 60   inconclusive config');
    const report = await replay(world.ports, world.settings, { reread: false });
    expect(report).toBe(1);
  });

  test('that nobody could read is kept, and read when there is something that can', async () => {
    const world = makeWorld(SETTINGS, { files });
    const { decodeV2: _, ...blind } = world.ports;
    await blind.queue.publish(COMPLETED.body, COMPLETED.name, { publishTime: COMPLETED.publishTime });
    expect(await drain(blind)).toMatchObject({ recorded: 0, rejected: 1 });
    expect((await retryRejected(blind)).rejected.map(({ reason }) => reason)).toStrictEqual(['v2']);
    expect(await retryRejected(world.ports)).toStrictEqual({ recorded: 1, rejected: [] });
    await world.tickAt(NOW);
    expect(runs(world)).toHaveLength(1);
  });
});

describe('all kinds of message on one queue', () => {
  const messages: readonly Message[] = [
    COMPLETED,
    // The publisher sends each event again whenever its Job changes: a message of its own, with the same content.
    again(COMPLETED),
    TIMEOUT,
    UNKNOWN,
    text('poison.pb', day(1), '\u0000\u0001\u0002'),
    text('poison', day(1), '{"job_name"'),
    v1('v1-start', day(4), { test_name: 'mnist-nightly', job_name: 'j', job_uid: 'u' }),
    v1('v1-end', day(4, 1), {
      test_name: 'mnist-nightly',
      job_name: 'j',
      job_uid: 'u',
      job_info: { status: 'success', stop_time: day(4, 1) / 1000 },
    }),
    started({ test: 'mnist-nightly', run: 'r-5', at: day(5) }),
    finished({ test: 'mnist-nightly', run: 'r-5', at: day(5, 1) }, 'failure'),
    finished({ test: 'mnist-nightly', run: 'r-6', at: day(6, 1) }, 'success'),
  ];

  async function tablesAfter(...ticks: readonly (readonly Message[])[]) {
    const world = makeWorld(SETTINGS, { files });
    for (const [index, tick] of ticks.entries()) await world.tickAt(NOW + index, ...tick);
    return {
      tables: tablesOf(world.store),
      rejected: [...world.store.rejected.values()].map(({ reason }) => reason).sort(),
    };
  }

  test('give the same tables in any order, any number of times, over any number of ticks', async () => {
    const expected = await tablesAfter(messages);
    expect(expected.tables.job_history).toHaveLength(6);
    expect(expected.rejected).toStrictEqual(['json', 'v2']);
    const shuffled = fc.shuffledSubarray([...messages], { minLength: messages.length });
    const repeated = fc.subarray([...messages]);
    await fc.assert(
      fc.asyncProperty(shuffled, repeated, fc.nat(messages.length), async (order, more, cut) => {
        const later = more.map((message) => again(message));
        const answer = await tablesAfter(order.slice(0, cut), [...order.slice(cut), ...later]);
        expect(answer).toStrictEqual(expected);
      }),
      { numRuns: 40 },
    );
  });
});
