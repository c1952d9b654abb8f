import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Decision } from '../../shared/core/decision-record.ts';
import { gateOn } from '../../test/support/gate-deps.ts';
import { day } from '../../test/support/history-rows.ts';
import { handleGate } from './handler.ts';
import type { GateRequest } from './http.ts';
import { mlflowWebhook } from './mlflow-webhook.ts';

const SECRET = 'shared with MLflow';
const NOW = day(1);

/** The payload that MLflow 3.17 gives as its example, and its alias as story S5 has it. */
const EVENT = {
  entity: 'model_version_alias',
  action: 'created',
  timestamp: '2026-08-02T00:00:00+00:00',
  data: { name: 'GourmetGramFood11Model', alias: 'staging', version: '2' },
};

interface Sent {
  readonly event?: unknown;
  readonly secret?: string;
  readonly delivery?: string;
  /** Seconds from now. */
  readonly off?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Signed as `_generate_hmac_signature` of `mlflow/webhooks/delivery.py` does. */
function webhook({
  event = EVENT,
  secret = SECRET,
  delivery = 'd1',
  off = 0,
  headers = {},
}: Sent = {}): GateRequest {
  const text = typeof event === 'string' ? event : JSON.stringify(event);
  const timestamp = String(NOW / 1000 + off);
  const signature = createHmac('sha256', secret).update(`${delivery}.${timestamp}.${text}`).digest('base64');
  return {
    method: 'POST',
    url: '/v1/mlflow',
    headers: {
      'x-mlflow-signature': `v1,${signature}`,
      'x-mlflow-timestamp': timestamp,
      'x-mlflow-delivery-id': delivery,
      ...headers,
    },
    body: new TextEncoder().encode(text),
  };
}

function receiver(publish: (candidate: Decision) => Promise<void> = async () => {}) {
  const published: Decision[] = [];
  const log: string[] = [];
  const line = (message: string) => void log.push(message);
  const take = mlflowWebhook({
    secret: SECRET,
    clock: { now: () => NOW },
    log: { info: line, warn: line, error: line },
    publish: async (candidate) => {
      await publish(candidate);
      published.push(candidate);
    },
  });
  const { deps } = gateOn({ others: { '/v1/mlflow': take } });
  return { post: (request: GateRequest) => handleGate(request, deps), published, log };
}

test('the signature is the one that MLflow makes', () => {
  // python3: base64.b64encode(hmac.new(b"secret", b"id.1700000000.{}", hashlib.sha256).digest())
  const made = createHmac('sha256', 'secret').update('id.1700000000.{}').digest('base64');
  expect(made).toBe('GBemBzTgbKoVEGKycqyY3615LbdJbhFLE1oQk+zZ+lo=');
});

test('an alias that was created registers a candidate', async () => {
  const { post, published } = receiver();
  expect((await post(webhook())).status).toBe(200);
  expect(published).toMatchObject([
    {
      kind: 'candidate',
      subject: 'GourmetGramFood11Model',
      data: { alias: 'staging', version: '2', delivery: 'd1' },
    },
  ]);
});

test('another event is heard and registers nothing', async () => {
  const { post, published } = receiver();
  const event = { ...EVENT, entity: 'registered_model' };
  expect((await post(webhook({ event }))).status).toBe(200);
  expect(published).toStrictEqual([]);
});

describe('refused with 401', () => {
  test.each<[string, Sent]>([
    ['a wrong secret', { secret: 'other' }],
    ['no signature', { headers: { 'x-mlflow-signature': '' } }],
    ['a signature of another kind', { headers: { 'x-mlflow-signature': 'v2,AAAA' } }],
    ['a signature that is too short', { headers: { 'x-mlflow-signature': 'v1,AAAA' } }],
    ['another delivery under this signature', { headers: { 'x-mlflow-delivery-id': 'd2' } }],
    ['another time under this signature', { headers: { 'x-mlflow-timestamp': String(NOW / 1000 + 1) } }],
    ['a time that is no number', { headers: { 'x-mlflow-timestamp': 'now' } }],
    ['one of six minutes ago', { off: -360 }],
    ['one of in six minutes', { off: 360 }],
  ])('%s', async (_, sent) => {
    const { post, published } = receiver();
    expect((await post(webhook(sent))).status).toBe(401);
    expect(published).toStrictEqual([]);
  });

  test('a delivery that comes again', async () => {
    const { post, published } = receiver();
    expect((await post(webhook())).status).toBe(200);
    expect((await post(webhook())).status).toBe(401);
    expect((await post(webhook({ delivery: 'd2' }))).status).toBe(200);
    expect(published).toHaveLength(2);
  });

  test('is told once in the log', async () => {
    const { post, log } = receiver();
    for (let time = 0; time < 5; time++) await post(webhook({ secret: 'other' }));
    expect(log).toStrictEqual([expect.stringContaining('its signature is wrong')]);
  });
});

test('what could not be kept may come again', async () => {
  let isDown = true;
  const { post, published } = receiver(async () => {
    if (isDown) throw new Error('no queue');
  });
  expect((await post(webhook())).status).toBe(500);
  isDown = false;
  expect((await post(webhook())).status).toBe(200);
  expect(published).toHaveLength(1);
});

test.each([
  '{',
  '[]',
  '{"entity":"model_version_alias","action":"created"}',
  JSON.stringify({ ...EVENT, data: { name: 1 } }),
])('a signed body %s that is no event is 400', async (event) => {
  const { post } = receiver();
  expect((await post(webhook({ event }))).status).toBe(400);
});

test('only a POST is taken in', async () => {
  const { post } = receiver();
  expect((await post({ ...webhook(), method: 'GET' })).status).toBe(405);
});
