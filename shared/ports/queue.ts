/** A message somebody published. */
export interface Delivery {
  /** The transport's id of the message; the same message delivered again has the same id. */
  readonly id: string;
  /** The message, or null when it is larger than `MAX_BODY_BYTES` and was not loaded. */
  readonly body: Uint8Array | null;
  readonly bytes: number;
  /** Milliseconds since the epoch, when the transport took it. */
  readonly publishTime: number;
  /** `json` or `v2` (protobuf), told by the transport. */
  readonly format: 'json' | 'v2';
  /** What a person would call it: a file name, a message id. */
  readonly name: string;
  /**
   * It is safely recorded; the transport may forget it. Safe to call again. Calls made together may share one
   * request, so do not wait for each before the next.
   */
  ack(): Promise<void>;
  /** It cannot be read now or ever: moves it out of the way, unread. Answers where it lies. */
  setAside(): Promise<string>;
}

/** A message body over this is rejected (contracts §2). */
export const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Where messages come from and go to.
 *
 * `publish(body, name)` makes the message durable before it answers, and answers with its id. Of the same
 * body and name, a second publish is a second delivery: duplicates are the reader's to tell. `publishTime`
 * (milliseconds since the epoch) is when it was first meant to be published; transports that stamp messages
 * themselves ignore it.
 * `pull(max)` answers with up to `max` deliveries that are not acknowledged, oldest first as far as the
 * transport keeps an order; an empty list means that nothing waits now. A delivery that is neither
 * acknowledged nor set aside comes again: at once, or after `close`, or at the latest when its lease has run
 * out. `close` gives back what is still held and ends what is open; it never throws.
 * The others throw PortError `unavailable`, `full`, `denied`, `not-found` or `invalid`.
 */
export interface Queue {
  publish(body: Uint8Array, name: string, options?: { readonly publishTime?: number }): Promise<string>;
  pull(max: number): Promise<readonly Delivery[]>;
  close(): Promise<void>;
}
