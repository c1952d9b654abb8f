import type { Check } from '../../ports/check.ts';
import { type Doing, pubSubError } from './errors.ts';
import { googleLook, type PubSubLook } from './look.ts';
import type { PubSubPlace } from './place.ts';
import { creating, subscriptionChecks } from './subscription-checks.ts';

export interface PubSubCheckOptions extends PubSubPlace {
  /** Opens the calls; by default over Google's client. */
  readonly connect?: (project: string) => Promise<PubSubLook>;
}

/**
 * What a queue needs in Pub/Sub: topic, subscription, dead-letter topic, and the rights on them. Pulls nothing and
 * changes nothing; never throws for what Pub/Sub says.
 */
export async function pubSubChecks(options: PubSubCheckOptions): Promise<Check[]> {
  const { project, subscription, connect = googleLook } = options;
  const topicName = (topic: string) => `projects/${project}/topics/${topic}`;
  const topic = topicName(options.topic);
  const deadLetters = topicName(options.deadLetterTopic ?? `${options.topic}-dead-letter`);
  const source = { name: `projects/${project}/subscriptions/${subscription}`, topic };
  let look: PubSubLook;
  try {
    look = await connect(project);
  } catch (error) {
    return [{ what: `project ${project}`, ...failed(error, seeing(`projects/${project}`, 'create it')) }];
  }
  try {
    const checks = await Promise.all([
      topicChecks(look, topic),
      subscription === undefined ? [UNNAMED] : sourceChecks(look, source),
      deadLetterChecks(look, deadLetters),
    ]);
    return checks.flat();
  } finally {
    await look.close().catch(() => {});
  }
}

const UNNAMED: Check = {
  what: 'subscription',
  state: 'note',
  detail: 'the queue names none, so one can publish and not tick; add ?subscription=NAME to its URL',
};

/** Who ticks needs nothing of the topic; who publishes does. */
async function topicChecks(look: PubSubLook, topic: string): Promise<Check[]> {
  const what = `topic ${topic}`;
  const doing = seeing(topic, `run: gcloud pubsub topics create ${topic}`);
  return answer(what, doing, async () => {
    await look.topic(topic);
    return [{ what, state: 'ok', detail: 'is there' }];
  });
}

async function sourceChecks(
  look: PubSubLook,
  source: { readonly name: string; readonly topic: string },
): Promise<Check[]> {
  const what = `subscription ${source.name}`;
  const settings = answer(what, seeing(source.name, `run: ${creating(source)}`), async () =>
    subscriptionChecks(await look.subscription(source.name), source),
  );
  const right = rightCheck(look, source.name, {
    what,
    permission: 'pubsub.subscriptions.consume',
    role: 'roles/pubsub.subscriber',
  });
  return (await Promise.all([settings, right])).flat();
}

/** Where messages go that nobody can read. Without a subscription to it they would be gone. */
async function deadLetterChecks(look: PubSubLook, topic: string): Promise<Check[]> {
  const what = `dead-letter topic ${topic}`;
  const make = `gcloud pubsub subscriptions create ${topic.split('/').at(-1)} --topic=${topic}`;
  const kept = answer(
    what,
    seeing(topic, `run: gcloud pubsub topics create ${topic} && ${make}`),
    async () => {
      // Emulators have an empty list for a topic that is not there.
      await look.topic(topic);
      const [first] = await look.subscriptionsOf(topic);
      if (first !== undefined)
        return [{ what, state: 'ok', detail: `is there, and ${first} keeps what goes to it` }];
      return [
        { what, state: 'bad', detail: `it has no subscription, so what goes to it is lost; run: ${make}` },
      ];
    },
  );
  const right = rightCheck(look, topic, {
    what,
    permission: 'pubsub.topics.publish',
    role: 'roles/pubsub.publisher',
  });
  return (await Promise.all([kept, right])).flat();
}

interface Right {
  readonly what: string;
  readonly permission: string;
  /** The role that brings it. */
  readonly role: string;
}

async function rightCheck(
  look: PubSubLook,
  resource: string,
  { what, permission, role }: Right,
): Promise<Check[]> {
  const doing = {
    what: `ask for the rights on ${resource}`,
    create: 'create it',
    role: 'roles/pubsub.viewer',
  };
  try {
    const allowed = await look.allowed(resource, [permission]);
    if (allowed.includes(permission)) return [{ what, state: 'ok', detail: `${permission} is granted` }];
    return [{ what, state: 'bad', detail: `${permission} is missing; give the caller ${role} on it` }];
  } catch (error) {
    if (!hasCode(error, UNIMPLEMENTED)) return [{ what, ...failed(error, doing) }];
    return [
      {
        what,
        state: 'note',
        detail: `whether ${permission} is granted could not be asked: this server knows no rights`,
      },
    ];
  }
}

// Codes of gRPC; emulators give the second to all questions about rights.
const PERMISSION_DENIED = 7;
const UNIMPLEMENTED = 12;

/** Looking at settings is a right that the work itself does not take. */
function seeing(resource: string, create: string): Doing {
  return {
    what: `look at ${resource}`,
    create,
    role: 'roles/pubsub.viewer if its settings are to be checked; the work itself does not need it',
  };
}

async function answer(what: string, doing: Doing, work: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await work();
  } catch (error) {
    return [{ what, ...failed(error, doing) }];
  }
}

/** Not to be let look is no failure of the work; to be nobody, or to find nobody, is. */
function failed(error: unknown, doing: Doing): Omit<Check, 'what'> {
  const detail = pubSubError(error, doing).message;
  const isKnown = hasCode(error, PERMISSION_DENIED) && !/credentials/i.test(detail);
  return { state: isKnown ? 'note' : 'bad', detail };
}

function hasCode(error: unknown, code: number): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
