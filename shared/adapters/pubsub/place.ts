import { PortError } from '../../ports/error.ts';

/** Where a queue lives. Names as Pub/Sub writes them, without `projects/…` in front. */
export interface PubSubPlace {
  readonly project: string;
  readonly topic: string;
  /** Undefined for a place that is only published to. */
  readonly subscription?: string | undefined;
  /** Where messages go that nobody can read; `<topic>-dead-letter` unless said. */
  readonly deadLetterTopic?: string | undefined;
  /** How long a pull waits for a first message, milliseconds; then nothing waits. */
  readonly timeout?: number | undefined;
}

const PARAMETERS = ['subscription', 'dead-letter', 'wait'];
const WANTED = 'pubsub://PROJECT/TOPIC?subscription=NAME';

/** Rules for names: https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names */
const PROJECT = /^(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]*$/;
const NAME = /^(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{2,254}$/;

/**
 * Reads `pubsub://PROJECT/TOPIC?subscription=NAME&dead-letter=TOPIC&wait=SECONDS`; what is behind the question mark
 * may be left out. Throws PortError `invalid` that says which part is wrong.
 */
export function pubSubPlace(url: string): PubSubPlace {
  const [, project = '', topic = '', query = ''] =
    /^pubsub:\/\/([^/?#]*)\/([^/?#]*)(?:\?(.*))?$/.exec(url) ?? [];
  const refuse = (why: string) =>
    new PortError('invalid', `Cannot use queue "${url}": ${why}; wanted ${WANTED}`);
  if (project === '' || topic === '') throw refuse('it names no project and topic');
  if (!PROJECT.test(project)) throw refuse(`"${project}" is no project id`);
  const given = new URLSearchParams(query);
  for (const key of given.keys()) {
    if (!PARAMETERS.includes(key)) throw refuse(`it has no parameter "${key}"`);
  }
  const subscription = given.get('subscription') ?? undefined;
  const deadLetterTopic = given.get('dead-letter') ?? undefined;
  for (const name of [topic, subscription, deadLetterTopic]) {
    if (name !== undefined && !NAME.test(name))
      throw refuse(`"${name}" is no name of a topic or subscription`);
  }
  const wait = Number(given.get('wait') ?? 10);
  if (!(wait >= 1 && wait <= 60))
    throw refuse(`it waits "${given.get('wait')}"; wanted seconds, from 1 to 60`);
  return { project, topic, subscription, deadLetterTopic, timeout: wait * 1000 };
}
