/** A tag of one version of a registered model. */
export interface ModelTag {
  readonly model: string;
  /** As the registry counts versions: MLflow from 1 on. */
  readonly version: string;
  readonly key: string;
  readonly value: string;
}

/**
 * Where versions of models are registered.
 *
 * `tag(wanted)`: sets a tag unless the version has it already; true where it was set now. It moves no alias and changes
 * nothing else. Throws PortError: `unavailable` (not reached, overloaded, timed out), `not-found` (no such model or
 * version), `denied`, `invalid` (no version number, a server that is none). No message has a password or token in it.
 */
export interface ModelRegistry {
  tag(wanted: ModelTag): Promise<boolean>;
}
