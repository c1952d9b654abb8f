import { setTimeout as sleep } from 'node:timers/promises';
import { PortError, type PortErrorCode } from '../../ports/error.ts';

// Codes of gRPC, https://grpc.io/docs/guides/status-codes/
const CANCELLED = 1;
const UNKNOWN = 2;
const INVALID_ARGUMENT = 3;
const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const ABORTED = 10;
const OUT_OF_RANGE = 11;
const INTERNAL = 13;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

/** Failures that may be gone a moment later. */
const PASSING: ReadonlySet<unknown> = new Set([
  UNKNOWN,
  DEADLINE_EXCEEDED,
  RESOURCE_EXHAUSTED,
  ABORTED,
  INTERNAL,
  UNAVAILABLE,
]);

/** What was to be done, and what a person does where it must be made or allowed first. */
export interface Doing {
  /** Reads behind "Cannot", with the resource in it: `pull from projects/p/subscriptions/s`. */
  readonly what: string;
  /** How the thing that is missing is made. */
  readonly create: string;
  /** The role that allows it, and on what. */
  readonly role: string;
}

/**
 * Whether a pull ended because there was nothing to hand out before its time was over. gRPC has the same code for a
 * call that found no server all that time, and tells them apart by these words alone.
 */
export function isEmpty(error: unknown): boolean {
  return codeOf(error) === DEADLINE_EXCEEDED && !/waiting for lb pick/i.test(detailsOf(error));
}

/** Translates an error of gRPC, or of the search for credentials, into a sentence that says what to do. */
export function pubSubError(error: unknown, { what, create, role }: Doing): PortError {
  if (error instanceof PortError) return error;
  const said = detailsOf(error);
  const told = (code: PortErrorCode, why: string) =>
    new PortError(code, `Cannot ${what}: ${why}`, { cause: error });
  // They are looked for on the first call, and gRPC wraps what is said then in one code or another.
  if (/default credentials/i.test(said)) {
    return told(
      'denied',
      'this machine has no Google credentials; give it a service account, or set GOOGLE_APPLICATION_CREDENTIALS',
    );
  }
  switch (codeOf(error)) {
    case NOT_FOUND:
      return told('not-found', `it does not exist; ${create}`);
    case PERMISSION_DENIED:
      return told('denied', `it is not permitted; give the caller ${role} (${said})`);
    case UNAUTHENTICATED:
      return told('denied', `the credentials are not accepted, or have expired (${said})`);
    case INVALID_ARGUMENT:
    case FAILED_PRECONDITION:
    case OUT_OF_RANGE:
      return told('invalid', `it is refused (${said})`);
    case RESOURCE_EXHAUSTED:
      return told('unavailable', `a quota is used up; it comes back by itself, or raise it (${said})`);
    case DEADLINE_EXCEEDED:
    case CANCELLED:
      return told('unavailable', 'there was no answer in time');
    case UNAVAILABLE:
      return told('unavailable', `Pub/Sub is out of reach (${said})`);
    default:
      return told('unavailable', said);
  }
}

export interface RetryOptions {
  /** Calls in all, the first one too. */
  readonly attempts: number;
  /** Milliseconds before the second call; each further wait is twice as long. */
  readonly wait: number;
}

/** Calls again what failed in passing, a few times; the last error is thrown as it came. */
export async function retried<T>(work: () => Promise<T>, { attempts, wait }: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || !PASSING.has(codeOf(error))) throw error;
      await sleep(wait * 2 ** (attempt - 1));
    }
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** The other side's words: without the code in front that gRPC puts there, on one line, and not without end. */
function detailsOf(error: unknown): string {
  const details = error instanceof Error && 'details' in error ? error.details : undefined;
  const text =
    typeof details === 'string' && details !== ''
      ? details
      : error instanceof Error
        ? error.message
        : String(error);
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
