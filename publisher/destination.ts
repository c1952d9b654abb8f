import { metadataServer } from '../shared/adapters/pubsub/metadata-server.ts';
import { pubSubPlace } from '../shared/adapters/pubsub/place.ts';
import { pubSubPublisher } from '../shared/adapters/pubsub/rest.ts';
import { spoolQueue } from '../shared/adapters/spool/queue.ts';
import type { Environment } from '../shared/core/run-identity.ts';
import { PortError } from '../shared/ports/error.ts';
import type { Queue } from '../shared/ports/queue.ts';

/** The tutorial's topic. */
const TOPIC = 'metrics-written';
const KNOWN = 'pubsub://PROJECT/TOPIC or spool:FOLDER';

/** Asks Google's metadata server; null where nobody is to be asked. */
export type AskMetadata = (path: string) => Promise<string | null>;

/** Where the message goes, and who knows what the environment does not tell. */
export interface Destination {
  readonly queue: Pick<Queue, 'publish'>;
  readonly ask: AskMetadata;
}

/**
 * The queue of TIDEMARK_QUEUE, else the topic TOPIC (`metrics-written`) of PROJECT, which is the project this
 * machine is in unless it is set. Nothing is asked of anybody before the first message.
 */
export function openDestination(env: Environment, until: AbortSignal): Destination {
  const url = env.TIDEMARK_QUEUE || undefined;
  if (url?.startsWith('spool:')) {
    const folder = url.slice('spool:'.length);
    if (folder === '') throw new PortError('invalid', `Cannot use queue "${url}": wanted ${KNOWN}`);
    return { queue: spoolQueue({ folder }), ask: async () => null };
  }
  if (url !== undefined && !url.startsWith('pubsub:')) {
    throw new PortError('invalid', `Cannot use queue "${url}": the publisher knows ${KNOWN}`);
  }
  const emulator = env.PUBSUB_EMULATOR_HOST || undefined;
  const metadata = metadataServer({ host: env.GCE_METADATA_HOST, until });
  const ask: AskMetadata =
    emulator !== undefined && !env.GCE_METADATA_HOST ? async () => null : once(metadata.value);
  const token = emulator === undefined ? tokenOnce(metadata.token) : null;
  const endpoint = emulator === undefined ? env.TIDEMARK_PUBSUB_ENDPOINT || undefined : `http://${emulator}`;
  const place = async () => {
    if (url !== undefined) return pubSubPlace(url);
    const project = env.PROJECT || (await ask('project/project-id'));
    if (project) return pubSubPlace(`pubsub://${project}/${env.TOPIC || TOPIC}`);
    throw new PortError(
      'invalid',
      `Cannot tell which project's topic to publish to: set TIDEMARK_QUEUE to ${KNOWN}, or PROJECT`,
    );
  };
  const publish: Queue['publish'] = async (body, name) => {
    const { project, topic } = await place();
    return pubSubPublisher({ project, topic, endpoint, token, until }).publish(body, name);
  };
  // While the message is still being made: the token takes longest.
  token?.().catch(() => {});
  return { queue: { publish }, ask };
}

/** Asks the same thing once only. */
function once(ask: AskMetadata): AskMetadata {
  const asked = new Map<string, Promise<string | null>>();
  return (path) => {
    const answer = asked.get(path) ?? ask(path);
    asked.set(path, answer);
    return answer;
  };
}

function tokenOnce(token: () => Promise<string>): () => Promise<string> {
  let got: Promise<string> | undefined;
  return () => (got ??= token());
}
