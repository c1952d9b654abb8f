/** A mail, ready to send: the same value always gives the same bytes. */
export interface Mail {
  /** Hex digest that identifies the mail; local part of its `Message-ID` and its MIME boundary. */
  readonly key: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Milliseconds since the epoch, the mail's `Date`. */
  readonly date: number;
  /** Extra headers, names fixed in code, values printable. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * What became of one attempt. `sent`: taken by the other side (`refused` lists single addresses it did not
 * take). `retry`: surely not sent, may work later. `failed`: never will. `uncertain`: it may have been sent.
 */
export type SendResult =
  | { readonly kind: 'sent'; readonly detail: string; readonly refused: readonly string[] }
  | { readonly kind: 'retry' | 'failed' | 'uncertain'; readonly detail: string };

/** Sends mails. Never throws for what the other side says; that is the result. `close` ends what is open. */
export interface Mailer {
  send(mail: Mail): Promise<SendResult>;
  close(): Promise<void>;
}
