/** A file inside a mail; the HTML shows it by its content id. */
export interface MailAttachment {
  /** Without angle brackets; the HTML says `cid:` and this. Printable ASCII without spaces. */
  readonly cid: string;
  readonly filename: string;
  readonly contentType: string;
  /** The bytes in base64, so that a mail can be kept as JSON. */
  readonly content: string;
}

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
  /** Pictures that the HTML shows; none where it is left out. */
  readonly attachments?: readonly MailAttachment[];
  /** The channel of `alerting.channels` that it goes by; left out: it is a mail. `to` then holds that name. */
  readonly channel?: string;
  /** What it tells of, for channels that take data and no text. */
  readonly events?: readonly MailEvent[];
}

/** What a message tells of one episode, in the words of `episodes --json`. */
export interface MailEvent {
  readonly episode_id: string;
  /** `firing`, `recovered`, `reminder`, …: what is said of it. */
  readonly kind: string;
  readonly state: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly test_name: string;
  readonly signal: string;
  readonly polarity: string;
  readonly reason: string;
  /** One sentence. */
  readonly summary: string;
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly first_bad_run_id: string;
  readonly last_good_run_id: string | null;
  /** ISO 8601. */
  readonly opened_at: string;
  readonly at: string;
}
