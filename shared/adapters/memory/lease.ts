import type { Lease } from '../../ports/lease.ts';

/** A lease within one process. */
export function memoryLease(): Lease {
  let holder: symbol | null = null;
  return {
    async acquire() {
      if (holder !== null) return null;
      const mine = Symbol();
      holder = mine;
      return {
        lost: new AbortController().signal,
        release: async () => {
          // Released twice, it must not free what somebody else holds by now.
          if (holder === mine) holder = null;
        },
      };
    },
  };
}
