import { openClients } from './clients.ts';

/** How a subscription is set up, as far as a queue depends on it. Times are seconds. */
export interface SubscriptionSettings {
  /** Full name of the topic; `_deleted-topic_` when that is gone. */
  readonly topic: string;
  readonly ackDeadline: number;
  readonly retention: number;
  /** After so long without anybody who asks it is deleted; null: never. */
  readonly expiration: number | null;
  /** What takes the messages instead of whoever pulls; null: nothing does. */
  readonly pushedTo: 'push' | 'BigQuery' | 'Cloud Storage' | null;
  /** Empty: all messages come. */
  readonly filter: string;
  readonly hasDeadLetterPolicy: boolean;
  readonly hasRetryPolicy: boolean;
  readonly isDetached: boolean;
}

/**
 * Calls that change nothing; narrow, so that a test can answer in their place. Names are full resource names. They
 * reject with the errors of gRPC.
 */
export interface PubSubLook {
  subscription(name: string): Promise<SubscriptionSettings>;
  /** Rejects when the topic is not there. */
  topic(name: string): Promise<void>;
  /** Names of the subscriptions of a topic; some of them suffice. */
  subscriptionsOf(topic: string): Promise<readonly string[]>;
  /** Those of the permissions that the caller has on a topic or subscription. */
  allowed(resource: string, permissions: readonly string[]): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Once only, and soon: who asks waits for the answer. */
const ONCE = { timeout: 10_000, retry: null };
/** What the service does where nobody says otherwise. */
const DEFAULT_RETENTION = 7 * 86_400;
const DEFAULT_EXPIRATION = 31 * 86_400;

/** The calls over Google's client. */
export async function googleLook(project: string): Promise<PubSubLook> {
  const { subscriber, publisher, close } = await openClients(project);
  return {
    subscription: async (subscription) => {
      const [answer] = await subscriber.getSubscription({ subscription }, ONCE);
      return settingsOf(answer);
    },
    topic: async (topic) => {
      await publisher.getTopic({ topic }, ONCE);
    },
    subscriptionsOf: async (topic) => {
      const paging = { ...ONCE, autoPaginate: false };
      const [names] = await publisher.listTopicSubscriptions({ topic, pageSize: 10 }, paging);
      return names;
    },
    allowed: async (resource, permissions) => {
      // The type is that of a class, whose methods nobody calls on what goes out.
      const request = { resource, permissions: [...permissions] } as Parameters<
        typeof publisher.testIamPermissions
      >[0];
      const [answer] = await publisher.testIamPermissions(request, ONCE);
      return answer.permissions ?? [];
    },
    close,
  };
}

interface Span {
  readonly seconds?: unknown;
}

/** The part of Google's message that is read; every field may be absent on the wire. */
interface Answer {
  readonly topic?: string | null;
  readonly ackDeadlineSeconds?: number | null;
  readonly messageRetentionDuration?: Span | null;
  readonly expirationPolicy?: { readonly ttl?: Span | null } | null;
  readonly pushConfig?: { readonly pushEndpoint?: string | null } | null;
  readonly bigqueryConfig?: { readonly table?: string | null } | null;
  readonly cloudStorageConfig?: { readonly bucket?: string | null } | null;
  readonly filter?: string | null;
  readonly deadLetterPolicy?: object | null;
  readonly retryPolicy?: object | null;
  readonly detached?: boolean | null;
}

function settingsOf(answer: Answer): SubscriptionSettings {
  const { expirationPolicy, filter, deadLetterPolicy, retryPolicy } = answer;
  return {
    topic: answer.topic ?? '',
    ackDeadline: answer.ackDeadlineSeconds ?? 0,
    retention: secondsOf(answer.messageRetentionDuration) ?? DEFAULT_RETENTION,
    expiration: expirationPolicy ? secondsOf(expirationPolicy.ttl) : DEFAULT_EXPIRATION,
    pushedTo: pushedTo(answer),
    filter: filter ?? '',
    hasDeadLetterPolicy: Boolean(deadLetterPolicy),
    hasRetryPolicy: Boolean(retryPolicy),
    isDetached: answer.detached ?? false,
  };
}

function pushedTo({
  pushConfig,
  bigqueryConfig,
  cloudStorageConfig,
}: Answer): SubscriptionSettings['pushedTo'] {
  if (pushConfig?.pushEndpoint) return 'push';
  if (bigqueryConfig?.table) return 'BigQuery';
  return cloudStorageConfig?.bucket ? 'Cloud Storage' : null;
}

/** Seconds come as a number, a text or an object of 64 bits. */
function secondsOf(span: Span | null | undefined): number | null {
  return span === null || span === undefined ? null : Number(String(span.seconds ?? 0));
}
