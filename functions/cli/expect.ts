import { expectedEvent } from '../../shared/core/expected-event.ts';
import { runIdentity } from '../../shared/core/run-identity.ts';
import { formatTime } from '../../shared/core/time.ts';
import { eventMessage, send, unsentNotice } from '../../shared/pipeline/send.ts';
import type { ProducerDeps } from './producer-deps.ts';

export interface ExpectOptions {
  readonly testName: string;
  /** Milliseconds from now in which it has to start. */
  readonly within: number;
  /** The run that is waited for; without it any run of the test will do. */
  readonly runId?: string | undefined;
  readonly hint?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

/** Longest the message may take before it is kept for `flush`, milliseconds. */
const PUBLISH_WAIT = 10_000;

/** Says that a run has to start; whoever submits a job calls it. Exit code 70 where nobody will know of it yet. */
export async function expectRun(options: ExpectOptions, deps: ProducerDeps): Promise<number> {
  const { testName, within, hint, labels } = options;
  const now = deps.clock.now();
  const startBy = now + within;
  const runId = options.runId ?? `expected-${formatTime(now)}-${deps.randomId().slice(0, 8)}`;
  const { source, links } = runIdentity(deps.env, { testName, hostname: deps.hostname, randomId: runId });
  const event = expectedEvent(
    { testName, source, runId, attempt: 1 },
    { expectedAt: now, startBy, anyRun: options.runId === undefined, hint, labels, links },
  );
  const sent = await send(eventMessage(event, now), deps, { wait: PUBLISH_WAIT });
  deps.err(unsentNotice(`that run ${runId} is expected`, sent));
  if (sent.kind !== 'published') return 70;
  const what = options.runId === undefined ? `A run of "${testName}"` : `Run "${runId}" of "${testName}"`;
  deps.out(`${what} has to start by ${formatTime(startBy)}; else it is told as missed.\n`);
  return 0;
}
