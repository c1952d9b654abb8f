import type { DecodeV2 } from '../core/message-v2.ts';
import { parseMessage, reject } from '../core/parse-message.ts';
import type { RunEvent } from '../core/run-event.ts';
import { type Delivery, MAX_BODY_BYTES } from '../ports/queue.ts';
import type { Ports } from './context.ts';

/** Messages taken from the queue and recorded together; a spool lists its whole folder for each batch. */
const BATCH = 2000;

export interface Drained {
  readonly recorded: number;
  /** How many were rejected. Not the messages: thousands of large ones would fill the memory of a small function. */
  readonly rejected: number;
  /** Why the queue could not be emptied; null when it was, or when it was stopped on the way. */
  readonly failure: unknown;
}

export interface DrainOptions {
  /** Once aborted nothing more is pulled: what was pulled is recorded and acknowledged, the rest stays. */
  readonly stop?: AbortSignal;
}

/**
 * Empties the queue: every message is an idempotent row before it is acknowledged. What is wrong with the queue
 * is an answer, since the runs that are recorded must not wait for it; what is wrong with history throws.
 */
export async function drain(ports: Ports, { stop }: DrainOptions = {}): Promise<Drained> {
  const { queue, history, clock, log } = ports;
  let recorded = 0;
  let failure: unknown = null;
  let rejected = 0;
  // What could not be released may come again at once; then it is left for the next pass.
  const stuck = new Set<string>();
  while (!stop?.aborted) {
    const pulled = await attempt(() => queue.pull(BATCH));
    failure ??= pulled.failure;
    const deliveries = (pulled.value ?? []).filter(({ id }) => !stuck.has(id));
    if (deliveries.length === 0) break;
    const decodeV2 = await decoderFor(deliveries, ports);
    const parsed = deliveries.map((delivery) => parseDelivery(delivery, decodeV2));
    const events = parsed.flatMap((one): RunEvent[] => (one.kind === 'event' ? [one.event] : []));
    const refused = parsed.flatMap((one) => (one.kind === 'rejected' ? [one.rejected] : []));
    const conflicts = await history.append({ events, rejected: refused, at: clock.now() });
    const told = [...refused, ...conflicts];
    for (const message of told) log.warn(message.detail, { reason: message.reason });
    recorded += events.length;
    rejected += told.length;
    const kept = await releaseAll(deliveries, log);
    for (const { id, error } of kept) {
      stuck.add(id);
      failure ??= error;
    }
    if (kept.length === deliveries.length) break;
  }
  return { recorded, rejected, failure };
}

/** What reads v2 messages, loaded for the first batch that has one. */
async function decoderFor(
  messages: readonly { readonly format: string }[],
  { decodeV2 }: Pick<Ports, 'decodeV2'>,
) {
  return messages.some(({ format }) => format === 'v2') ? await decodeV2?.() : undefined;
}

async function attempt<T>(work: () => Promise<T>) {
  try {
    return { value: await work(), failure: null };
  } catch (failure) {
    return { value: null, failure };
  }
}

function parseDelivery(delivery: Delivery, decodeV2: DecodeV2 | undefined) {
  const { id, name, publishTime, format, body, bytes } = delivery;
  const raw = { id, name, publishTime, format, body: body ?? new Uint8Array() };
  if (body !== null) return parseMessage(raw, { decodeV2 });
  const detail = `is ${bytes} bytes, more than the ${MAX_BODY_BYTES} allowed; it is set aside unread by its queue`;
  const refusal = reject(raw, 'oversized', detail);
  return refusal.kind === 'event' ? refusal : { ...refusal, rejected: { ...refusal.rejected, body: null } };
}

/** Releases all together, so that they may share requests; answers with those that are still in the queue, and why. */
async function releaseAll(deliveries: readonly Delivery[], log: Ports['log']) {
  const ended = await Promise.all(deliveries.map((one) => attempt(() => release(one, log))));
  return ended.flatMap(({ failure: error }, index) =>
    error === null ? [] : [{ id: deliveries[index]!.id, error }],
  );
}

/** An oversized message is kept where the queue keeps it; all others are in our rows now. */
async function release(delivery: Delivery, log: Ports['log']): Promise<void> {
  if (delivery.body !== null) return delivery.ack();
  const place = await delivery.setAside();
  log.warn(`Message "${delivery.name}" now lies at ${place}`);
}
