import type { Mail } from '../core/mail.ts';

export type { Mail } from '../core/mail.ts';

/**
 * What became of one attempt. `sent`: taken by the other side (`refused` lists single addresses it did not
 * take). `retry`: surely not sent, may work later. `unreachable`: surely not sent, and neither would any other
 * mail now. `failed`: never will. `uncertain`: it may have been sent.
 */
export type SendResult =
  | { readonly kind: 'sent'; readonly detail: string; readonly refused: readonly string[] }
  | { readonly kind: 'retry' | 'unreachable' | 'failed' | 'uncertain'; readonly detail: string };

/** Sends mails, and messages of other channels as their `channel` says. Never throws for what the other side says; that is the result. `close` ends what is open. */
export interface Mailer {
  send(mail: Mail): Promise<SendResult>;
  close(): Promise<void>;
}
