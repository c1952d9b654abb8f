import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import type { MailFiles } from '../../shared/adapters/eml/mailer.ts';
import { nodeFiles, type SpoolFiles } from '../../shared/adapters/spool/files.ts';
import type { SqlDatabase, SqlStatement } from '../../shared/adapters/sqlite/database.ts';

/** Where a process dies: before its n-th effect has happened, or right after it. Effects count from 1. */
export interface Death {
  readonly at: number;
  readonly when: 'before' | 'after';
}

/** What a dead process would have done next; it must never be taken for an error of the world. */
export class Died extends Error {}

/** Counts everything that changes the world, and stops the process at one of these effects. */
export interface Effects {
  /** Every effect so far, in words, for the message of a failing test. */
  readonly done: readonly string[];
  /** Something that changes the world. */
  effect<T>(what: string, work: () => T): T;
  asyncEffect<T>(what: string, work: () => Promise<T>): Promise<T>;
  /** Something that only looks: it cannot kill, but a dead process cannot look either. */
  look<T>(work: () => T): T;
}

/** `die` ends the process, or throws; without a death everything is only counted. */
export function countEffects(
  death: Death | null,
  die: (message: string) => never = (message) => {
    throw new Died(message);
  },
): Effects {
  const done: string[] = [];
  let dead = false;
  const kill = (): never => {
    dead = true;
    return die(`died ${death?.when} effect ${death?.at}: ${done.at(-1)}`);
  };
  // A `catch` block of a process that was killed does not run: whatever it tries must fail as well.
  const stillAlive = () => {
    if (dead) kill();
  };
  const begin = (what: string): boolean => {
    stillAlive();
    done.push(what);
    const here = done.length === death?.at;
    if (here && death?.when === 'before') kill();
    return here;
  };
  return {
    done,
    effect: (what, work) => {
      const last = begin(what);
      const result = work();
      if (last) kill();
      return result;
    },
    asyncEffect: async (what, work) => {
      const last = begin(what);
      const result = await work();
      if (last) kill();
      return result;
    },
    look: (work) => {
      stillAlive();
      return work();
    },
  };
}

/** A database that counts `exec` and `run`; reading is no effect. */
export function countedDatabase(database: SqlDatabase, effects: Effects): SqlDatabase {
  const counted = (sql: string, statement: SqlStatement): SqlStatement => ({
    run: (...values) => effects.effect(firstLine(sql), () => statement.run(...values)),
    all: (...values) => effects.look(() => statement.all(...values)),
  });
  return {
    exec: (sql) => {
      const work = () => database.exec(sql);
      return isSetting(sql) ? effects.look(work) : effects.effect(firstLine(sql), work);
    },
    prepare: (sql) => counted(sql, database.prepare(sql)),
    // The system closes the files of a dead process.
    close: () => database.close(),
  };
}

export function countedSpoolFiles(effects: Effects): SpoolFiles {
  const { asyncEffect } = effects;
  return {
    mkdir: (path, options) => asyncEffect('spool mkdir', () => nodeFiles.mkdir(path, options)),
    readdir: async (path) => effects.look(() => nodeFiles.readdir(path)),
    lstat: async (path) => effects.look(() => nodeFiles.lstat(path)),
    readRegular: async (path, bytes) => effects.look(() => nodeFiles.readRegular(path, bytes)),
    writeDurably: (path, body) => asyncEffect('spool write', () => nodeFiles.writeDurably(path, body)),
    setTime: (path, ms) => asyncEffect('spool utimes', () => nodeFiles.setTime(path, ms)),
    rename: (from, to) => asyncEffect('spool rename', () => nodeFiles.rename(from, to)),
    unlink: (path) => asyncEffect('spool unlink', () => nodeFiles.unlink(path)),
    syncFolder: (path) => asyncEffect('spool sync', () => nodeFiles.syncFolder(path)),
  };
}

export function countedMailFiles({ asyncEffect }: Effects): MailFiles {
  return {
    mkdir: (path, options) => asyncEffect('mail mkdir', () => mkdir(path, options)),
    writeFile: (path, data) => asyncEffect('mail write', () => writeFile(path, data)),
    rename: (from, to) => asyncEffect('mail rename', () => rename(from, to)),
    rm: (path, options) => asyncEffect('mail rm', () => rm(path, options)),
  };
}

/** How a connection commits dies with its process and changes nothing in the world. */
function isSetting(sql: string): boolean {
  return /^PRAGMA (synchronous|wal_autocheckpoint)\b/.test(sql);
}

function firstLine(sql: string): string {
  return sql.trim().split('\n', 1)[0]!;
}
