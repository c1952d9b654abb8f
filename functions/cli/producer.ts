import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { SILENCE_MS } from '../../shared/core/status.ts';
import { parseDuration } from '../../shared/core/time.ts';
import { openQueue, openUnsent } from '../adapters.ts';
import type { GlobalFlags } from '../config.ts';
import { UsageError } from '../errors.ts';
import { isUrl } from '../is-url.ts';
import { expectRun } from './expect.ts';
import { flush } from './flush.ts';
import type { Terminal } from './io.ts';
import { readLabels } from './labels.ts';
import { begin } from './open-ports.ts';
import type { ProducerDeps } from './producer-deps.ts';
import { publish } from './publish.ts';
import { run } from './run.ts';

export interface ProducerFlags {
  readonly testName?: string;
  readonly modelDir?: string;
  readonly outcome?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly label?: readonly string[];
  readonly metricConfig?: string;
  readonly runId?: string;
  readonly attempt?: string;
  readonly strict?: boolean;
  readonly timeout?: string;
  readonly heartbeat?: string;
}

/** What `expect` takes. */
export interface ExpectFlags {
  readonly within?: string;
  readonly runId?: string;
  readonly hint?: string;
  readonly label?: readonly string[];
}

/** Opens what a producer needs, and closes its queue when the work is done. */
async function producing(
  flags: GlobalFlags,
  terminal: Terminal,
  work: (deps: ProducerDeps) => Promise<number>,
): Promise<number> {
  const { setup, clock } = await begin(flags, terminal);
  const { env, out, err, hostname } = terminal;
  const unsent = await openUnsent(setup.state);
  const queue = await openQueue(setup.queue);
  try {
    return await work({ queue, unsent, env, clock, randomId: randomUUID, hostname, out, err });
  } finally {
    await queue.close();
  }
}

export async function publishCommand(
  flags: ProducerFlags & GlobalFlags,
  terminal: Terminal,
): Promise<number> {
  const { label, attempt, modelDir, ...rest } = flags;
  const options = {
    ...rest,
    labels: readLabels(label ?? []),
    attempt: readAttempt(attempt),
    modelDir: modelFolder(modelDir, terminal),
  };
  return producing(flags, terminal, (deps) => publish(options, deps));
}

export async function runCommand(
  command: readonly string[],
  flags: ProducerFlags & GlobalFlags,
  terminal: Terminal,
): Promise<number> {
  const testName = flags.testName;
  if (testName === undefined) throw new UsageError('Cannot run: give --test-name');
  if (command.length === 0) throw new UsageError('Cannot run: give a command behind --');
  const options = {
    testName,
    command,
    modelDir: modelFolder(flags.modelDir, terminal),
    timeout: readDuration('--timeout', flags.timeout),
    heartbeat: readHeartbeat(flags.heartbeat),
    labels: readLabels(flags.label ?? []),
    runId: flags.runId,
    attempt: readAttempt(flags.attempt),
  };
  return producing(flags, terminal, (deps) => run(options, deps));
}

export async function expectCommand(
  testName: string,
  flags: ExpectFlags & GlobalFlags,
  terminal: Terminal,
): Promise<number> {
  const within = readDuration('--within', flags.within);
  if (within === undefined) throw new UsageError('Cannot expect a run: give --within, such as 30m');
  const { runId, hint } = flags;
  const options = { testName, within, runId, hint, labels: readLabels(flags.label ?? []) };
  return producing(flags, terminal, (deps) => expectRun(options, deps));
}

export async function flushCommand(flags: GlobalFlags, terminal: Terminal): Promise<number> {
  return producing(flags, terminal, (deps) => flush(deps));
}

/** The tick that reads the files runs elsewhere: a relative folder would mean another one there. */
function modelFolder(flag: string | undefined, { env }: Terminal): string | undefined {
  const modelDir = flag ?? (env.MODEL_DIR || undefined);
  return modelDir === undefined || isUrl(modelDir) ? modelDir : resolve(modelDir);
}

function readHeartbeat(text: string | undefined): number | undefined {
  const every = readDuration('--heartbeat', text);
  if (every === undefined || every < SILENCE_MS) return every;
  throw new UsageError(
    `Cannot use --heartbeat "${text}": a run that is silent for ${SILENCE_MS / 60_000} minutes counts as lost; wanted less`,
  );
}

function readDuration(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === null || ms <= 0)
    throw new UsageError(`Cannot read ${flag} "${text}": wanted a duration such as 4h`);
  return ms;
}

function readAttempt(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const attempt = Number(text);
  if (Number.isInteger(attempt) && attempt >= 1) return attempt;
  throw new UsageError(`Cannot read --attempt "${text}": wanted a whole number from 1`);
}
