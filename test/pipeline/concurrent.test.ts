import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { run, shellEnvironment } from '../support/command.ts';
import { ROOT } from '../support/repository.ts';
import { small } from '../support/scenario.ts';
import { everythingIn, openState, publishInto, writeModels } from '../support/state-folder.ts';

const MAIN = join(ROOT, 'functions/cli/main.ts');
const BUSY = 'Another tick is at work on this state; this one has nothing to do.\n';

const top = mkdtempSync(join(tmpdir(), 'tidemark-concurrent-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));
const models = join(top, 'models');
const scenario = small(models);
writeModels(scenario.files);

function state(name: string): string {
  const folder = join(top, name);
  publishInto(folder, scenario.messages);
  return folder;
}

function tick(folder: string, ...flags: readonly string[]) {
  const words = ['--state', folder, '--now', new Date(scenario.end).toISOString(), 'tick', ...flags];
  return run([process.execPath, MAIN, ...words], { cwd: top, env: shellEnvironment() });
}

test('while one tick works, another one says so and is done', async () => {
  const folder = state('held');
  const { ports, close } = openState(folder, { now: scenario.end });
  const held = await ports.lease.acquire();
  expect(held).not.toBeNull();
  const [people, machine] = await Promise.all([tick(folder), tick(folder, '--json')]);
  expect(people).toMatchObject({ code: 0, stdout: '', stderr: BUSY });
  expect(machine).toMatchObject({ code: 0, stderr: BUSY });
  expect(JSON.parse(machine.stdout)).toEqual({
    tick_id: '2026-08-04T00:00:00.000Z',
    runs: [],
    waiting: 0,
    rejected: 0,
    mails: 0,
    busy: true,
  });
  expect(everythingIn(folder).waiting).toHaveLength(scenario.messages.length);
  await held?.release();
  close();
  expect(await tick(folder)).toMatchObject({ code: 0 });
  expect(everythingIn(folder).waiting).toEqual([]);
});

test('ticks that start together do the work once', async () => {
  const [alone, together] = [state('alone'), state('together')];
  await tick(alone);
  const all = await Promise.all([tick(together), tick(together), tick(together)]);
  expect(all.map(({ code }) => code)).toEqual([0, 0, 0]);
  // Those that came when the first was done have found nothing to do; that is right as well.
  const worked = all.filter(({ stdout }) => stdout.includes('r3'));
  expect(worked).toHaveLength(1);
  const now = everythingIn(together);
  expect(now.tables.job_history).toEqual(everythingIn(alone).tables.job_history);
  expect(now.tables.metric_history).toEqual(everythingIn(alone).tables.metric_history);
  expect(now.waiting).toEqual([]);
});
