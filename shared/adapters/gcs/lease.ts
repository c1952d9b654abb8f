import { randomUUID } from 'node:crypto';
import { PortError } from '../../ports/error.ts';
import type { Lease } from '../../ports/lease.ts';
import { type Log, silentLog } from '../../ports/log.ts';
import { portError, RemoteFailure } from '../remote/failure.ts';
import type { ObjectPlace } from '../remote/place.ts';
import { Retries, type RetryOptions } from '../remote/retry.ts';
import { type GcsConnection, GcsHttp } from './http.ts';
import { Holding, type HoldingPorts, type Taken, type Timer } from './lease-holding.ts';
import { type LeaseNote, readLease, writeLease } from './lease-object.ts';
import { standing } from './lease-standing.ts';
import { parseGcsUrl } from './url.ts';

export interface GcsLeaseOptions extends GcsConnection {
  /** `gs://BUCKET/NAME`: the object that is the lease. */
  readonly url: string;
  /** Who takes it, for people who look into the bucket. */
  readonly owner: string;
  /** How long it outlives a process that was killed, in milliseconds up to 28 hours; two minutes unless said. */
  readonly ttlMs?: number;
  readonly retry?: RetryOptions;
  readonly log?: Log;
  /** The time in milliseconds since the epoch; asked only where the service does not tell it. */
  readonly now?: () => number;
  readonly elapsed?: () => number;
  readonly timer?: Timer;
  /** A name no other holding has. */
  readonly newHolding?: () => string;
}

const TTL_MS = 120_000;
/** Somebody else was quicker as many times: then somebody else holds it. */
const ROUNDS = 3;

/**
 * A lease that is an object in Cloud Storage: who creates it has it, who deletes it gives it back. Written under a
 * precondition on its generation, so of many exactly one gets it. It is renewed while it is held, and free when
 * its time has passed by the service's clock; a lease that cannot be read has the time of who asks.
 * `acquire` throws PortError `not-found` (no such bucket), `denied`, `unavailable`; `release` never throws.
 */
export function gcsLease(options: GcsLeaseOptions): Lease {
  const { owner, ttlMs = TTL_MS, newHolding = randomUUID, now = Date.now } = options;
  const place = leasePlace(options.url);
  if (!(Number.isInteger(ttlMs) && ttlMs >= 1000 && ttlMs < 1e8))
    throw new PortError(
      'invalid',
      `Cannot use a lease of ${ttlMs} ms: it must be whole and from 1000 to 99999999`,
    );
  const ports: HoldingPorts = {
    http: new GcsHttp(options),
    retries: new Retries(options.retry),
    timer: options.timer ?? unrefTimer,
    elapsed: options.elapsed ?? (() => performance.now()),
    log: options.log ?? silentLog,
  };
  return {
    acquire: async () => {
      const note = { owner, holding: newHolding(), ttlMs };
      try {
        const taken = await take(place, { note, now, ports });
        return taken === null ? null : new Holding(taken, { place, note, ports });
      } catch (error) {
        throw told(error, { url: options.url, bucket: place.bucket });
      }
    },
  };
}

/** Where a lease lies. Throws PortError `invalid` for what names no object. */
export function leasePlace(url: string): ObjectPlace {
  const place = parseGcsUrl(url, 'Cannot use the lease');
  if (place.name !== '') return place;
  throw new PortError('invalid', `Cannot use the lease ${JSON.stringify(url)}: write gs://BUCKET/NAME`);
}

/** Tells no process to stay alive: a holder that has nothing else to do is done. */
const unrefTimer: Timer = (work, ms) => {
  const timer = setTimeout(work, ms).unref();
  return () => clearTimeout(timer);
};

interface TakeOptions {
  readonly note: LeaseNote;
  readonly now: () => number;
  readonly ports: HoldingPorts;
}

/** Creates the lease, or writes over one that has expired; null when somebody holds it. Throws RemoteFailure. */
async function take(place: ObjectPlace, { note, now, ports }: TakeOptions): Promise<Taken | null> {
  const { http, retries, elapsed } = ports;
  let generation = '0';
  for (let round = 0; round < ROUNDS; round++) {
    const at = elapsed();
    const expected = generation;
    try {
      const written = await retries.run(() => writeLease(http, place, { note, generation: expected }));
      return { generation: written, at };
    } catch (error) {
      if (!(error instanceof RemoteFailure && error.kind === 'changed')) throw error;
    }
    const seen = await retries.run(() => readLease(http, place));
    if (seen === null) {
      generation = '0';
      continue;
    }
    const asking = { ttlMs: note.ttlMs, holding: note.holding, now: now() };
    const is = standing(seen, asking);
    // The write had worked and its answer was lost.
    if (is === 'mine') return { generation: seen.object.generation, at };
    if (is === 'held') return null;
    generation = seen.object.generation;
  }
  return null;
}

function told(error: unknown, { url, bucket }: { url: string; bucket: string }): unknown {
  return portError(error, {
    cannot: `Cannot take the lease ${JSON.stringify(url)}`,
    right: 'it takes the role Storage Object User on the bucket',
    missing: ['not-found', `there is no bucket "${bucket}"`],
    changed: ['unavailable', 'it changed each time it was looked at'],
  });
}
