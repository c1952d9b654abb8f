import { writeSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Log } from '../../shared/ports/log.ts';

/** What a command sees of the process it runs in. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** To standard output: answers, and with `--json` nothing else. */
  readonly out: (text: string) => void;
  /** To standard error: words for people. */
  readonly err: (text: string) => void;
  readonly width: number;
  readonly color: boolean;
  /** Standard error is a terminal: progress may be drawn. */
  readonly interactive: boolean;
  readonly hostname: string;
}

const DEFAULT_WIDTH = 100;

export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  return {
    env,
    out: (text) => void stdout.write(text),
    // Not stderr.write: on a pipe that would set O_NONBLOCK on what a child of `run` shares with us.
    err: writeError,
    // A terminal that was never given a size says 0 columns.
    width: (stdout.isTTY && stdout.columns) || Number(env.COLUMNS) || DEFAULT_WIDTH,
    color: Boolean(stdout.isTTY) && !env.NO_COLOR && env.TERM !== 'dumb',
    interactive: Boolean(stderr.isTTY) && !env.CI,
    hostname: hostname(),
  };
}

/** To standard error, as far as somebody listens. */
export function writeError(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Nobody reads it any more, or the reader is slow; a notice is not worth failing for.
  }
}

/** Words of the pipeline, one line each, on standard error. */
export function terminalLog({ err }: Pick<Terminal, 'err'>): Log {
  const line = (message: string) => err(`${oneLine(message)}\n`);
  return { info: line, warn: (message) => line(`warning: ${message}`), error: line };
}

/** Texts from messages and files may hold anything; a line of a log is one line and moves no cursor. */
export function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (unit) =>
    unit === '\n' ? '\\n' : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A sentence may quote names that came with messages; its own line breaks stay. */
export function printable(message: string): string {
  return message.split('\n').map(oneLine).join('\n');
}
