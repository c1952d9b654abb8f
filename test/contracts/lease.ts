import { describe, expect, test } from 'vitest';
import type { Lease } from '../../shared/ports/lease.ts';

export interface LeaseCase {
  readonly name: string;
  /** Gives two leases on one new state, as two ticks would have them. */
  readonly open: () => Promise<readonly [Lease, Lease]>;
}

/** What every lease promises. */
export function leaseContract({ name, open }: LeaseCase): void {
  describe(`lease contract: ${name}`, () => {
    test('the first gets it, everybody else gets null until it is released', async () => {
      const [one, other] = await open();
      const held = await one.acquire();
      expect(held).not.toBeNull();
      expect([await other.acquire(), await one.acquire()]).toStrictEqual([null, null]);
      await held!.release();
      expect(await other.acquire()).not.toBeNull();
      expect(await one.acquire()).toBeNull();
    });

    test('releasing twice does no harm, least of all to the next holder', async () => {
      const [one, other] = await open();
      const first = await one.acquire();
      await first!.release();
      const second = await other.acquire();
      await first!.release();
      expect(await one.acquire()).toBeNull();
      await second!.release();
      const third = await one.acquire();
      expect(third).not.toBeNull();
      await third!.release();
    });

    test('of many at once exactly one gets it', async () => {
      const [one, other] = await open();
      const all = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? one : other).acquire()));
      const holders = all.filter((held) => held !== null);
      expect(holders).toHaveLength(1);
      await holders[0]!.release();
    });
  });
}
