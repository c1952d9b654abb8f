import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { unheardSignals } from '../../shared/core/delivery/reach.ts';
import type { Check } from '../../shared/ports/check.ts';
import { colors } from '../../shared/render/color.ts';
import { historyFile, isEmbedded, openHistory, openMailer, openQueue, openUnsent } from '../adapters.ts';
import { type CheckGroup, functionChecks, remoteChecks, runChecks } from '../checks.ts';
import { type Environment, type GlobalFlags, loadSetup, type Setup } from '../config.ts';
import { UsageError } from '../errors.ts';
import { oneLine, type Terminal } from './io.ts';

export interface DoctorFlags {
  readonly json?: boolean;
}

/** Says what is configured, what it needs and whether that is there. Exits 2 when something is wrong. */
export async function doctorCommand(flags: DoctorFlags & GlobalFlags, terminal: Terminal): Promise<number> {
  const findings = await examine(flags, terminal);
  const bad = findings.some(({ state }) => state === 'bad');
  if (flags.json) terminal.out(`${JSON.stringify({ healthy: !bad, findings })}\n`);
  else {
    const { red, green, yellow } = colors(terminal.color);
    const mark = { ok: green('ok  '), note: yellow('note'), bad: red('bad ') };
    for (const { what, state, detail } of findings)
      terminal.out(`${mark[state]}  ${oneLine(what)}: ${oneLine(detail)}\n`);
  }
  return bad ? 2 : 0;
}

async function examine(flags: GlobalFlags, { env }: Terminal): Promise<readonly Check[]> {
  const node: Check = { what: 'Node', state: 'ok', detail: process.version };
  let setup: Setup;
  try {
    setup = await loadSetup(flags, env);
  } catch (error) {
    return [node, { what: 'config', state: 'bad', detail: (error as Error).message }];
  }
  const groups = [...localChecks(setup, env), ...(await grouped(() => remoteChecks(setup, env)))];
  const found = await Promise.all(groups.map((group) => runChecks(group)));
  return [node, configFinding(setup), ...found.flat(), ...(await grouped(() => functionChecks(setup)))];
}

/** A URL that nobody understands is told where it is used first. */
async function grouped<T>(work: () => readonly T[]): Promise<readonly T[]> {
  try {
    return work();
  } catch (error) {
    if (error instanceof UsageError) return [];
    throw error;
  }
}

/** What lies on this machine, and what the URLs say of themselves. */
function localChecks(setup: Setup, env: Environment): CheckGroup[] {
  const one = (what: string, work: () => Promise<Check>): CheckGroup => ({
    what,
    run: async () => [await work()],
  });
  return [
    one('history', () => historyFinding(setup, env)),
    one('queue', () => queueFinding(setup)),
    one('mail', () => mailFinding(setup)),
    one('unsent messages', () => unsentFinding(setup)),
  ];
}

function configFinding({ configPath, tests, policy }: Setup): Check {
  const what = 'config';
  if (configPath === null)
    return { what, state: 'note', detail: 'no file found; every test has the default rule' };
  const unheard = [...tests].filter(([name, test]) => unheardSignals(name, test, policy).all);
  if (unheard.length > 0) {
    const names = unheard.map(([name]) => name).join(', ');
    return { what, state: 'note', detail: `${configPath}; nobody is mailed for ${names}` };
  }
  return { what, state: 'ok', detail: `${configPath}, ${tests.size} test${tests.size === 1 ? '' : 's'}` };
}

async function historyFinding({ history: url }: Setup, env: Environment): Promise<Check> {
  const what = 'history';
  if (!isEmbedded(url)) return { what, state: 'ok', detail: url };
  const file = historyFile(url);
  if (!existsSync(file)) return missing(what, file);
  const history = await openHistory(url, { create: false, env });
  try {
    const counts = await history.counts();
    const failed = counts.mails_failed ?? 0;
    const detail = `${url}, ${Object.entries(counts)
      .map(([name, count]) => `${count} ${name.replaceAll('_', ' ')}`)
      .join(', ')}`;
    return { what, state: failed > 0 || (counts.rejected_messages ?? 0) > 0 ? 'note' : 'ok', detail };
  } finally {
    await history.close();
  }
}

/** Something that the first use will make: fine, if the folder it goes to can be written. */
function missing(what: string, path: string): Check {
  let folder = resolve(dirname(path));
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
    return { what, state: 'ok', detail: `${path} will be made when it is first needed` };
  } catch {
    return {
      what,
      state: 'bad',
      detail: `${path} is not there and cannot be made: ${folder} is not writable`,
    };
  }
}

async function queueFinding({ queue: url }: Setup): Promise<Check> {
  const queue = await openQueue(url);
  // To pull from it would keep messages from the next tick; its own checks look without taking.
  if (!url.startsWith('spool:')) return { what: 'queue', state: 'ok', detail: url };
  const waiting = await queue.pull(MOST_COUNTED).finally(queue.close);
  const more = waiting.length === MOST_COUNTED ? ' or more' : '';
  return {
    what: 'queue',
    state: 'ok',
    detail: `${url}, ${waiting.length}${more} messages wait for the next tick`,
  };
}

const MOST_COUNTED = 100;

async function mailFinding({ mail: url, from }: Setup): Promise<Check> {
  const mailer = await openMailer(url, { password: undefined, print: () => {} });
  await mailer.close();
  const note = url.startsWith('eml:') ? ' (mails are written as files, nobody receives them)' : '';
  return { what: 'mail', state: 'ok', detail: `${url} from ${from}${note}` };
}

async function unsentFinding({ state }: Setup): Promise<Check> {
  const waiting = await (await openUnsent(state)).list();
  const what = 'unsent messages';
  if (waiting.length === 0) return { what, state: 'ok', detail: 'none' };
  return { what, state: 'note', detail: `${waiting.length}; "tidemark flush" delivers them` };
}
