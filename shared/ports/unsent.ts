/** A message that could not be published, as it was meant to be. */
export interface UnsentMessage {
  /** The name it would have been published under. */
  readonly name: string;
  readonly body: Uint8Array;
  /** Milliseconds since the epoch, when publishing was first tried. */
  readonly time: number;
  /** Where it lies. */
  readonly path: string;
}

/** Keeps what could not be published until `flush`. */
export interface Unsent {
  /** For notices to people. */
  readonly folder: string;
  /** Durable when it answers; `time` in milliseconds since the epoch. Answers with the path. */
  keep(body: Uint8Array, message: { readonly name: string; readonly time: number }): Promise<string>;
  /** Paths of everything kept, in the order of its times. */
  list(): Promise<readonly string[]>;
  /** Null when somebody else delivered it meanwhile. */
  read(path: string): Promise<UnsentMessage | null>;
  /** Safe to call again. */
  remove(path: string): Promise<void>;
}
