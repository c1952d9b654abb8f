import { vi } from 'vitest';
import { gcsLease } from '../../shared/adapters/gcs/lease.ts';
import type { HeldLease, Lease } from '../../shared/ports/lease.ts';
import type { ExpiringLeases } from '../contracts/lease.ts';
import { ScriptTimer } from './script-timer.ts';

const TTL_MS = 30_000;

/** Two leases on one object; `shift` lets time pass at the service, the first one's own time is a script. */
export function expiringLeases(
  at: { readonly url: string; readonly endpoint: string; readonly fetch: typeof fetch },
  shift: (ms: number) => void,
): ExpiringLeases {
  const script = new ScriptTimer();
  const given: HeldLease[] = [];
  const elapsed = () => script.now;
  const one = gcsLease({ ...at, owner: 'one', ttlMs: TTL_MS, timer: script.timer, elapsed });
  const other = gcsLease({ ...at, owner: 'other', ttlMs: TTL_MS });
  return {
    leases: [remembering(one, given), other],
    ttlMs: TTL_MS,
    pass: async (ms) => {
      const last = script.now + ms;
      // In small steps, so that a renewal is written at its time by both clocks.
      while (script.now < last) {
        const step = Math.min(1000, last - script.now);
        shift(step);
        await script.pass(step, async () => {
          await vi.waitUntil(() => script.size > 0 || given.some(({ lost }) => lost.aborted), 10_000);
        });
      }
    },
    freeze: () => {
      script.isFrozen = true;
    },
    wake: () => {
      script.isFrozen = false;
    },
  };
}

function remembering(lease: Lease, given: HeldLease[]): Lease {
  return {
    acquire: async () => {
      const held = await lease.acquire();
      if (held !== null) given.push(held);
      return held;
    },
  };
}
