import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { shellEnvironment } from '../support/command.ts';
import { countEffects, type Death } from '../support/effects.ts';
import { ROOT } from '../support/repository.ts';
import { small } from '../support/scenario.ts';
import { everythingIn, publishInto, tickIn, writeModels } from '../support/state-folder.ts';
import type { TickDriverInput } from '../support/tick-driver.ts';

const DRIVER = join(ROOT, 'test/support/tick-driver.ts');
const KILLS = 24;
/** Processes at a time: most of their life they load modules. */
const AT_A_TIME = 3;

const top = mkdtempSync(join(tmpdir(), 'tidemark-kill-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));
const models = join(top, 'models');
const scenario = small(models);
writeModels(scenario.files);
const template = join(top, 'template');
publishInto(template, scenario.messages);

function copy(name: string): string {
  const folder = join(top, name);
  cpSync(template, folder, { recursive: true, preserveTimestamps: true });
  return folder;
}

/** Answers with the signal that ended the process, null when it came to its end by itself. */
function runUntil(death: Death, folder: string): Promise<NodeJS.Signals | null> {
  const input: TickDriverInput = { folder, models, death };
  const child = spawn(process.execPath, [DRIVER, JSON.stringify(input)], {
    env: shellEnvironment(),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (_, signal) => done(signal));
  });
}

test('a process that is killed at any of its effects has changed nothing in the end', async () => {
  const undisturbed = copy('undisturbed');
  const effects = countEffects(null);
  await tickIn(undisturbed, scenario, { now: scenario.end, effects });
  const expected = everythingIn(undisturbed);
  expect(expected.mails).toHaveLength(2);

  const points = Array.from({ length: KILLS }, (_, index): Death => {
    const at = 1 + Math.round((index * (effects.done.length - 1)) / (KILLS - 1));
    return { at, when: index % 2 === 0 ? 'before' : 'after' };
  });
  const waiting = [...points];
  const work = async () => {
    for (let death = waiting.shift(); death !== undefined; death = waiting.shift()) {
      const what = `${death.when} effect ${death.at}: ${effects.done[death.at - 1]}`;
      const folder = copy(`${death.at}-${death.when}`);
      expect(await runUntil(death, folder), what).toBe('SIGKILL');
      // Nobody has to clean up: the lock of a dead process is free.
      await tickIn(folder, scenario, { now: scenario.end });
      expect(everythingIn(folder), what).toEqual(expected);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
});
