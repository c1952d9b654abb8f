import { createHash } from 'node:crypto';
import { memoryEventFiles } from '../../shared/adapters/memory/event-files.ts';
import { memoryHistory } from '../../shared/adapters/memory/history.ts';
import { emptyStore, type Store } from '../../shared/adapters/memory/history-store.ts';
import { memoryLease } from '../../shared/adapters/memory/lease.ts';
import { type MemoryMailer, memoryMailer } from '../../shared/adapters/memory/mailer.ts';
import { memoryQueue } from '../../shared/adapters/memory/queue.ts';
import { decodeV2 } from '../../shared/adapters/protobuf/decode.ts';
import { DEFAULT_POLICY, type DeliveryPolicy } from '../../shared/core/delivery/policy.ts';
import type { TestConfig } from '../../shared/core/schema/test-config.ts';
import type { Ports, Settings } from '../../shared/pipeline/context.ts';
import { type TickReport, tick } from '../../shared/pipeline/tick.ts';
import type { History } from '../../shared/ports/history.ts';
import type { Log } from '../../shared/ports/log.ts';
import type { SendResult } from '../../shared/ports/mailer.ts';
import type { JobQuery, JobSighting } from '../../shared/ports/outcomes.ts';
import type { Delivery, Queue } from '../../shared/ports/queue.ts';
import type { RemoteSource } from '../../shared/ports/source.ts';
import type { Message } from './messages.ts';

export function settingsOf(
  tests: Readonly<Record<string, TestConfig>>,
  options: { readonly fallback?: readonly string[]; readonly policy?: Partial<DeliveryPolicy> } = {},
): Settings {
  return {
    tests: new Map(Object.entries(tests)),
    from: 'tidemark@example.com',
    fallback: options.fallback ?? [],
    policy: { ...DEFAULT_POLICY, fallback: options.fallback ?? [], ...options.policy },
    configFile: 'tidemark.yaml',
    command: 'tidemark',
  };
}

/** For tests of what happens, where reminders of it would only be in the way. */
export const NO_REMINDERS = { reminders: { info: [], warning: [], critical: [] } } as const;

/** A queue that hands out messages in the order they were put in, whatever their times: it hides no mistake. */
export function plainQueue(): Queue {
  const waiting: Delivery[] = [];
  const leave = (delivery: Delivery) => {
    const at = waiting.indexOf(delivery);
    if (at >= 0) waiting.splice(at, 1);
  };
  return {
    publish: async (body, name, { publishTime = 0 } = {}) => {
      const id = createHash('sha256').update(body).digest('hex');
      const delivery: Delivery = {
        id,
        body,
        bytes: body.length,
        publishTime,
        format: name.endsWith('.pb') ? 'v2' : 'json',
        name,
        ack: async () => leave(delivery),
        setAside: async () => {
          leave(delivery);
          return name;
        },
      };
      waiting.push(delivery);
      return id;
    },
    pull: async (max) => waiting.slice(0, max),
    close: async () => {},
  };
}

/** History in memory whose rows a test can look at without SQL. */
export function openStore(): { readonly store: Store; readonly history: History } {
  const store = emptyStore();
  return { store, history: memoryHistory(store) };
}

export interface Word {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
}

export function keptLog(): Log & { readonly words: readonly Word[] } {
  const words: Word[] = [];
  const keep = (level: Word['level']) => (message: string) => void words.push({ level, message });
  return { words, info: keep('info'), warn: keep('warn'), error: keep('error') };
}

/** Everything of one machine, in memory, with the time in the test's hand. */
export interface World {
  readonly ports: Ports;
  readonly store: Store;
  readonly mailer: MemoryMailer;
  readonly log: { readonly words: readonly Word[] };
  settings: Settings;
  /** How a Job stands, as its cluster would say now; null: every Job is open. */
  jobs: ((query: JobQuery) => JobSighting) | null;
  /** Event files by path; a test may let them grow or vanish. */
  files: Readonly<Record<string, Uint8Array>>;
  /** Publishes and makes one pass at `now`. */
  tickAt(now: number, ...messages: readonly Message[]): Promise<TickReport>;
}

export interface WorldOptions {
  readonly files?: Readonly<Record<string, Uint8Array>>;
  readonly results?: readonly SendResult[];
  /** By default one that hands out the oldest message first, as all real ones do. */
  readonly queue?: Queue;
  readonly jobs?: World['jobs'];
  /** Servers that hold metrics. */
  readonly remote?: RemoteSource;
}

export function makeWorld(settings: Settings, options: WorldOptions = {}): World {
  let time = 0;
  const { store, history } = openStore();
  const queue = options.queue ?? memoryQueue();
  const mailer = memoryMailer(options.results === undefined ? {} : { results: options.results });
  const log = keptLog();
  const ports: Ports = {
    queue,
    history,
    outcomes: {
      look: async (queries) =>
        new Map(queries.map((query) => [query.uuid, world.jobs?.(query) ?? { kind: 'open' }])),
    },
    eventFiles: {
      concurrency: 1,
      list: (place) => memoryEventFiles(world.files).list(place),
      find: (place, pattern) => memoryEventFiles(world.files).find(place, pattern),
      open: (file, from) => memoryEventFiles(world.files).open(file, from),
    },
    ...(options.remote === undefined ? {} : { remote: options.remote }),
    decodeV2: async () => decodeV2,
    mailer,
    lease: memoryLease(),
    clock: { now: () => time },
    log,
  };
  const world: World = {
    ports,
    store,
    mailer,
    log,
    settings,
    jobs: options.jobs ?? null,
    files: options.files ?? {},
    tickAt: async (now, ...messages) => {
      time = now;
      for (const { body, name, publishTime } of messages) await queue.publish(body, name, { publishTime });
      const report = await tick(ports, world.settings);
      if (report === null) throw new Error('the lease of this world is held');
      return report;
    },
  };
  return world;
}

/** The two tables as one would read them: `ingested_at` is not among the rows that the store keeps. */
export function tablesOf({ judged }: Store) {
  const runs = [...judged.values()].flat().sort((a, b) => (a.uuid < b.uuid ? -1 : 1));
  return {
    job_history: runs.map(({ job }) => job),
    metric_history: runs.flatMap(({ uuid, runId, finishedAt, metrics }) =>
      metrics.map((row) => ({ uuid, runId, finishedAt, ...row })),
    ),
  };
}

/** What was refused and why; an id is a digest of what was sent. The name in the words is that of one delivery. */
export async function refusals(history: History): Promise<string[]> {
  return (await history.rejected()).map(({ id, reason }) => `${reason} ${id}`).sort();
}
