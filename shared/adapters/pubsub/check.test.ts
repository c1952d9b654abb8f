import { expect, test } from 'vitest';
import type { Check } from '../../ports/check.ts';
import { pubSubChecks } from './check.ts';
import type { PubSubLook, SubscriptionSettings } from './look.ts';

const TOPIC = 'projects/p/topics/runs';
const GOOD: SubscriptionSettings = {
  topic: TOPIC,
  ackDeadline: 600,
  retention: 14 * 86_400,
  expiration: null,
  pushedTo: null,
  filter: '',
  hasDeadLetterPolicy: false,
  hasRetryPolicy: false,
  isDetached: false,
};

const grpc = (code: number, details: string) =>
  Object.assign(new Error(`${code} SOMETHING: ${details}`), { code, details });
const fails = (code: number, details: string) => () => Promise.reject(grpc(code, details));

/** The checks of a place where all is well, but for what the test says. */
function checksOf(answers: Partial<PubSubLook>, subscription: string | undefined = 'tick'): Promise<Check[]> {
  const look: PubSubLook = {
    subscription: async () => GOOD,
    topic: async () => {},
    subscriptionsOf: async () => ['projects/p/subscriptions/kept'],
    allowed: async (_, permissions) => permissions,
    close: async () => {},
    ...answers,
  };
  return pubSubChecks({ project: 'p', topic: 'runs', subscription, connect: async () => look });
}

const unwell = (checks: readonly Check[]) => checks.filter(({ state }) => state !== 'ok');

test('a place that is as it should be has only lines that say ok', async () => {
  const checks = await checksOf({});
  expect(unwell(checks)).toEqual([]);
  expect(checks.map(({ what }) => what)).toEqual([
    `topic ${TOPIC}`,
    'subscription projects/p/subscriptions/tick',
    'subscription projects/p/subscriptions/tick',
    `dead-letter topic ${TOPIC}-dead-letter`,
    `dead-letter topic ${TOPIC}-dead-letter`,
  ]);
});

test.each<[string, Partial<SubscriptionSettings>, Check['state'], string]>([
  ['a short deadline', { ackDeadline: 10 }, 'bad', '--ack-deadline=600'],
  ['a deadline that is nearly enough', { ackDeadline: 400 }, 'note', '--ack-deadline=600'],
  ['the topic of somebody else', { topic: 'projects/p/topics/other' }, 'bad', 'subscriptions create'],
  ['no topic any more', { topic: '_deleted-topic_' }, 'bad', 'subscriptions create'],
  ['being detached', { isDetached: true, topic: '' }, 'bad', 'subscriptions create'],
  ['pushing', { pushedTo: 'push' }, 'bad', 'modify-push-config'],
  ['writing to BigQuery itself', { pushedTo: 'BigQuery' }, 'bad', 'can be pulled'],
  ['a filter', { filter: 'attributes:x' }, 'note', 'subscriptions create'],
  ['a dead-letter policy', { hasDeadLetterPolicy: true }, 'bad', '--clear-dead-letter-policy'],
  ['a retry policy', { hasRetryPolicy: true }, 'note', '--clear-retry-policy'],
  ['a short memory', { retention: 86_400 }, 'note', '--message-retention-duration=14d'],
  ['an end', { expiration: 31 * 86_400 }, 'note', '--expiration-period=never'],
])('a subscription with %s is told in one line that says what to do', async (_, part, state, todo) => {
  const found = unwell(await checksOf({ subscription: async () => ({ ...GOOD, ...part }) }));
  expect(found).toEqual([
    { what: 'subscription projects/p/subscriptions/tick', state, detail: expect.stringContaining(todo) },
  ]);
  expect(found[0]!.detail).toMatch(/projects\/p\/subscriptions\/tick|can be pulled/);
});

test('a subscription with several faults has a line for each', async () => {
  const settings = { ...GOOD, ackDeadline: 10, expiration: 86_400, hasRetryPolicy: true };
  expect(unwell(await checksOf({ subscription: async () => settings }))).toHaveLength(3);
});

test('what is missing is told with the command that makes it', async () => {
  const missing = fails(5, 'not found');
  const found = unwell(await checksOf({ subscription: missing, topic: missing, subscriptionsOf: missing }));
  expect(found.map(({ state }) => state)).toEqual(['bad', 'bad', 'bad']);
  expect(found.map(({ detail }) => detail.split('gcloud pubsub ')[1])).toEqual([
    `topics create ${TOPIC}`,
    expect.stringContaining(`subscriptions create projects/p/subscriptions/tick --topic=${TOPIC} `),
    expect.stringContaining(`topics create ${TOPIC}-dead-letter`),
  ]);
});

test('a dead-letter topic without a subscription loses what goes to it', async () => {
  const [found, ...more] = unwell(await checksOf({ subscriptionsOf: async () => [] }));
  expect(more).toEqual([]);
  expect(found).toMatchObject({ state: 'bad', detail: expect.stringContaining('is lost') });
});

test('rights that are missing are told with the role that brings them', async () => {
  const found = unwell(await checksOf({ allowed: async () => [] }));
  expect(found.map(({ detail }) => detail)).toEqual([
    expect.stringMatching(/subscriptions\.consume is missing.*roles\/pubsub\.subscriber/),
    expect.stringMatching(/topics\.publish is missing.*roles\/pubsub\.publisher/),
  ]);
});

test('a server that knows no rights is a note, and so is not being let look', async () => {
  const denied = fails(7, 'no');
  const found = unwell(
    await checksOf({ allowed: fails(12, 'unimplemented'), subscription: denied, topic: denied }),
  );
  expect(found.map(({ state }) => state)).toEqual(['note', 'note', 'note', 'note', 'note']);
});

test.each([
  ['nobody answers', 14, 'connection refused', /out of reach/],
  ['there are no credentials', 7, 'Could not load the default credentials', /no Google credentials/],
  ['the credentials have expired', 16, 'invalid', /expired/],
])('when %s every line is bad and says so', async (_, code, details, words) => {
  const down = fails(code, details);
  const checks = await checksOf({ subscription: down, topic: down, subscriptionsOf: down, allowed: down });
  expect(checks).toHaveLength(5);
  for (const { state, detail } of checks) {
    expect(state).toBe('bad');
    expect(detail).toMatch(words);
  }
});

test('a queue for publishing only is a note', async () => {
  const checks = await pubSubChecks({
    project: 'p',
    topic: 'runs',
    connect: async () => ({
      subscription: fails(5, 'never asked'),
      topic: async () => {},
      subscriptionsOf: async () => ['s'],
      allowed: async (_, permissions) => permissions,
      close: async () => {},
    }),
  });
  expect(unwell(checks)).toMatchObject([
    { state: 'note', detail: expect.stringContaining('?subscription=NAME') },
  ]);
});
