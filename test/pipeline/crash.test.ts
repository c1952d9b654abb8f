import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { countEffects, type Death, Died } from '../support/effects.ts';
import { day, HOUR } from '../support/messages.ts';
import { belated, type Scenario, small } from '../support/scenario.ts';
import { everythingIn, openState, publishInto, tickIn, writeModels } from '../support/state-folder.ts';

const top = mkdtempSync(join(tmpdir(), 'tidemark-crash-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));

const models = join(top, 'models');
const first = small(models);
const second = belated(models);
writeModels(first.files);

let folders = 0;
const newFolder = () => join(top, String(folders++));

/** A scenario and a state from which it starts. */
interface Case {
  readonly scenario: Scenario;
  readonly template: string;
}

/** A state nobody has worked on: six messages in the queue, no database. */
function fromNothing(): Case {
  const template = newFolder();
  publishInto(template, first.messages);
  return { scenario: first, template };
}

/** A state with history, which the messages that wait now will change. */
async function withHistory(): Promise<Case> {
  const template = newFolder();
  publishInto(template, second.earlier);
  await tickIn(template, second, { now: day(5, 1) });
  publishInto(template, second.messages);
  return { scenario: second, template };
}

const cases = [
  ['the first tick of all', fromNothing()],
  ['a tick that judges earlier runs again', await withHistory()],
] as const;

function copyOf({ template }: Case): string {
  const folder = newFolder();
  cpSync(template, folder, { recursive: true, preserveTimestamps: true });
  return folder;
}

/** Every effect of a tick that nothing disturbs, and what it and an idle tick after it leave. */
async function undisturbed(one: Case) {
  const folder = copyOf(one);
  const { scenario } = one;
  const effects = countEffects(null);
  await tickIn(folder, scenario, { now: scenario.end, effects });
  const after = everythingIn(folder);
  await tickIn(folder, scenario, { now: scenario.end + HOUR });
  return { effects: effects.done, after, idle: everythingIn(folder) };
}

/** A tick that dies at one effect. Answers whether it did. */
async function die(folder: string, scenario: Scenario, { death }: { death: Death }): Promise<boolean> {
  const effects = countEffects(death);
  try {
    await tickIn(folder, scenario, { now: scenario.end, effects });
    return false;
  } catch {
    // Whatever the error is in the end: a dead process could not have said it.
    return effects.done.length >= death.at;
  }
}

/** Comparing texts is many times faster; what differs is shown as what it is. */
function expectSame(found: unknown, expected: unknown, { what }: { what: string }): void {
  if (JSON.stringify(found) !== JSON.stringify(expected)) expect(found, what).toEqual(expected);
}

test('the scenarios hold what they promise', async () => {
  const [nothing, history] = [await undisturbed(cases[0][1]), await undisturbed(cases[1][1])];
  expect(nothing.effects.length + history.effects.length).toBeGreaterThan(150);
  expect(nothing.effects).toEqual(expect.arrayContaining(['BEGIN IMMEDIATE', 'spool unlink', 'mail rename']));
  const verdicts = ({ after }: typeof nothing) =>
    after.tables.job_history?.map(({ run_id, verdict }) => `${run_id} ${verdict}`).sort();
  expect(verdicts(nothing)).toEqual(['r1 inconclusive', 'r2 inconclusive', 'r3 fail']);
  expect(verdicts(history)).toEqual([
    'r1 inconclusive',
    'r2 inconclusive',
    'r4 fail',
    'r5 pass',
    'r7 pass',
    's fail',
  ]);
  expect(nothing.after.tables.rejected_messages).toHaveLength(1);
  expect(nothing.after.waiting).toEqual([]);
  expect(nothing.after.mails.map(({ name }) => name.replace(/.*\./, ''))).toEqual(['eml', 'html']);
  // Of the first tick: the run that stood out, and the end of the one that was lost and had begun before it.
  expect(history.after.mails.filter(({ name }) => name.endsWith('.eml'))).toHaveLength(2);
  expect(
    history.after.tables.alert_episodes?.map(({ signal, state }) => `${signal} ${state}`).sort(),
  ).toEqual(['job closed', 'metric:loss_final recovering']);
});

// Hundreds of ticks on real files: half a minute, and more on a machine that has other work.
test.each(cases)(
  'a process that dies at any effect, before or after it, harms nothing: %s',
  { timeout: 300_000 },
  async (_, one) => {
    const { effects, after, idle } = await undisturbed(one);
    const { scenario } = one;
    for (const [index, what] of effects.entries()) {
      for (const when of ['before', 'after'] as const) {
        const death = { at: index + 1, when };
        const folder = copyOf(one);
        expect(await die(folder, scenario, { death }), `${when} effect ${death.at}: ${what}`).toBe(true);
        await tickIn(folder, scenario, { now: scenario.end });
        expectSame(everythingIn(folder), after, { what: `${when} effect ${death.at}: ${what}` });
        if (death.at % 8 === 0) {
          await tickIn(folder, scenario, { now: scenario.end + HOUR });
          expect(everythingIn(folder), `a tick after ${when} effect ${death.at}: ${what}`).toEqual(idle);
        }
        rmSync(folder, { recursive: true });
      }
    }
  },
);

test.each(cases)('a process that dies and whose successor dies too, anywhere: %s', async (_, one) => {
  const { effects, after } = await undisturbed(one);
  const { scenario } = one;
  for (let at = 5; at < effects.length; at += 7) {
    const folder = copyOf(one);
    await die(folder, scenario, { death: { at, when: 'before' } });
    // The second one has less to do, so that it may come to its end.
    await die(folder, scenario, { death: { at: Math.ceil((effects.length - at) / 2), when: 'after' } });
    await tickIn(folder, scenario, { now: scenario.end });
    expect(everythingIn(folder), `first at ${at}: ${effects[at - 1]}`).toEqual(after);
    rmSync(folder, { recursive: true });
  }
});

test('a reminder that a death took is not sent twice, and all else is as if nobody had died', async () => {
  const template = newFolder();
  const one: Case = { scenario: second, template };
  const { scenario } = one;
  publishInto(template, second.earlier);
  await tickIn(template, second, { now: day(5, 1), reminders: true });
  publishInto(template, second.messages);
  const whole = copyOf(one);
  const effects = countEffects(null);
  await tickIn(whole, scenario, { now: scenario.end, effects, reminders: true });
  const undisturbed = everythingIn(whole);
  const reminders = (mails: typeof undisturbed.mails) =>
    mails.filter(({ name }) => name.includes('still-open') && name.endsWith('.eml')).length;
  expect(reminders(undisturbed.mails)).toBe(1);
  let taken = 0;
  for (let at = effects.done.length - 24; at < effects.done.length; at++) {
    const folder = copyOf(one);
    const dying = countEffects({ at, when: 'after' });
    await expect(
      tickIn(folder, scenario, { now: scenario.end, effects: dying, reminders: true }),
    ).rejects.toThrow();
    for (const hour of [0, 1])
      await tickIn(folder, scenario, { now: scenario.end + hour * HOUR, reminders: true });
    const after = everythingIn(folder);
    const what = `after effect ${at}: ${effects.done[at - 1]}`;
    taken += reminders(after.mails) === 0 ? 1 : 0;
    expect(reminders(after.mails), what).toBeLessThan(2);
    for (const table of ['alerts', 'alert_episodes', 'alert_episode_events'])
      expectSame(after.tables[table], undisturbed.tables[table], { what });
    rmSync(folder, { recursive: true });
  }
  expect(taken).toBeGreaterThan(0);
});

test('dead is dead: nothing happens after it, whatever catches the error', async () => {
  const folder = copyOf(cases[0][1]);
  const now = first.end;
  const effects = countEffects({ at: 40, when: 'after' });
  const { ports, close } = openState(folder, { now, effects });
  await expect(ports.queue.pull(1)).resolves.toHaveLength(1);
  const work = async () => {
    for (;;) await ports.history.forgetRejected(['nobody']);
  };
  await expect(work()).rejects.toThrow(Died);
  await expect(ports.queue.pull(1)).rejects.toThrow();
  await expect(ports.history.openRuns()).rejects.toThrow(Died);
  expect(effects.done).toHaveLength(40);
  close();
});
