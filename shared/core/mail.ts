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
}
