import { environmentMetricConfig, type GivenConfig } from '../shared/core/given-config.ts';
import type { Environment } from '../shared/core/run-identity.ts';
import { tutorialMessage } from '../shared/core/tutorial-message.ts';
import { jobMessage, type Sent, send, unsentNotice } from '../shared/pipeline/send.ts';
import type { Clock } from '../shared/ports/clock.ts';
import { MAX_BODY_BYTES } from '../shared/ports/queue.ts';
import type { Unsent } from '../shared/ports/unsent.ts';
import type { Destination } from './destination.ts';
import { completeEnvironment } from './surroundings.ts';

export interface PublisherDeps {
  readonly env: Environment;
  /** Opened late: a queue that cannot be used is told like one that cannot be reached. */
  readonly destination: () => Destination;
  readonly unsent: Pick<Unsent, 'keep' | 'remove'>;
  readonly clock: Clock;
  /** Is told the cluster, once it is known, before anything is published. */
  readonly clusterFound?: ((cluster: string) => void) | undefined;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

export interface PublisherOptions {
  /** Makes whatever is wrong an exit code: 2 what the job's author must mend, 70 what could not be published. */
  readonly strict: boolean;
  /** How long publishing may take, milliseconds. */
  readonly wait: number;
}

/** What the queue's own words may take longer than its tries. */
const GRACE_MS = 1_000;

/**
 * Tells the queue that a Job begins: the tutorial's message, from the tutorial's variables. Answers with the exit
 * code. It is 0 whatever happens unless `strict`, because a pod whose init container fails does not run, and
 * monitoring must not stop a training. Never rejects.
 */
export async function publishJob(options: PublisherOptions, deps: PublisherDeps): Promise<number> {
  const tell = (sentence: string) => deps.err(`tidemark-publisher: ${oneLine(sentence)}\n`);
  const config = environmentMetricConfig(deps.env);
  const index = deps.env.JOB_COMPLETION_INDEX ?? '';
  if (/^[1-9]\d*$/.test(index)) {
    tell(`Index ${index} of the Job announces nothing: index 0 does, and they are one run`);
    return 0;
  }
  const usage: string[] = [];
  let sent: Sent | null = null;
  try {
    const { queue, ask } = deps.destination();
    const env = await completeEnvironment(deps.env, ask);
    const unplaced = tellCluster(env.CLUSTER, deps);
    if (env.MODEL_DIR || env.JOB_NAME || config !== null) {
      const message = jobMessage(tutorialMessage(env, config), deps.clock.now());
      sent = await send(message, { queue, unsent: deps.unsent }, { wait: options.wait + GRACE_MS });
      deps.err(unsentNotice('the message', sent));
      if (sent.kind === 'published') deps.out(`messageIds:\n- '${sent.id}'\n`);
      usage.push(...(await complaints(env, { config, bytes: message.body.length, tell })));
    } else {
      usage.push(...(await complaints(env, { config, bytes: 0, tell })));
      tell('There is nothing to publish');
    }
    if (unplaced !== null) tell(unplaced);
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
  }
  if (!options.strict) return 0;
  if (usage.length > 0) return 2;
  return sent?.kind === 'published' ? 0 : 70;
}

/** Before publishing, which may take long; answers with why it could not be told. */
function tellCluster(cluster: string | undefined, { clusterFound }: PublisherDeps): string | null {
  try {
    if (cluster) clusterFound?.(cluster);
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `Cannot tell the wrapper which cluster this is: ${why}; it tells of a run of its own`;
  }
}

/** Told after publishing: what is wrong costs the start of the job no time. Answers with what a job's author must mend. */
async function complaints(
  env: Environment,
  about: { config: GivenConfig | null; bytes: number; tell: (sentence: string) => void },
): Promise<string[]> {
  const { configComplaints, sizeComplaint, variableComplaints } = await import('./complaints.ts');
  const { missing, wanting } = variableComplaints(env);
  const config = configComplaints(about.config);
  const size = about.bytes > MAX_BODY_BYTES ? [sizeComplaint(about.bytes, env)] : [];
  for (const sentence of [...missing, ...wanting, ...config, ...size]) about.tell(sentence);
  return [...missing, ...config, ...size];
}

/** A sentence on one line, and not without end. */
function oneLine(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  const short = line.length > 1000 ? `${line.slice(0, 999)}…` : line;
  return /[.?!…]$/.test(short) ? short : `${short}.`;
}
