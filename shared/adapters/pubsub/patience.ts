import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

export interface Patience {
  /** Ends everything; the last failure is thrown then. */
  readonly until: AbortSignal;
  /** How long one try may take, milliseconds. */
  readonly tryMs: number;
  /** Whether the next try may succeed. */
  readonly isPassing: (error: unknown) => boolean;
}

/** Tries again what fails in passing, with pauses that grow to two seconds. The work is given what ends its try. */
export async function persist<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { until, tryMs, isPassing }: Patience,
): Promise<T> {
  let failure: unknown;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await work(AbortSignal.any([until, AbortSignal.timeout(tryMs)]));
    } catch (error) {
      // That the time is over says less than what went wrong before.
      failure = until.aborted ? (failure ?? error) : error;
      if (until.aborted || !isPassing(error)) throw failure;
    }
    await sleep(pause, undefined, { signal: until }).catch(() => {
      throw failure;
    });
  }
}

/** Why `fetch` failed, in the system's words where it has some: its own are "fetch failed". */
export function fetchReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'there was no answer in time';
  const { cause } = error;
  if (cause instanceof AggregateError) return fetchReason(cause.errors[0]);
  return cause instanceof Error ? fetchReason(cause) : error.message;
}
