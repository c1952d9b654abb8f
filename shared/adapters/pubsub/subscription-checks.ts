import type { Check } from '../../ports/check.ts';
import { LEASE_SECONDS } from './leases.ts';
import type { SubscriptionSettings } from './look.ts';

/** A subscription and the topic that it should belong to, as full names. */
export interface SubscriptionPlace {
  readonly name: string;
  readonly topic: string;
}

const DAY = 86_400;
/** Shorter than a failure that nobody sees before Monday, and its repair. */
const LEAST_RETENTION = 7 * DAY;
/** Leases are renewed so often; what is lent for less comes again while it is being worked on. */
const LEAST_DEADLINE = LEASE_SECONDS / 2;

type Finding = readonly [Check['state'], string];

/** What is not as a queue needs it, each with the command that mends it; one line `ok` when all is well. */
export function subscriptionChecks(settings: SubscriptionSettings, place: SubscriptionPlace): Check[] {
  const what = `subscription ${place.name}`;
  const found = [...deliveryFindings(settings, place), ...lastingFindings(settings, place)];
  if (found.length === 0) {
    const detail = `of the right topic, lends messages for ${settings.ackDeadline} s, keeps them ${days(settings.retention)}`;
    return [{ what, state: 'ok', detail }];
  }
  return found.map(([state, detail]) => ({ what, state, detail }));
}

/** Who gets which messages. */
function deliveryFindings(settings: SubscriptionSettings, place: SubscriptionPlace): Finding[] {
  const { topic, pushedTo, filter, isDetached } = settings;
  const found: Finding[] = [];
  if (isDetached) found.push(['bad', `it is detached from its topic; ${anew(place)}`]);
  else if (topic !== place.topic)
    found.push(['bad', `it belongs to ${topic} instead of ${place.topic}; ${anew(place)}`]);
  if (pushedTo === 'push')
    found.push([
      'bad',
      `it pushes its messages elsewhere; run: ${command('modify-push-config', place)} --push-endpoint=`,
    ]);
  else if (pushedTo !== null)
    found.push(['bad', `it writes its messages to ${pushedTo}; name a subscription that can be pulled`]);
  if (filter !== '')
    found.push(['note', `its filter drops what does not match (${filter.slice(0, 100)}); ${anew(place)}`]);
  return found;
}

/** How long messages, leases and the subscription itself last. */
function lastingFindings(settings: SubscriptionSettings, place: SubscriptionPlace): Finding[] {
  const { ackDeadline, retention, expiration, hasDeadLetterPolicy, hasRetryPolicy } = settings;
  const mend = (flag: string) => `run: ${command('update', place)} ${flag}`;
  const found: Finding[] = [];
  if (ackDeadline !== LEASE_SECONDS) {
    const state = ackDeadline < LEAST_DEADLINE ? 'bad' : 'note';
    const flag = mend(`--ack-deadline=${LEASE_SECONDS}`);
    found.push([state, `it lends messages for ${ackDeadline} s, a long tick gets them twice; ${flag}`]);
  }
  if (hasDeadLetterPolicy) {
    const why = 'Pub/Sub moves messages away that come often, as they do while the history cannot be reached';
    found.push(['bad', `it has a dead-letter policy: ${why}; ${mend('--clear-dead-letter-policy')}`]);
  }
  if (hasRetryPolicy)
    found.push(['note', `its retry policy holds back what is given back; ${mend('--clear-retry-policy')}`]);
  if (retention < LEAST_RETENTION)
    found.push([
      'note',
      `it keeps messages only ${days(retention)}; ${mend('--message-retention-duration=14d')}`,
    ]);
  if (expiration !== null)
    found.push([
      'note',
      `it is deleted after ${days(expiration)} in which no tick came; ${mend('--expiration-period=never')}`,
    ]);
  return found;
}

/** What cannot be changed. */
function anew(place: SubscriptionPlace): string {
  return `this cannot be changed: make another with: ${creating(place)}`;
}

/** The command that makes the subscription as it should be. */
export function creating({ name, topic }: SubscriptionPlace): string {
  const lasting = `--ack-deadline=${LEASE_SECONDS} --expiration-period=never --message-retention-duration=14d`;
  return `gcloud pubsub subscriptions create ${name} --topic=${topic} ${lasting}`;
}

function command(verb: string, { name }: SubscriptionPlace): string {
  return `gcloud pubsub subscriptions ${verb} ${name}`;
}

function days(seconds: number): string {
  const number = Math.round((seconds / DAY) * 10) / 10;
  return `${number} day${number === 1 ? '' : 's'}`;
}
