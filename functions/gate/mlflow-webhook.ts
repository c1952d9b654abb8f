import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Decision, decisionOf } from '../../shared/core/decision-record.ts';
import { isObject } from '../../shared/core/json.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Log } from '../../shared/ports/log.ts';
import { type GateRequest, type GateResponse, headerOf, jsonAnswer, Refusal } from './http.ts';
import { jsonOf } from './words.ts';

/** What a webhook is taken in with. */
export interface WebhookDeps {
  readonly secret: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Puts an announcement on the queue; rejects where it could not, so that MLflow sends it again. */
  readonly publish: (candidate: Decision) => Promise<void>;
}

/** MLflow's clock and ours may differ, and it tries for a while. */
const FRESH_MS = 5 * 60_000;
const REMEMBERED = 10_000;
const MOST_TEXT = 1024;

/**
 * Takes in webhooks of MLflow 3.3 or newer: `X-MLflow-Signature: v1,BASE64` is the HMAC-SHA256 of
 * `DELIVERY.TIMESTAMP.BODY` (`mlflow/webhooks/delivery.py`). A wrong signature, one of more than five minutes ago and one
 * that was taken in already are 401, which the log is told once. An alias that was created is a candidate.
 */
export function mlflowWebhook(deps: WebhookDeps): (request: GateRequest) => Promise<GateResponse> {
  const seen = new Set<string>();
  let isTold = false;
  return async (request) => {
    const delivery = headerOf(request, 'x-mlflow-delivery-id') ?? '';
    const why = refusalOf(request, { delivery, deps, seen });
    if (why !== null) {
      if (!isTold) deps.log.warn(`A webhook of MLflow was refused: ${why}`, { event: 'webhook_refused' });
      isTold = true;
      throw new Refusal(401, 'The signature of this webhook does not hold');
    }
    // Before the first await, so that of two at one time one is refused.
    seen.add(delivery);
    const [oldest] = seen;
    if (seen.size > REMEMBERED && oldest !== undefined) seen.delete(oldest);
    try {
      const candidate = candidateOf(jsonOf(request.body), { delivery, now: deps.clock.now() });
      if (candidate === null) return jsonAnswer(200, { registered: false });
      await deps.publish(candidate);
      return jsonAnswer(200, { registered: true, id: candidate.id });
    } catch (error) {
      seen.delete(delivery);
      throw error;
    }
  };
}

interface Checked {
  readonly delivery: string;
  readonly deps: WebhookDeps;
  readonly seen: ReadonlySet<string>;
}

/** Why a delivery is not MLflow's, or not a new one; null: it is. */
function refusalOf(request: GateRequest, { delivery, deps, seen }: Checked): string | null {
  const timestamp = headerOf(request, 'x-mlflow-timestamp') ?? '';
  const [, given] = /^v1,([A-Za-z0-9+/]{43}=)$/.exec(headerOf(request, 'x-mlflow-signature') ?? '') ?? [];
  if (given === undefined || delivery === '' || !/^\d{1,12}$/.test(timestamp)) return 'it is not signed';
  const expected = createHmac('sha256', deps.secret)
    .update(`${delivery}.${timestamp}.`)
    .update(request.body)
    .digest();
  if (!timingSafeEqual(expected, Buffer.from(given, 'base64'))) return 'its signature is wrong';
  if (Math.abs(deps.clock.now() - Number(timestamp) * 1000) > FRESH_MS) return 'it is not of now';
  return seen.has(delivery) ? 'it was taken in already' : null;
}

/** The version of a model that got an alias; null for other events. Throws Refusal 400 for one that says less. */
function candidateOf(
  value: unknown,
  { delivery, now }: { readonly delivery: string; readonly now: number },
): Decision | null {
  if (!isObject(value)) throw new Refusal(400, 'The body is no event of MLflow');
  if (value.entity !== 'model_version_alias' || value.action !== 'created') return null;
  const { name, alias, version } = isObject(value.data) ? value.data : {};
  const texts = [name, alias, version].map((text) =>
    typeof text === 'string' && text !== '' && text.length <= MOST_TEXT ? text.toWellFormed() : null,
  );
  const [model, given, of] = texts;
  if (!model || !given || !of) throw new Refusal(400, 'The event names no model, alias and version');
  const data = { schema: 1, registry: 'mlflow', alias: given, version: of, delivery };
  return decisionOf({ kind: 'candidate', subject: model, at: now, data });
}
