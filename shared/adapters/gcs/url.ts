import { type ObjectPlace, type PlaceKind, parseObjectUrl } from '../remote/place.ts';

/** Places as `gs://BUCKET/NAME`. */
export const GCS: PlaceKind = {
  scheme: 'gs',
  service: 'Cloud Storage',
  isBucket: (text) => /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(text) && !text.includes('..'),
};

/** Reads `gs://BUCKET/NAME` as `parseObjectUrl` does. */
export function parseGcsUrl(text: string, cannot: string): ObjectPlace {
  return parseObjectUrl(GCS, text, { cannot });
}

/** Path of an object's resource in the JSON API. */
export function objectPath({ bucket, name }: ObjectPlace): string {
  return `/storage/v1/b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(name)}`;
}
