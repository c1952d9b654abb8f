import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { jobOf, metricOf } from '../../shared/adapters/sqlite/rows.ts';
import { again } from '../support/messages.ts';
import { everything } from '../support/scenario.ts';
import { deliveriesOf, type Pass, playInMemory, schedules } from '../support/schedule.ts';
import { dump, placesIn, publishInto, tickIn, writeModels } from '../support/state-folder.ts';

const top = mkdtempSync(join(tmpdir(), 'tidemark-property-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));
const { models } = placesIn(top);
const scenario = everything(models);
writeModels(scenario.files);

let folders = 0;

/** A folder's tables after these passes, each by adapters of its own. */
async function play(passes: readonly Pass[]) {
  const folder = join(top, String(folders++));
  for (const { now, messages } of passes) {
    publishInto(folder, messages);
    await tickIn(folder, scenario, { now });
  }
  const { rejected_messages, ...tables } = dump(folder);
  return { folder, tables, refusals: rejected_messages!.map(({ id, reason }) => `${reason} ${id}`) };
}

/** Rows as the adapter reads them itself. */
type Row = Parameters<typeof jobOf>[0];

const reference = await play([{ now: scenario.end, messages: scenario.messages }]);

test('any order, repetition and split of messages gives the same tables in SQLite, from a spool', async () => {
  await fc.assert(
    fc.asyncProperty(schedules(scenario.messages.length), async (schedule) => {
      const { folder, tables, refusals } = await play(deliveriesOf(scenario, schedule));
      expect(tables).toEqual(reference.tables);
      expect(refusals).toEqual(reference.refusals);
      rmSync(folder, { recursive: true });
    }),
    { seed: 20260802, numRuns: 15, endOnFailure: true },
  );
});

test('every message in a tick of its own', async () => {
  const passes = scenario.messages.map((message) => ({ now: scenario.end, messages: [message] }));
  const { tables, refusals } = await play(passes);
  expect(tables).toEqual(reference.tables);
  expect(refusals).toEqual(reference.refusals);
});

test('SQLite and memory hold the same', async () => {
  const { tables } = await playInMemory(scenario, [{ now: scenario.end, messages: scenario.messages }]);
  expect(reference.tables.job_history!.map((row) => jobOf(row as Row))).toEqual(
    tables.job_history.map((job) => ({ ...job, publishTime: Math.floor(job.publishTime / 1000) * 1000 })),
  );
  expect(reference.tables.metric_history!.map((row) => metricOf(row as Row))).toEqual(
    tables.metric_history.map(({ uuid, runId, finishedAt, ...row }) => row),
  );
});

test('a second tick, and all messages once more, change nothing', async () => {
  const { folder } = reference;
  await tickIn(folder, scenario, { now: scenario.end });
  publishInto(
    folder,
    scenario.messages.map((message) => again(message)),
  );
  await tickIn(folder, scenario, { now: scenario.end });
  const { rejected_messages: _, ...tables } = dump(folder);
  expect(tables).toEqual(reference.tables);
});
