import {
  type CloudEvent,
  finishedEvent,
  type RunRef,
  startedEvent,
} from '../../shared/core/event-envelope.ts';
import { foreignOutcome, OUTCOME_WORDS } from '../../shared/core/foreign/outcome-words.ts';
import { environmentMetricConfig, eventConfig, type GivenConfig } from '../../shared/core/given-config.ts';
import { OUTCOMES, type Outcome } from '../../shared/core/outcome.ts';
import { runIdentity } from '../../shared/core/run-identity.ts';
import { parseTime } from '../../shared/core/time.ts';
import { missingParts, tutorialMessage } from '../../shared/core/tutorial-message.ts';
import {
  eventMessage,
  jobMessage,
  type OutgoingMessage,
  send,
  unsentNotice,
} from '../../shared/pipeline/send.ts';
import { UsageError } from '../errors.ts';
import { fileMetricConfig } from './metric-config.ts';
import type { ProducerDeps } from './producer-deps.ts';

export interface PublishOptions {
  readonly testName?: string | undefined;
  readonly modelDir?: string | undefined;
  readonly outcome?: string | undefined;
  /** ISO 8601, as people write it; UTC where no zone is given. */
  readonly startedAt?: string | undefined;
  readonly finishedAt?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Path of a JSON or YAML file. */
  readonly metricConfig?: string | undefined;
  readonly runId?: string | undefined;
  readonly attempt?: number | undefined;
  /** Makes a bad metric config exit 2 and a message that was not published exit 70. */
  readonly strict?: boolean | undefined;
  /** How long the message may take before it is kept for `flush`, in milliseconds. */
  readonly publishWait?: number | undefined;
}

/**
 * Publishes one message: with a test name, outcome or time a Tidemark event, else the tutorial's v1 message.
 * Answers with the exit code. Monitoring must not stop a training: without `strict`, only a message that
 * cannot be made at all is an error.
 */
export async function publish(options: PublishOptions, deps: ProducerDeps): Promise<number> {
  const metricConfig =
    options.metricConfig === undefined
      ? environmentMetricConfig(deps.env)
      : await fileMetricConfig(options.metricConfig);
  let message: OutgoingMessage;
  try {
    message = isEvent(options)
      ? event(options, deps, { metricConfig })
      : fromEnvironment(deps, { metricConfig });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    deps.err(`tidemark: ${error.message}.\n`);
    return 2;
  }
  if (metricConfig?.error !== undefined) deps.err(`tidemark: ${metricConfig.error}.\n`);

  const sent = await send(message, deps, { wait: options.publishWait ?? 10_000 });
  deps.err(unsentNotice('the message', sent));
  // The form in which the tutorial's init container shows it.
  if (sent.kind === 'published') deps.out(`messageIds:\n- '${sent.id}'\n`);
  if (!options.strict) return 0;
  if (metricConfig?.error !== undefined) return 2;
  return sent.kind === 'published' ? 0 : 70;
}

function isEvent({ testName, outcome, startedAt, finishedAt }: PublishOptions): boolean {
  return [testName, outcome, startedAt, finishedAt].some((given) => given !== undefined);
}

function fromEnvironment(
  { env, clock, err }: ProducerDeps,
  { metricConfig }: { metricConfig: GivenConfig | null },
): OutgoingMessage {
  const message = tutorialMessage(env, metricConfig);
  const missing = missingParts(message);
  if (missing.length === 3) {
    throw new UsageError(
      'Cannot publish: give --test-name, or the variables JOB_NAME, MODEL_DIR and METRIC_CONFIG',
    );
  }
  if (missing.length > 0) err(`tidemark: the message will lack ${missing.join(' and ')}: not set.\n`);
  return jobMessage(message, clock.now());
}

function event(
  options: PublishOptions,
  deps: ProducerDeps,
  { metricConfig }: { metricConfig: GivenConfig | null },
): OutgoingMessage {
  const { testName: namedInConfig, ...config } = eventConfig(metricConfig);
  const testName = options.testName ?? namedInConfig;
  if (!testName) throw new UsageError('Cannot publish: give --test-name');
  const outcome = readOutcome(options.outcome);
  const startedAt = readTime('--started-at', options.startedAt);
  const finishedAt = readTime('--finished-at', options.finishedAt);
  if (finishedAt !== undefined && outcome === undefined) {
    throw new UsageError('Cannot publish --finished-at without --outcome');
  }
  const { ref, links } = identify(options, deps, { testName });
  const modelDir = options.modelDir ?? (deps.env.MODEL_DIR || undefined);
  // What a job system says is not what the wrapper inside the job said: two ends, of which the more telling one counts.
  const source = options.outcome?.includes(':') ? `${ref.source}/${reporterOf(options.outcome)}` : ref.source;
  const details = { ...config, modelDir, labels: options.labels, links, host: deps.hostname };
  const now = deps.clock.now();
  const made: CloudEvent<object> =
    outcome === undefined
      ? startedEvent({ ...ref, source }, { ...details, startedAt: startedAt ?? now })
      : finishedEvent({ ...ref, source }, { ...details, outcome, startedAt, finishedAt: finishedAt ?? now });
  return eventMessage(made, now);
}

function identify(
  options: PublishOptions,
  deps: ProducerDeps,
  { testName }: { testName: string },
): { ref: RunRef; links: readonly string[] } {
  const randomId = deps.randomId();
  const own = runIdentity(deps.env, { testName, hostname: deps.hostname, randomId });
  const runId = options.runId ?? own.runId;
  if (runId === randomId)
    deps.err(`tidemark: this is run ${runId}; its other messages need --run-id ${runId}.\n`);
  const { source, cluster, namespace } = own;
  return {
    ref: { testName, source, cluster, namespace, runId, attempt: options.attempt ?? own.attempt },
    links: own.links,
  };
}

function readOutcome(word: string | undefined): Outcome | undefined {
  if (word === undefined) return undefined;
  const outcome = OUTCOMES.find((known) => known === word);
  if (outcome !== undefined) return outcome;
  if (!word.includes(':')) {
    const others = Object.keys(OUTCOME_WORDS).join(', ');
    throw new UsageError(
      `Cannot publish outcome "${word}": it is one of ${OUTCOMES.join(', ')}; or the word of another system behind its name and a colon: ${others}`,
    );
  }
  const foreign = foreignOutcome(word);
  if ('outcome' in foreign) return foreign.outcome;
  throw new UsageError(`Cannot publish outcome "${word}": ${foreign.problem}`);
}

/** The system whose word it is. */
function reporterOf(word: string): string {
  return word.slice(0, word.indexOf(':')).toLowerCase();
}

function readTime(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseTime(text);
  if (ms === null)
    throw new UsageError(`Cannot read ${flag} "${text}": write a time as 2026-08-01T02:15:00Z`);
  return ms;
}
