import type { Outgoing, Received } from './calls.ts';
import { contentType } from './format.ts';

// What Pub/Sub allows: https://cloud.google.com/pubsub/quotas#resource_limits
const MOST_ATTRIBUTES = 100;
const MOST_VALUE_BYTES = 1024;

/** What is known of a message without reading it. */
export function messageAttributes(name: string): Record<string, string> {
  const shown = fitting(name);
  return { 'content-type': contentType(name), ...(shown === '' ? {} : { name: shown }) };
}

/** What a person calls a message: what its publisher called it, else Pub/Sub's id. */
export function nameOf({ attributes, messageId }: Received): string {
  return attributes.name || messageId;
}

/** The message as it goes to the dead-letter topic: its body, its own attributes, and why it came there. */
export function deadLetter(
  { messageId, publishTime, data, attributes }: Received,
  { reason, source }: { readonly reason: string; readonly source: string },
): Outgoing {
  const ours = {
    reason,
    source_message_id: messageId,
    source_publish_time: new Date(publishTime).toISOString(),
    source_subscription: source,
  };
  // Names that begin so are Pub/Sub's own, and refused from others.
  const theirs = Object.entries(attributes).filter(
    ([key]) => !key.startsWith('goog') && !Object.hasOwn(ours, key),
  );
  const kept = theirs.slice(0, MOST_ATTRIBUTES - Object.keys(ours).length);
  return { data, attributes: { ...Object.fromEntries(kept), ...ours } };
}

/** As much of a text as one attribute holds; no character is cut in two. */
function fitting(text: string): string {
  const whole = text.toWellFormed();
  const bytes = Buffer.from(whole);
  if (bytes.length <= MOST_VALUE_BYTES) return whole;
  let end = MOST_VALUE_BYTES;
  // A byte 10xxxxxx continues a character.
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end).toString();
}
