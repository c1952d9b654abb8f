import { setTimeout as wait } from 'node:timers/promises';
import { RemoteFailure } from './failure.ts';

export interface RetryOptions {
  /** Requests for one thing without progress, the first included; 5 unless said. */
  readonly attempts?: number;
  /** The first pause in milliseconds, doubled each time up to `mostMs`. */
  readonly baseMs?: number;
  readonly mostMs?: number;
  /** Chance in [0, 1): pauses are between half and all of their length. */
  readonly random?: () => number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

const DEFAULTS: Required<RetryOptions> = {
  attempts: 5,
  baseMs: 500,
  mostMs: 8000,
  random: Math.random,
  sleep: wait,
};
/** Longer than that nobody is waited for, whatever it asks. */
const MOST_RETRY_AFTER_MS = 30_000;

/** The pause in milliseconds before attempt `failures + 1`. */
export function pauseMs(
  { failures, retryAfterMs }: { readonly failures: number; readonly retryAfterMs: number },
  { baseMs, mostMs, random }: Pick<Required<RetryOptions>, 'baseMs' | 'mostMs' | 'random'>,
): number {
  const whole = Math.min(mostMs, baseMs * 2 ** (failures - 1));
  return Math.max(whole * (0.5 + random() / 2), Math.min(retryAfterMs, MOST_RETRY_AFTER_MS));
}

/** Repeats of what may work the next time, for all requests of one adapter. */
export class Retries {
  readonly options: Required<RetryOptions>;
  /** Somebody has tried in vain to the end: until it works again, others try once. */
  private isDown = false;

  constructor(options: RetryOptions = {}) {
    this.options = { ...DEFAULTS, ...options };
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const tries = this.start();
    for (;;) {
      try {
        const result = await work();
        tries.progress();
        return result;
      } catch (error) {
        await tries.after(error);
      }
    }
  }

  /** For work that goes on where it failed. */
  start(): Tries {
    let failures = 0;
    return {
      progress: () => {
        failures = 0;
        this.isDown = false;
      },
      after: async (error) => {
        if (!(error instanceof RemoteFailure)) throw error;
        if (error.kind !== 'transient') {
          // An answer, if no welcome one: the service is there.
          this.isDown = false;
          throw error;
        }
        failures += 1;
        if (this.isDown || failures >= this.options.attempts) {
          this.isDown = true;
          throw error;
        }
        await this.options.sleep(pauseMs({ failures, retryAfterMs: error.retryAfterMs }, this.options));
      },
    };
  }
}

/** The attempts at one thing. */
export interface Tries {
  /** It works: earlier failures count no more. */
  progress(): void;
  /** Pauses, or throws the failure if it is final. */
  after(error: unknown): Promise<void>;
}
