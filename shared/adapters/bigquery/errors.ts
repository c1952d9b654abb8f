import { PortError } from '../../ports/error.ts';

/** What is known of a failure of the service or of the way to it. */
export interface Failure {
  /** The service's word, such as `notFound`; of a broken connection its code, such as `ECONNREFUSED`. */
  readonly reason: string;
  readonly status: number | null;
  readonly message: string;
  /**
   * `request`: nobody knows whether the request arrived. `job`: the job ran and failed, and may succeed if it is
   * begun anew. Null: trying again is of no use.
   */
  readonly again: 'request' | 'job' | null;
}

const TRANSIENT: ReadonlySet<string> = new Set([
  'backendError',
  'internalError',
  'jobBackendError',
  'jobInternalError',
  'rateLimitExceeded',
  'jobRateLimitExceeded',
  'userRateLimitExceeded',
  'tableUnavailable',
]);

/** Two transactions that met, or too many statements on one table at once. */
const COLLIDED = /aborted due to concurrent|concurrent update|too many DML/i;

/** Reads what the client throws. */
export function failureOf(error: unknown): Failure {
  const {
    code,
    errors,
    message = String(error),
  } = (error ?? {}) as {
    readonly code?: unknown;
    readonly errors?: readonly { readonly reason?: string; readonly message?: string }[];
    readonly message?: string;
  };
  const status = typeof code === 'number' ? code : null;
  const [first] = errors ?? [];
  const reason = first?.reason ?? (typeof code === 'string' ? code : '');
  const said = first?.message ?? message;
  return { reason, status, message: oneLine(said), again: againOf({ status, reason, said, first }) };
}

function againOf(failure: {
  readonly status: number | null;
  readonly reason: string;
  readonly said: string;
  readonly first: object | undefined;
}): Failure['again'] {
  const { status, reason, said, first } = failure;
  if (NO_IDENTITY.test(said)) return null;
  // Without a status it is the job that says so, or nobody said anything.
  if (status === null && first === undefined) return 'request';
  const transient = TRANSIENT.has(reason) || COLLIDED.test(said);
  if (status === null) return transient ? 'job' : null;
  return transient || status === 429 || status >= 500 || status === 408 ? 'request' : null;
}

/** What the library says that finds out who we are, before any request is made. */
const NO_IDENTITY = /default credentials|invalid_grant|refresh (the )?access token/i;

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 500);
}

/** Where it happened, for people. */
export interface Place {
  readonly projectId: string;
  readonly dataset: string;
}

/**
 * A failure in the closed set of the ports, with the next step. A statement that the service does not understand
 * is our mistake and no failure of a port.
 */
export function portError(error: unknown, { projectId, dataset }: Place): unknown {
  if (error instanceof PortError || error instanceof ProgramError) return error;
  const { reason, status, message, again } = failureOf(error);
  const name = `${projectId}.${dataset}`;
  const cause = { cause: error };
  if (again !== null) {
    return new PortError('unavailable', `Cannot reach BigQuery for ${name} now: ${message}`, cause);
  }
  if (reason === 'quotaExceeded') {
    const detail = `Cannot use history ${name} now: a quota of project ${projectId} is used up: ${message}`;
    return new PortError('unavailable', detail, cause);
  }
  if (reason === 'bytesBilledLimitExceeded') {
    const detail = `Cannot run a statement on ${name}: it would read more than it may be billed for: ${message}. Raise the limit, or ask for less`;
    return new PortError('invalid', detail, cause);
  }
  if (reason === 'notFound' || status === 404) {
    const detail = `Cannot find history ${name}: ${message}. Run "tidemark tick" once with the right to make it, or "tidemark doctor" to see what is missing`;
    return new PortError('not-found', detail, cause);
  }
  if (reason === 'accessDenied' || status === 401 || status === 403 || NO_IDENTITY.test(message)) {
    const detail = `Cannot use history ${name}: ${message}. Whoever runs this needs roles/bigquery.jobUser on project ${projectId} and roles/bigquery.dataEditor on the dataset`;
    return new PortError('denied', detail, cause);
  }
  return new ProgramError(`BigQuery does not take a statement of ours: ${message}`, cause);
}

/** The service refused what we sent as wrong in itself. */
export class ProgramError extends Error {}
