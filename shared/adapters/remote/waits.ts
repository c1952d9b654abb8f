import { RemoteFailure } from './failure.ts';

/** In milliseconds. */
export interface WaitLimits {
  /** For the next sign of life: the head of an answer, a piece of its body. */
  readonly waitMs: number;
  /** For all waiting of one request together. */
  readonly requestMs: number;
}

/** A request that makes no progress is given up early, one that trickles late; nothing waits for ever. */
export const WAIT_LIMITS: WaitLimits = { waitMs: 30_000, requestMs: 120_000 };

/** The limits of one request. Only waiting counts: a reader may take its time between two pieces. */
export class Waits {
  private readonly controller = new AbortController();
  private readonly limits: WaitLimits;
  private spentMs = 0;

  constructor(limits: WaitLimits) {
    this.limits = limits;
  }

  /** Ends the request when a limit is reached. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Waits for `work`; throws a transient RemoteFailure when that takes too long, even if the work ignores `signal`. */
  async during<T>(work: Promise<T>): Promise<T> {
    const begun = performance.now();
    const limit = Math.max(0, Math.min(this.limits.waitMs, this.limits.requestMs - this.spentMs));
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const slow = new RemoteFailure('transient', `no answer came within ${Math.round(limit)} ms`);
      this.controller.abort(slow);
      reject(slow);
    }, limit);
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
      this.spentMs += performance.now() - begun;
    }
  }

  /** Lets go of whatever is still open. */
  end(): void {
    this.controller.abort();
  }
}
