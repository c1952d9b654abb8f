import type { PubSub, Topic } from '@google-cloud/pubsub';
import { bigQueryStandIn, pubSubStandIn, storageStandIn, uniqueName } from './stand-ins.ts';

/** The project of everything that tests make in Pub/Sub and Cloud Storage; BigQuery's is its stand-in's. */
export const TEST_PROJECT = 'p1';

/** Makes a bucket of its own for a test file and gives its name. */
export async function newBucket(): Promise<string> {
  const name = uniqueName();
  const { endpoint } = storageStandIn();
  await post(`${endpoint}/storage/v1/b?project=${TEST_PROJECT}`, JSON.stringify({ name }));
  return name;
}

/** Writes an object in one request and gives its generation. */
export async function putObject(bucket: string, name: string, body: Uint8Array | string): Promise<string> {
  const { endpoint } = storageStandIn();
  const place = `${endpoint}/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${encodeURIComponent(name)}`;
  const { generation } = await post(place, body, 'application/octet-stream');
  return String(generation);
}

/** Makes a dataset of its own for a test file and gives its name. */
export async function newDataset(): Promise<string> {
  const datasetId = uniqueName();
  const { endpoint, project } = bigQueryStandIn();
  const datasetReference = { projectId: project, datasetId };
  await post(
    `${endpoint}/bigquery/v2/projects/${project}/datasets`,
    JSON.stringify({ datasetReference, location: 'US' }),
  );
  return datasetId;
}

/** A topic with one subscription, both by short name and by full name. */
export interface TestTopic {
  readonly topic: string;
  readonly subscription: string;
  readonly topicPath: string;
  readonly subscriptionPath: string;
}

/** Makes a topic and a subscription to it; every pull leases for `ackDeadlineSeconds`. */
export function newTopic(options: { ackDeadlineSeconds?: number; name?: string } = {}): Promise<TestTopic> {
  const { name = uniqueName(), ackDeadlineSeconds } = options;
  return withPubSub(async (client) => {
    const [made] = await client.createTopic(name);
    return subscribed(made, ackDeadlineSeconds);
  });
}

/** One more subscription to a topic: it gets every message that is published from now on, too. */
export function newSubscription(
  { topic }: TestTopic,
  options: { ackDeadlineSeconds?: number } = {},
): Promise<TestTopic> {
  return withPubSub((client) => subscribed(client.topic(topic), options.ackDeadlineSeconds));
}

async function subscribed(topic: Topic, ackDeadlineSeconds = 600): Promise<TestTopic> {
  const subscription = uniqueName();
  const [leased] = await topic.createSubscription(subscription, { ackDeadlineSeconds });
  const name = topic.name.slice(topic.name.lastIndexOf('/') + 1);
  return { topic: name, subscription, topicPath: topic.name, subscriptionPath: leased.name };
}

async function withPubSub<T>(work: (client: PubSub) => Promise<T>): Promise<T> {
  // PUBSUB_EMULATOR_HOST is set for the tests; without it the client would look for the real service.
  process.env.PUBSUB_EMULATOR_HOST = pubSubStandIn().address;
  const { PubSub } = await import('@google-cloud/pubsub');
  const client = new PubSub({ projectId: TEST_PROJECT });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

async function post(
  url: string,
  body: Uint8Array | string,
  type = 'application/json',
): Promise<Record<string, unknown>> {
  const bytes = typeof body === 'string' ? body : new Uint8Array(body);
  const response = await fetch(url, { method: 'POST', body: bytes, headers: { 'content-type': type } });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`Cannot prepare a test: POST ${url} answered ${response.status}: ${text}`);
  return JSON.parse(text) as Record<string, unknown>;
}
