import { describe, expect, test } from 'vitest';
import type { Lease } from '../../shared/ports/lease.ts';

export interface LeaseCase {
  readonly name: string;
  /** Gives two leases on one new state, as two ticks would have them. */
  readonly open: () => Promise<readonly [Lease, Lease]>;
  /** For leases that expire instead of ending with their process. */
  readonly expiring?: () => Promise<ExpiringLeases>;
}

/** Two leases on one new state, and time and the first one's process as a script. */
export interface ExpiringLeases {
  readonly leases: readonly [Lease, Lease];
  readonly ttlMs: number;
  /** Lets time pass for everybody; whoever is alive does what it would have done meanwhile. */
  pass(ms: number): Promise<void>;
  /** From now on the first one does nothing by itself, until it is woken. */
  freeze(): void;
  wake(): void;
}

/** What every lease promises. */
export function leaseContract({ name, open, expiring }: LeaseCase): void {
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

    test('nothing is lost while nobody takes it away', async () => {
      const [one] = await open();
      const held = await one.acquire();
      expect(held!.lost.aborted).toBe(false);
      await held!.release();
      expect(held!.lost.aborted).toBe(false);
    });

    if (expiring !== undefined) expiryContract(expiring);
  });
}

function expiryContract(expiring: () => Promise<ExpiringLeases>): void {
  test('whoever is alive keeps it longer than its time', async () => {
    const { leases, ttlMs, pass } = await expiring();
    const held = await leases[0].acquire();
    for (let third = 0; third < 10; third++) {
      await pass(ttlMs / 3);
      expect(await leases[1].acquire()).toBeNull();
    }
    expect(held!.lost.aborted).toBe(false);
    await held!.release();
    expect(await leases[1].acquire()).not.toBeNull();
  });

  test('what a dead process held is free when its time has passed, and not before', async () => {
    const { leases, ttlMs, pass, freeze } = await expiring();
    await leases[0].acquire();
    freeze();
    await pass(ttlMs - 1000);
    expect(await leases[1].acquire()).toBeNull();
    await pass(3000);
    expect(await leases[1].acquire()).not.toBeNull();
  });

  test('of many that find it expired exactly one gets it', async () => {
    const { leases, ttlMs, pass, freeze } = await expiring();
    await leases[0].acquire();
    freeze();
    await pass(ttlMs + 3000);
    const all = await Promise.all(Array.from({ length: 10 }, () => leases[1].acquire()));
    expect(all.filter((held) => held !== null)).toHaveLength(1);
  });

  test('a holder that slept through its time is told, and cannot give back what is another', async () => {
    const { leases, ttlMs, pass, freeze, wake } = await expiring();
    const asleep = await leases[0].acquire();
    freeze();
    await pass(ttlMs + 3000);
    const held = await leases[1].acquire();
    wake();
    await pass(1);
    expect(asleep!.lost.aborted).toBe(true);
    expect(asleep!.lost.reason).toMatchObject({ code: 'busy' });
    await asleep!.release();
    expect(await leases[0].acquire()).toBeNull();
    expect(held!.lost.aborted).toBe(false);
    await held!.release();
  });

  test('a holder that gives back without knowing that it lost takes nothing from the next', async () => {
    const { leases, ttlMs, pass, freeze } = await expiring();
    const asleep = await leases[0].acquire();
    freeze();
    await pass(ttlMs + 3000);
    await leases[1].acquire();
    await asleep!.release();
    expect(await leases[0].acquire()).toBeNull();
  });
}
