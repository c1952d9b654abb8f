import { formatTime } from '../../shared/core/time.ts';

/** A message as somebody published it, once; what it says and when the transport took it belong to it. */
export interface Message {
  /** A file name; it ends in `.json` or `.pb`. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly publishTime: number;
  readonly body: Uint8Array;
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

const FIRST_DAY = Date.UTC(2026, 7, 1);

/** Midnight of the given day of August 2026 and so many hours more, UTC, in milliseconds. */
export function day(number: number, hours = 0): number {
  return FIRST_DAY + (number - 1) * 24 * HOUR + hours * HOUR;
}

/** Anything that `data` may hold beside what names the run; `undefined` leaves a field out. */
type Fields = Readonly<Record<string, unknown>>;

export interface About {
  readonly test: string;
  readonly run: string;
  /** When it happened, milliseconds since the epoch. */
  readonly at: number;
  readonly attempt?: number;
  readonly source?: string;
  /** The n-th heartbeat or report of metrics. */
  readonly n?: number;
}

export function started(about: About, fields: Fields = {}): Message {
  return event('run.started', 'started', { about, fields });
}

export function finished(about: About, outcome: string, fields: Fields = {}): Message {
  return event('run.finished', 'finished', { about, fields: { outcome, ...fields } });
}

export function heartbeat(about: About): Message {
  return event('run.heartbeat', `heartbeat/${about.n ?? 1}`, { about, fields: {} });
}

/** A value may be a number or one of the names of those that JSON cannot carry. */
export function reported(about: About, metrics: Readonly<Record<string, number | string>>): Message {
  return event('metrics.reported', `metrics/${about.n ?? 1}`, { about, fields: { metrics: named(metrics) } });
}

/** Metrics as the `metrics` field of an event has them. */
export function named(
  metrics: Readonly<Record<string, number | string>>,
): { name: string; value: unknown }[] {
  return Object.entries(metrics).map(([name, value]) => ({ name, value }));
}

function event(type: string, word: string, { about, fields }: { about: About; fields: Fields }): Message {
  const { test, run, at, attempt = 1, source = '//tests/one' } = about;
  const name = [run, attempt, word, source.split('/').at(-1), at].join('-').replace('/', '-');
  return json(name, at, {
    specversion: '1.0',
    type: `io.tidemark.${type}.v1`,
    source,
    id: `${run}/${attempt}/${word}`,
    time: formatTime(at),
    subject: test,
    data: { run_id: run, attempt, test_name: test, ...fields },
  });
}

/** A message of the v1 publisher: it has no time of its own but the transport's. */
export function v1(name: string, publishTime: number, fields: Fields): Message {
  return json(name, publishTime, { model_dir: null, logs_link: '', ...fields });
}

export function json(name: string, publishTime: number, value: unknown): Message {
  return text(name, publishTime, JSON.stringify(value));
}

/** Any text at all, to be refused. */
export function text(name: string, publishTime: number, body: string): Message {
  return {
    name: /\.(json|pb)$/.test(name) ? name : `${name}.json`,
    publishTime,
    body: new TextEncoder().encode(body),
  };
}

/** The same message once more: the transport took this delivery later. */
export function again(message: Message, later = HOUR): Message {
  return { ...message, name: `again-${message.name}`, publishTime: message.publishTime + later };
}
