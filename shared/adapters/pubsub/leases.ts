/** How long Pub/Sub lends a message, seconds; the most that it allows. */
export const LEASE_SECONDS = 600;

/** What is held now, by the id of each lease. */
export interface Leases {
  hold(ackIds: readonly string[]): void;
  drop(ackId: string): void;
  /** Stops renewing and answers with what was still held; afterwards nothing is. */
  end(): readonly string[];
}

/**
 * Keeps leases alive: every `every` milliseconds `extend` is called with whatever is held then. The timer keeps
 * no process alive, and runs only while something is held.
 */
export function leases({
  every,
  extend,
}: {
  readonly every: number;
  readonly extend: (ackIds: readonly string[]) => void;
}): Leases {
  const held = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const rest = () => {
    clearInterval(timer);
    timer = undefined;
  };
  return {
    hold: (ackIds) => {
      for (const id of ackIds) held.add(id);
      timer ??= setInterval(() => extend([...held]), every).unref();
    },
    drop: (ackId) => {
      held.delete(ackId);
      if (held.size === 0) rest();
    },
    end: () => {
      const left = [...held];
      held.clear();
      rest();
      return left;
    },
  };
}
