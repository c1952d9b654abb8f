import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { PortError } from '../../shared/ports/error.ts';
import { colors } from '../../shared/render/color.ts';
import { historyFile, openHistory, openMailer, openQueue, openUnsent } from '../adapters.ts';
import { type Environment, type GlobalFlags, loadSetup, type Setup } from '../config.ts';
import { UsageError } from '../errors.ts';
import type { Terminal } from './io.ts';

export interface DoctorFlags {
  readonly json?: boolean;
}

interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'note' | 'bad';
  readonly detail: string;
}

/** Says what is configured and whether it can be reached. Exits 2 when something is wrong. */
export async function doctorCommand(flags: DoctorFlags & GlobalFlags, terminal: Terminal): Promise<number> {
  const findings = await examine(flags, terminal);
  const bad = findings.some(({ state }) => state === 'bad');
  if (flags.json) terminal.out(`${JSON.stringify({ healthy: !bad, findings })}\n`);
  else {
    const { red, green, yellow } = colors(terminal.color);
    const mark = { ok: green('ok  '), note: yellow('note'), bad: red('bad ') };
    for (const { what, state, detail } of findings) terminal.out(`${mark[state]}  ${what}: ${detail}\n`);
  }
  return bad ? 2 : 0;
}

async function examine(flags: GlobalFlags, terminal: Terminal): Promise<Finding[]> {
  const node: Finding = { what: 'Node', state: 'ok', detail: process.version };
  let setup: Setup;
  try {
    setup = await loadSetup(flags, terminal.env);
  } catch (error) {
    return [node, { what: 'config', state: 'bad', detail: (error as Error).message }];
  }
  return [
    node,
    configFinding(setup),
    await attempt('history', () => historyFinding(setup, terminal.env)),
    await attempt('queue', () => queueFinding(setup)),
    await attempt('mail', () => mailFinding(setup, terminal.env)),
    await attempt('unsent messages', () => unsentFinding(setup)),
  ];
}

async function attempt(what: string, work: () => Promise<Finding>): Promise<Finding> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PortError || error instanceof UsageError)
      return { what, state: 'bad', detail: error.message };
    throw error;
  }
}

function configFinding({ configPath, tests, fallback }: Setup): Finding {
  const what = 'config';
  if (configPath === null)
    return { what, state: 'note', detail: 'no file found; every test has the default rule' };
  const unowned = [...tests].filter(([, { owner }]) => owner === undefined).map(([name]) => name);
  if (unowned.length > 0 && fallback.length === 0) {
    return { what, state: 'note', detail: `${configPath}; nobody is mailed for ${unowned.join(', ')}` };
  }
  return { what, state: 'ok', detail: `${configPath}, ${tests.size} test${tests.size === 1 ? '' : 's'}` };
}

async function historyFinding({ history: url }: Setup, env: Environment): Promise<Finding> {
  const what = 'history';
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
function missing(what: string, path: string): Finding {
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

async function queueFinding({ queue: url }: Setup): Promise<Finding> {
  const queue = await openQueue(url);
  const waiting = await queue.pull(MOST_COUNTED).finally(queue.close);
  const more = waiting.length === MOST_COUNTED ? ' or more' : '';
  return {
    what: 'queue',
    state: 'ok',
    detail: `${url}, ${waiting.length}${more} messages wait for the next tick`,
  };
}

const MOST_COUNTED = 100;

async function mailFinding({ mail: url, from }: Setup, env: Environment): Promise<Finding> {
  const mailer = await openMailer(url, { password: undefined, print: () => {} });
  await mailer.close();
  const needsPassword = /^smtps?:\/\/[^/@]+@/.test(url);
  if (needsPassword && !env.TIDEMARK_SMTP_PASSWORD && !env.TIDEMARK_SMTP_PASSWORD_FILE) {
    const detail = `${url} names a user, and TIDEMARK_SMTP_PASSWORD is not set: most servers will refuse`;
    return { what: 'mail', state: 'note', detail };
  }
  const note = url.startsWith('eml:') ? ' (mails are written as files, nobody receives them)' : '';
  return { what: 'mail', state: 'ok', detail: `${url} from ${from}${note}` };
}

async function unsentFinding({ state }: Setup): Promise<Finding> {
  const waiting = await (await openUnsent(state)).list();
  const what = 'unsent messages';
  if (waiting.length === 0) return { what, state: 'ok', detail: 'none' };
  return { what, state: 'note', detail: `${waiting.length}; "tidemark flush" delivers them` };
}
