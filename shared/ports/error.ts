/** The closed set of what can go wrong behind a port; adapters translate foreign errors into it once. */
export type PortErrorCode =
  | 'not-found' // the thing named does not exist
  | 'denied' // it exists, but may not be used
  | 'invalid' // it is not what it should be: corrupt, wrong kind, refused by the other side for good
  | 'newer' // written by a newer version of Tidemark
  | 'full' // no space left
  | 'busy' // somebody else holds it
  | 'unavailable'; // not reachable now

const RETRYABLE: ReadonlySet<PortErrorCode> = new Set(['full', 'busy', 'unavailable']);

/** A failure behind a port, in words a person can act on. `retryable`: the same call may succeed later. */
export class PortError extends Error {
  readonly code: PortErrorCode;
  readonly retryable: boolean;

  constructor(code: PortErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'PortError';
    this.code = code;
    this.retryable = RETRYABLE.has(code);
  }
}
