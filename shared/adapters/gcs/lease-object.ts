import { RemoteFailure } from '../remote/failure.ts';
import type { ObjectPlace } from '../remote/place.ts';
import type { GcsHttp } from './http.ts';
import { objectPath } from './url.ts';

/** The lease as it stands in the bucket. */
export interface LeaseObject {
  readonly generation: string;
  /** When it was written, by the service's clock, in milliseconds since the epoch; NaN when it did not say. */
  readonly updatedAt: number;
  /** What its holder wrote; null when that is not ours to read. */
  readonly note: LeaseNote | null;
}

export interface LeaseNote {
  /** In words, for people. */
  readonly owner: string;
  /** Of this holding, so that two of one owner can be told apart. */
  readonly holding: string;
  readonly ttlMs: number;
}

/** A lease object, and the time at the service when it answered (NaN: it did not say). */
export interface Seen {
  readonly object: LeaseObject;
  readonly date: number;
}

const FIELDS = 'generation,updated,metadata';
/** By then all work is done, and a lease that stays is free soon. */
const DELETE_MS = 5000;
/** Only a boundary: it must not occur in the parts, which are JSON and have no bare line feeds. */
const BOUNDARY = 'tidemark-lease';

/**
 * Writes the lease if the object still has this generation, `0` for none. Throws RemoteFailure `changed` if not. The
 * note goes into the object's metadata, so that one request reads all there is to know, at one moment.
 */
export async function writeLease(
  http: GcsHttp,
  place: ObjectPlace,
  { note, generation, waitMs }: { note: LeaseNote; generation: string; waitMs?: number },
): Promise<string> {
  const query = new URLSearchParams({
    uploadType: 'multipart',
    ifGenerationMatch: generation,
    fields: FIELDS,
  });
  const { owner, holding, ttlMs } = note;
  const resource = { name: place.name, metadata: { owner, holding, ttl_ms: String(ttlMs) } };
  const part = (json: unknown) =>
    `--${BOUNDARY}\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(json)}\r\n`;
  const answer = await http.json(
    {
      method: 'POST',
      path: `/upload/storage/v1/b/${encodeURIComponent(place.bucket)}/o?${query}`,
      headers: { 'content-type': `multipart/related; boundary=${BOUNDARY}` },
      body: `${part(resource)}${part({ owner, ttl_ms: ttlMs })}--${BOUNDARY}--\r\n`,
    },
    http.waits(waitMs === undefined ? {} : { waitMs }),
  );
  return leaseOf(answer.body).generation;
}

/** The lease as it stands; null when there is none. Throws RemoteFailure. */
export async function readLease(http: GcsHttp, place: ObjectPlace): Promise<Seen | null> {
  try {
    const { body, date } = await http.json({ path: `${objectPath(place)}?fields=${FIELDS}` });
    return { object: leaseOf(body), date };
  } catch (error) {
    if (error instanceof RemoteFailure && error.kind === 'missing') return null;
    throw error;
  }
}

/** Deletes the lease if the object still has this generation. Throws RemoteFailure `changed` or `missing` if not. */
export async function deleteLease(http: GcsHttp, place: ObjectPlace, generation: string): Promise<void> {
  const path = `${objectPath(place)}?ifGenerationMatch=${generation}`;
  await http.done({ method: 'DELETE', path }, http.waits({ waitMs: DELETE_MS }));
}

function leaseOf(body: unknown): LeaseObject {
  const { generation, updated, metadata } = (body ?? {}) as Record<string, unknown>;
  if (typeof generation !== 'string' || !/^\d+$/.test(generation))
    throw new RemoteFailure('transient', 'the answer is not what Cloud Storage gives');
  return { generation, updatedAt: Date.parse(String(updated)), note: noteOf(metadata) };
}

function noteOf(metadata: unknown): LeaseNote | null {
  if (typeof metadata !== 'object' || metadata === null) return null;
  const { owner, holding, ttl_ms } = metadata as Record<string, unknown>;
  // Up to 28 hours: more is no time a tick takes, and would lock everybody out.
  const ttlMs = typeof ttl_ms === 'string' && /^\d{1,8}$/.test(ttl_ms) ? Number(ttl_ms) : 0;
  if (typeof owner !== 'string' || typeof holding !== 'string' || ttlMs === 0) return null;
  return { owner, holding, ttlMs };
}
