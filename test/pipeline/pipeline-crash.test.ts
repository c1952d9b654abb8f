// A tick that tells of Tidemark's own trouble, and dies over it.
import { cpSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { tick } from '../../shared/pipeline/tick.ts';
import { countEffects, type Effects } from '../support/effects.ts';
import { day, finished, MINUTE } from '../support/messages.ts';
import { everythingIn, openState, placesIn, publishInto } from '../support/state-folder.ts';
import { NO_REMINDERS, settingsOf } from '../support/world.ts';

const top = mkdtempSync(join(tmpdir(), 'tidemark-pipeline-crash-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));

const FALLBACK = ['ml@example.com'];
const settings = settingsOf(
  { nightly: { owner: 'x@example.com' } },
  { fallback: FALLBACK, policy: NO_REMINDERS },
);
/** The n-th tick, a quarter of an hour after the one before. */
const moment = (n: number) => day(1) + n * 15 * MINUTE;

/** One pass of a process of its own; answers with what it threw, null: nothing. */
async function pass(folder: string, n: number, effects: Effects = countEffects(null)): Promise<unknown> {
  let end = () => {};
  try {
    const { ports, close } = openState(folder, { now: moment(n), effects });
    end = close;
    await tick(ports, settings);
    return null;
  } catch (error) {
    return error;
  } finally {
    end();
  }
}

/** A state whose queue is a file where a folder should be, or is a folder again. */
function breakQueue(folder: string): void {
  const { spool } = placesIn(folder);
  renameSync(spool, `${spool}-kept`);
  writeFileSync(spool, 'no folder');
}

function mendQueue(folder: string): void {
  const { spool } = placesIn(folder);
  rmSync(spool);
  renameSync(`${spool}-kept`, spool);
}

/** Always under one name: what is said of a queue names its folder. */
function copyOf(template: string): string {
  const folder = join(top, 'state');
  rmSync(folder, { recursive: true, force: true });
  cpSync(template, folder, { recursive: true, preserveTimestamps: true });
  return folder;
}

/** A state in which one tick has failed: the next one fires. */
async function suspected(): Promise<string> {
  const folder = join(top, 'suspected');
  const about = { test: 'nightly', run: 'n1', at: day(1) };
  publishInto(folder, [finished(about, 'success')]);
  expect(await pass(folder, 0)).toBeNull();
  breakQueue(folder);
  expect(await pass(folder, 1)).toMatchObject({ name: 'PortError' });
  return folder;
}

/** A state in which it fires, and whose queue works again: the next tick ends it. */
async function mended(suspect: string): Promise<string> {
  const folder = join(top, 'mended');
  cpSync(suspect, folder, { recursive: true });
  await pass(folder, 2);
  mendQueue(folder);
  return folder;
}

const suspect = await suspected();
const cases = [
  ['fires', suspect, 2, 'firing'],
  ['is over', await mended(suspect), 3, 'closed'],
] as const;

/** What must be so however often a process died; ends are sent once at most, so that a death may take that mail. */
function withoutEnds({ tables, waiting, mails }: ReturnType<typeof everythingIn>) {
  const outbox = tables.alert_outbox?.filter(({ at_most_once }) => at_most_once === 0);
  return {
    tables: { ...tables, alert_outbox: outbox },
    waiting,
    mails: mails.filter(({ text }) => !text.includes('RECOVERED')),
  };
}

test.each(cases)(
  'a process that dies at any effect of the tick in which it %s tells neither more nor less',
  async (_, template, n, state) => {
    const whole = copyOf(template);
    const effects = countEffects(null);
    await pass(whole, n, effects);
    const expected = everythingIn(whole);
    expect(expected.tables.alert_episodes).toMatchObject([{ signal: 'pipeline', test_name: '', state }]);
    expect(mailsOf(expected)).toBe(n - 1);
    // The same tick once more, as a scheduler repeats it, changes nothing.
    await pass(whole, n);
    expect(everythingIn(whole)).toEqual(expected);
    expect(effects.done.length).toBeGreaterThan(15);
    for (const [index, what] of effects.done.entries()) {
      for (const when of ['before', 'after'] as const) {
        const folder = copyOf(template);
        await pass(folder, n, countEffects({ at: index + 1, when }));
        await pass(folder, n);
        const found = everythingIn(folder);
        const where = `${when} effect ${index + 1}: ${what}`;
        expect(mailsOf(found), where).toBeLessThanOrEqual(mailsOf(expected));
        if (JSON.stringify(withoutEnds(found)) !== JSON.stringify(withoutEnds(expected)))
          expect(withoutEnds(found), where).toEqual(withoutEnds(expected));
      }
    }
  },
);

function mailsOf({ mails }: ReturnType<typeof everythingIn>): number {
  return mails.filter(({ name }) => name.endsWith('.eml')).length;
}
