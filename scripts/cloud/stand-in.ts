import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type CacheItem, cached } from './cache.ts';
import { type Children, type Command, logTail, type Server } from './children.ts';
import { poll } from './tools.ts';

/** A program that stands in for a service in the cloud tests. */
export interface StandIn {
  readonly name: string;
  readonly version: string;
  readonly standsInFor: string;
  /** The programs it is made and run with, in words. */
  readonly needs: string;
  /**
   * Fetches or builds it, unless the cache has it. Throws MissingToolError where this machine lacks what it
   * is made with, and any other error where making it failed.
   */
  prepare(workshop: Workshop): Promise<Prepared>;
}

/** A stand-in that lies ready on this machine. */
export interface Prepared {
  /** Where it is not the version that the stand-in states. */
  readonly version?: string;
  /** How it came here, in a few words. */
  readonly how: string;
  /** Starts it where it is a server; gives what the tests have to know, as environment variables. */
  start(): Promise<Readonly<Record<string, string>>>;
}

/** What a stand-in is made with: the cache, and processes whose words go to its log. */
export interface Workshop {
  /** The log of this stand-in. */
  readonly log: string;
  /** A new folder for this run alone, gone after it. */
  folder(name: string): string;
  /** The folder of a thing that is made once and kept, and how it came, in words. */
  keep(item: CacheItem): Promise<{ readonly folder: string; readonly how: string }>;
  /** Runs a program to its end; throws with the end of the log where it failed. */
  run(command: Command, options?: { cwd?: string; environment?: Record<string, string> }): Promise<void>;
  /** Starts a server and waits until `isReady` says yes; throws with the end of the log where it never does. */
  serve(
    command: Command,
    options: { readonly isReady: () => Promise<boolean>; readonly environment?: Record<string, string> },
  ): Promise<void>;
}

/** The first start of a server after its build reads half a gigabyte from a disk that others use as well. */
const START_SECONDS = 60;

/** The workshop of one stand-in; `folder` is the run's own, `cache` the folder of `cacheRoot`. */
export function workshop(
  name: string,
  place: { readonly folder: string; readonly cache: string; readonly children: Children },
): Workshop {
  const log = join(place.folder, `${name}.log`);
  return {
    log,
    folder(part) {
      const path = join(place.folder, name, part);
      mkdirSync(path, { recursive: true });
      return path;
    },
    async keep(item) {
      const { folder, isNew } = await cached(place.cache, item);
      return { folder, how: isNew ? 'fetched or built now' : 'from the cache' };
    },
    async run(command, options = {}) {
      const code = await place.children.run(command, { log, ...options });
      if (code !== 0) throw new Error(failure(`${basename(command[0])} ended with exit code ${code}`, log));
    },
    async serve(command, { isReady, environment = {} }) {
      const server: Server = place.children.serve(command, { log, environment });
      if (await poll(isReady, { signal: server.ended, seconds: START_SECONDS })) return;
      const why = server.ended.aborted ? 'ended' : `did not answer within ${START_SECONDS} s`;
      await server.stop();
      throw new Error(failure(`the server ${why}`, log));
    },
  };
}

function failure(what: string, log: string): string {
  return `${what}\nThe end of its log, ${log}:\n${logTail(log)}`;
}
