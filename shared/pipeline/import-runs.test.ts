import { expect, test } from 'vitest';
import { makeWorld, settingsOf, tablesOf } from '../../test/support/world.ts';
import type { MtaJob } from '../core/import/mta.ts';
import { mtaEvent } from '../core/import/mta-event.ts';
import type { RunEvent } from '../core/run-event.ts';
import { importRuns } from './import-runs.ts';
import { tick } from './tick.ts';

const DAY = 86_400_000;

/** What a config file asks of the runs that come, and of no run that was judged elsewhere. */
const SETTINGS = settingsOf({
  t: { owner: 'a@example.com', regression_test_config: { required_metrics: ['new_final'] } },
});

function eventOf(n: number): RunEvent {
  const job: MtaJob = {
    version: 'v1',
    uuid: `run-${n}`,
    testName: 't',
    status: n === 2 ? 'failure' : 'success',
    startedAt: n * DAY,
    finishedAt: n * DAY + 600_000,
    publishTime: n * DAY,
    numFailures: 0,
    testType: null,
    accelerator: null,
    frameworkVersion: null,
    logsLink: null,
    logsDownloadCommand: null,
    workloadLink: null,
  };
  const made = mtaEvent(job, [{ uuid: job.uuid, name: 'acc', value: n, lower: 0, upper: 3 }]);
  if (!made.ok) throw new Error(made.detail);
  return made.event;
}

const EVENTS = [1, 2, 3, 4].map(eventOf);

test('an import that died, whatever came after it, ends as one that did not', async () => {
  const whole = makeWorld(SETTINGS);
  const past = { events: [EVENTS.slice(0, 2), EVENTS.slice(2)], rejected: [] };
  expect(await importRuns(past, { ports: whole.ports, settings: SETTINGS })).toEqual({
    judged: 4,
    conflicts: 0,
  });

  const broken = makeWorld(SETTINGS);
  function* dying() {
    yield EVENTS.slice(0, 2);
    throw new Error('killed');
  }
  const at = { ports: broken.ports, settings: SETTINGS };
  await expect(importRuns({ events: dying(), rejected: [] }, at)).rejects.toThrow('killed');
  // Recorded, but not judged when it died.
  await broken.ports.history.append({ events: EVENTS.slice(2), rejected: [], at: 0 });
  const report = await tick(broken.ports, SETTINGS);
  expect(report).toMatchObject({ mails: 0 });
  expect(await importRuns(past, at)).toEqual({ judged: 0, conflicts: 0 });
  expect(tablesOf(broken.store)).toEqual(tablesOf(whole.store));
  expect(tablesOf(whole.store).job_history.map(({ runId, verdict }) => [runId, verdict])).toEqual(
    expect.arrayContaining([
      ['run-1', 'pass'],
      ['run-2', 'fail'],
      ['run-4', 'fail'],
    ]),
  );
});
