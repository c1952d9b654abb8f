import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { emlMailer } from '../../shared/adapters/eml/mailer.ts';
import { fileEventFiles } from '../../shared/adapters/file/event-files.ts';
import { spoolQueue } from '../../shared/adapters/spool/queue.ts';
import type { SqlDatabase } from '../../shared/adapters/sqlite/database.ts';
import { sqliteHistory } from '../../shared/adapters/sqlite/history.ts';
import { sqliteLease } from '../../shared/adapters/sqlite/lease.ts';
import type { Ports } from '../../shared/pipeline/context.ts';
import { tick } from '../../shared/pipeline/tick.ts';
import { type Log, silentLog } from '../../shared/ports/log.ts';
import {
  countEffects,
  countedDatabase,
  countedMailFiles,
  countedSpoolFiles,
  type Effects,
} from './effects.ts';
import type { Message } from './messages.ts';
import type { Scenario } from './scenario.ts';
import { NO_REMINDERS, settingsOf } from './world.ts';

/** Places of one machine's state, as the command line lays them out. */
export function placesIn(folder: string) {
  return {
    database: join(folder, 'tidemark.db'),
    lease: join(folder, 'lease.db'),
    spool: join(folder, 'spool'),
    mail: join(folder, 'mail'),
    models: join(folder, 'models'),
  };
}

/** Publishes as a foreign program would: a file in `incoming`, whose time is the publish time. */
export function publishInto(folder: string, messages: readonly Message[]): void {
  const incoming = join(placesIn(folder).spool, 'incoming');
  mkdirSync(incoming, { recursive: true });
  for (const { name, body, publishTime } of messages) {
    // A second delivery of a message that still waits is a second file.
    let path = join(incoming, name);
    for (let n = 2; existsSync(path); n++) path = join(incoming, `${n}-${name}`);
    writeFileSync(path, body);
    utimesSync(path, publishTime / 1000, publishTime / 1000);
  }
}

export function writeModels(files: Scenario['files']): void {
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
}

export interface OpenOptions {
  readonly now: number;
  readonly effects?: Effects;
  readonly log?: Log;
  /** Whether reminders are sent: at most once, so that a death may take one. */
  readonly reminders?: boolean;
}

/** What a process has when it starts on the state of another one. `close` is what its end does. */
export function openState(folder: string, options: OpenOptions): { ports: Ports; close(): void } {
  const effects = options.effects ?? countEffects(null);
  const places = placesIn(folder);
  let opened: DatabaseSync | null = null;
  const open = (file: string): SqlDatabase => {
    opened = new DatabaseSync(file, { timeout: 5000 });
    opened.exec('PRAGMA synchronous = OFF');
    return countedDatabase(opened as unknown as SqlDatabase, effects);
  };
  const end = () => {
    if (opened?.isOpen) opened.close();
  };
  try {
    const ports: Ports = {
      queue: spoolQueue({ folder: places.spool, files: countedSpoolFiles(effects) }),
      history: sqliteHistory({ file: places.database, open }),
      outcomes: null,
      eventFiles: fileEventFiles(),
      mailer: emlMailer({ folder: places.mail, files: countedMailFiles(effects) }),
      lease: sqliteLease(places.lease),
      clock: { now: () => options.now },
      log: options.log ?? silentLog,
    };
    return { ports, close: end };
  } catch (error) {
    end();
    throw error;
  }
}

/** One pass of a process of its own. */
export async function tickIn(folder: string, scenario: Scenario, options: OpenOptions): Promise<void> {
  const { ports, close } = openState(folder, options);
  try {
    const policy = options.reminders === true ? {} : NO_REMINDERS;
    if ((await tick(ports, settingsOf(scenario.tests, { policy }))) === null)
      throw new Error('another tick is at work');
  } finally {
    close();
  }
}

const DERIVED = {
  job_history: 'uuid',
  metric_history: 'uuid, metric_name',
  rejected_messages: 'id',
} as const;

/** What a replay makes anew. */
export const REBUILT = {
  ...DERIVED,
  alert_episodes: 'episode_id',
  alert_episode_events: 'event_id',
} as const;

const LEFT_BEHIND = {
  ...REBUILT,
  run_events: 'event_key',
  threads: 'thread',
  runs: 'uuid',
  alerts: 'id',
  alert_outbox: 'message_key',
  ticks: 'tick_id',
} as const;

/** Columns that say when, how often and by whom something was done, not what came of it. */
const HOW_IT_CAME: Readonly<Record<string, readonly string[]>> = {
  alert_outbox: ['sent_at', 'attempts', 'detail'],
  ticks: ['runs', 'rejected', 'mails'],
};

/** Rows of tables in a fixed order, without what may differ between two ways to the same end. */
export function dump(folder: string, tables: Readonly<Record<string, string>> = DERIVED) {
  const database = new DatabaseSync(placesIn(folder).database, { readOnly: true });
  try {
    return Object.fromEntries(
      Object.entries(tables).map(([table, order]) => {
        const rows = database.prepare(`SELECT * FROM ${table} ORDER BY ${order}`).all();
        const ignored = new Set(['ingested_at', 'created_at', ...(HOW_IT_CAME[table] ?? [])]);
        const kept = rows.map((row) => Object.entries(row).filter(([column]) => !ignored.has(column)));
        return [table, kept.map((columns) => Object.fromEntries(columns))];
      }),
    );
  } finally {
    database.close();
  }
}

/** Everything that one pass after the other has left on the disk and that somebody could see. */
export function everythingIn(folder: string) {
  const { spool, mail } = placesIn(folder);
  return {
    tables: dump(folder, LEFT_BEHIND),
    waiting: filesIn(join(spool, 'incoming')).map(({ name }) => name),
    mails: filesIn(mail).filter(({ name }) => /\.(eml|html)$/.test(name)),
  };
}

function filesIn(folder: string): { readonly name: string; readonly text: string }[] {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
  } catch {
    return []; // nobody made the folder
  }
}
