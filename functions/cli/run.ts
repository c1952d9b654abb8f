import { type ChildEnd, superviseChild } from '../../shared/adapters/process/child.ts';
import {
  type CloudEvent,
  type ConfigInput,
  type FinishedFields,
  finishedEvent,
  heartbeatEvent,
  type RunRef,
  startedEvent,
} from '../../shared/core/event-envelope.ts';
import { environmentMetricConfig, eventConfig } from '../../shared/core/given-config.ts';
import type { Outcome } from '../../shared/core/outcome.ts';
import { runIdentity } from '../../shared/core/run-identity.ts';
import { eventMessage, reasonOf, send, unsentNotice, within } from '../../shared/pipeline/send.ts';
import type { ProducerDeps } from './producer-deps.ts';

/** Times in milliseconds. */
export interface RunOptions {
  readonly testName: string;
  readonly command: readonly string[];
  readonly modelDir?: string | undefined;
  readonly timeout?: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly runId?: string | undefined;
  readonly attempt?: number | undefined;
  readonly heartbeat?: number | undefined;
  /** Between TERM and KILL after the timeout. */
  readonly grace?: number | undefined;
  /** How long a message may take before it is kept for `flush`. */
  readonly publishWait?: number | undefined;
  readonly metricConfig?: ConfigInput | undefined;
}

// The last moment that contracts can write; a deadline behind it is none.
const LATEST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * Runs a command and tells its start, heartbeats and end. Answers with the command's own exit status:
 * nothing that happens to a message changes it. The caller ends the process with it, because a queue that
 * hangs may hold the event loop.
 */
export async function run(options: RunOptions, deps: ProducerDeps): Promise<number> {
  const { timeout, grace = 10_000, publishWait = 3_000, heartbeat = 60_000 } = options;
  const notice = quietly(deps.err);
  const startedAt = deps.clock.now();
  const ref = identify(options, deps);
  const details = describe(options, deps, { links: ref.links, notice });

  const tell = async (word: string, make: () => CloudEvent<object>) => {
    try {
      const sent = await send(eventMessage(make(), deps.clock.now()), deps, { wait: publishWait });
      notice(unsentNotice(`that run ${ref.runId} ${word}`, sent));
    } catch (error) {
      notice(`tidemark: cannot tell that run ${ref.runId} ${word}: ${reasonOf(error)}.\n`);
    }
  };

  const deadline = timeout === undefined ? undefined : startedAt + timeout;
  const telling = tell('started', () =>
    startedEvent(ref, {
      ...details,
      startedAt,
      deadline: deadline !== undefined && deadline <= LATEST_TIME ? deadline : undefined,
    }),
  );
  const { ended, release } = superviseChild(options.command, {
    env: deps.env,
    timeout,
    grace,
    onTimeout: () => notice(`tidemark: not finished after ${(timeout ?? 0) / 1000} s, stopping it.\n`),
  });
  const stopHeart = startHeart(ref, deps, { every: heartbeat, wait: publishWait });
  try {
    const end = await ended;
    const finishedAt = deps.clock.now();
    stopHeart();
    if (end.how.kind === 'not-started') notice(`tidemark: ${end.how.message}\n`);
    await telling; // a start must not overtake its end
    await tell('finished', () =>
      finishedEvent(ref, { ...details, ...endFields(end), startedAt, finishedAt }),
    );
    return end.status;
  } finally {
    release();
  }
}

function identify(options: RunOptions, deps: ProducerDeps): RunRef & { links: readonly string[] } {
  const { testName } = options;
  const own = runIdentity(deps.env, { testName, hostname: deps.hostname, randomId: deps.randomId() });
  return {
    testName,
    source: own.source,
    cluster: own.cluster,
    namespace: own.namespace,
    links: own.links,
    runId: options.runId ?? own.runId,
    attempt: options.attempt ?? own.attempt,
  };
}

/** What the start and the end of a run both tell. */
function describe(
  options: RunOptions,
  deps: ProducerDeps,
  { links, notice }: { links: readonly string[]; notice: (text: string) => void },
) {
  const metricConfig =
    options.metricConfig === undefined ? environmentMetricConfig(deps.env) : { given: options.metricConfig };
  if (metricConfig?.error !== undefined) notice(`tidemark: ${metricConfig.error}.\n`);
  const { testName: _, ...config } = eventConfig(metricConfig);
  const modelDir = options.modelDir ?? (deps.env.MODEL_DIR || undefined);
  return { ...config, modelDir, labels: options.labels, links, host: deps.hostname };
}

function endFields({
  how,
  timedOut,
  stoppedBy,
  outOfMemory,
  status,
}: ChildEnd): Omit<FinishedFields, 'finishedAt'> {
  const cause = timedOut ? 'timeout' : stoppedBy !== null ? 'stopped' : outOfMemory ? 'oom' : undefined;
  const outcome: Outcome =
    cause === undefined ? (status === 0 ? 'success' : 'failure') : cause === 'stopped' ? 'cancelled' : cause;
  const message =
    cause === 'stopped'
      ? `Told to stop by ${stoppedBy}.`
      : cause === 'oom'
        ? 'The kernel killed it for want of memory.'
        : undefined;
  if (how.kind === 'not-started') {
    return { outcome, exitCode: status, reason: cause ?? how.reason, message: `${how.message}.` };
  }
  if (how.kind === 'signal') return { outcome, signal: how.signal, reason: cause ?? 'signal', message };
  return { outcome, exitCode: how.code, reason: cause ?? (status === 0 ? undefined : 'exit'), message };
}

/** Heartbeats until the function it answers with is called. One that fails is not kept: a newer one comes. */
function startHeart(ref: RunRef, deps: ProducerDeps, { every, wait }: { every: number; wait: number }) {
  let n = 0;
  let busy = false;
  const beat = async () => {
    if (busy) return;
    busy = true;
    try {
      const { body, name } = eventMessage(heartbeatEvent(ref, { n: ++n, time: deps.clock.now() }), 0);
      await within(deps.queue.publish(body, name), wait);
    } catch {
      // The end of the run will tell what matters.
    } finally {
      busy = false;
    }
  };
  // A longer time than a timer can hold would fire at once.
  const timer = setInterval(beat, Math.min(every, 2 ** 31 - 1));
  return () => clearInterval(timer);
}

/** A closed terminal must not end the supervision of a job. */
function quietly(err: (text: string) => void): (text: string) => void {
  return (text) => {
    try {
      if (text !== '') err(text);
    } catch {
      // Nobody reads it.
    }
  };
}
