import type { Environment } from '../../shared/core/run-identity.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Queue } from '../../shared/ports/queue.ts';
import type { Unsent } from '../../shared/ports/unsent.ts';

/** What the publishing commands are given. */
export interface ProducerDeps {
  readonly queue: Queue;
  readonly unsent: Unsent;
  readonly env: Environment;
  readonly clock: Clock;
  readonly randomId: () => string;
  readonly hostname: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}
