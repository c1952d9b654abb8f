import { metadataServer } from '../shared/adapters/pubsub/metadata-server.ts';
import { type PubSubPlace, pubSubPlace } from '../shared/adapters/pubsub/place.ts';
import { pubSubPublisher } from '../shared/adapters/pubsub/rest.ts';
import { publishProblem } from '../shared/adapters/pubsub/rest-check.ts';
import { spoolQueue } from '../shared/adapters/spool/queue.ts';
import type { Environment } from '../shared/core/run-identity.ts';
import { PortError } from '../shared/ports/error.ts';
import type { Queue } from '../shared/ports/queue.ts';

/** The tutorial's topic. */
const TOPIC = 'metrics-written';
const KNOWN = 'pubsub://PROJECT/TOPIC or spool:FOLDER';

/** How long one message may take, tries included; then the outbox takes over. */
const PUBLISH_MS = 15_000;
/** A machine that is no machine of Google's has no metadata server, and does not say so. */
const ASK_MS = 20_000;

/** Where messages go. */
export interface Destination {
  readonly queue: Pick<Queue, 'publish'>;
  /** Why a message would not get there now; null when nothing is known against it. Never rejects. */
  readonly problem: () => Promise<string | null>;
}

/** Asks Google's metadata server; null where nobody answers. */
export type AskMetadata = (path: string) => Promise<string | null>;

/** Nobody is asked where the emulator stands for Google. */
export function metadataOf(env: Environment): AskMetadata {
  const host = env.GCE_METADATA_HOST || undefined;
  if (env.PUBSUB_EMULATOR_HOST && host === undefined) return async () => null;
  return (path) => metadataServer({ host, until: AbortSignal.timeout(ASK_MS) }).value(path);
}

/**
 * The queue of TIDEMARK_QUEUE, else the topic TOPIC (`metrics-written`) of PROJECT, which is the project this machine
 * is in unless it is set. Its token is asked for with each message: the metadata server keeps it and renews it. Throws
 * PortError `invalid`.
 */
export async function openDestination(env: Environment, ask: AskMetadata): Promise<Destination> {
  const url = env.TIDEMARK_QUEUE || undefined;
  if (url?.startsWith('spool:')) {
    const folder = url.slice('spool:'.length);
    if (folder === '') throw new PortError('invalid', `Cannot use queue "${url}": wanted ${KNOWN}`);
    return { queue: spoolQueue({ folder }), problem: async () => null };
  }
  if (url !== undefined && !url.startsWith('pubsub:')) {
    throw new PortError('invalid', `Cannot use queue "${url}": the watcher knows ${KNOWN}`);
  }
  if (url !== undefined) return pubSub(pubSubPlace(url), env);
  const project = env.PROJECT || (await ask('project/project-id'));
  if (!project) {
    throw new PortError(
      'invalid',
      `Cannot tell which project's topic to publish to: set TIDEMARK_QUEUE to ${KNOWN}, or PROJECT`,
    );
  }
  return pubSub(pubSubPlace(`pubsub://${project}/${env.TOPIC || TOPIC}`), env);
}

function pubSub({ project, topic }: PubSubPlace, env: Environment): Destination {
  const emulator = env.PUBSUB_EMULATOR_HOST || undefined;
  const endpoint = emulator === undefined ? env.TIDEMARK_PUBSUB_ENDPOINT || undefined : `http://${emulator}`;
  const options = () => {
    const until = AbortSignal.timeout(PUBLISH_MS);
    const { token } = metadataServer({ host: env.GCE_METADATA_HOST, until });
    return { project, topic, endpoint, token: emulator === undefined ? token : null, until };
  };
  return {
    queue: { publish: (body, name) => pubSubPublisher(options()).publish(body, name) },
    // The emulator knows no rights.
    problem: async () => (emulator === undefined ? publishProblem(options()) : null),
  };
}
