import { PortError, type PortErrorCode } from '../../ports/error.ts';

/**
 * What a failed request means. `transient`: asked again, it may work. `credentials`: this process is not known.
 * `denied`: it is, but has no right to this. `missing`: 404. `changed`: a condition on the version of it did not
 * hold, or it is another by now. `refused`: the request itself is wrong.
 */
export type FailureKind = 'transient' | 'credentials' | 'denied' | 'missing' | 'changed' | 'refused';

/** A failed request; `message` is a part of a sentence, such as `the service answered 503`. */
export class RemoteFailure extends Error {
  readonly kind: FailureKind;
  /** How long the service asked to be left alone, in milliseconds; 0 when it did not. */
  readonly retryAfterMs: number;

  constructor(kind: FailureKind, message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'RemoteFailure';
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
}

/** Foreign words as a short part of one line; nothing for what is no text. */
export function tame(text: unknown): string {
  if (typeof text !== 'string') return '';
  const line = text.replace(/[\p{C}\p{Z}]+/gu, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 200).toWellFormed()}…` : line;
}

/** A request that got no answer, or lost it on the way. */
export function networkFailure(error: unknown): RemoteFailure {
  if (error instanceof RemoteFailure) return error;
  return new RemoteFailure('transient', `no answer came: ${tame(innermost(error))}`, { cause: error });
}

/** `fetch` says "fetch failed" and keeps what happened as the cause. */
function innermost(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (!(inner instanceof Error)) return String(inner);
  const code = 'code' in inner && typeof inner.code === 'string' ? inner.code : '';
  return inner.message === '' || inner.message === code ? code : inner.message;
}

/** How a failure is told: what could not be done to what, and what each kind of it means there. */
export interface Telling {
  /** Such as `Cannot read "gs://bucket/model"`. */
  readonly cannot: string;
  /** What would have given the right, such as `it takes the role Storage Object Viewer on the bucket`. */
  readonly right: string;
  /** For what is missing or has changed: which code it has here, and why. */
  readonly missing: readonly [PortErrorCode, string];
  readonly changed: readonly [PortErrorCode, string];
  /** What it is when this process is nobody to the service; `unavailable` unless said. */
  readonly signedOut?: PortErrorCode | undefined;
}

/** The failure in the port's words; a foreign error is a defect of ours and stays what it is. */
export function portError(error: unknown, { cannot, right, missing, changed, signedOut }: Telling): unknown {
  if (!(error instanceof RemoteFailure)) return error;
  const said = error.message;
  const told: Readonly<Record<FailureKind, readonly [PortErrorCode, string]>> = {
    transient: ['unavailable', said],
    // Nothing is wrong with the place: with other credentials it can be used.
    credentials: [signedOut ?? 'unavailable', `${said}; check the credentials of this process`],
    denied: ['denied', `${said}; ${right}`],
    refused: ['invalid', said],
    missing,
    changed,
  };
  const [code, why] = told[error.kind];
  return new PortError(code, `${cannot}: ${why}`, { cause: error });
}
