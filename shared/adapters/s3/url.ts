import type { PlaceKind } from '../remote/place.ts';

/** Places as `s3://BUCKET/NAME`. Old buckets may have capitals, underscores and 255 characters. */
export const S3: PlaceKind = {
  scheme: 's3',
  service: 'S3',
  isBucket: (text) => /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/.test(text) && !text.includes('..'),
};

/** Such as `eu-central-1` or `us-gov-west-1`: it becomes part of the host that is asked. */
export function isRegion(text: string): boolean {
  return /^[a-z]{2}(?:-[a-z]+){1,3}-\d{1,2}$/.test(text);
}

/** One host, and the path that comes before names of objects. */
export interface Address {
  /** Such as `https://bucket.s3.eu-central-1.amazonaws.com`, without a slash at its end. */
  readonly origin: string;
  /** Empty or `/bucket`. */
  readonly base: string;
}

/**
 * Where a bucket is asked: a host of its own at Amazon; a path elsewhere, and where its name would be no label of a
 * host that the certificate covers. Source: "Virtual hosting of general purpose buckets" in Amazon's S3 User Guide.
 */
export function addressOf(
  bucket: string,
  { endpoint, region }: { readonly endpoint: string | undefined; readonly region: string },
): Address {
  const path = `/${escaped(bucket)}`;
  if (endpoint !== undefined) {
    const { origin, pathname } = new URL(endpoint);
    return { origin, base: `${pathname.replace(/\/+$/, '')}${path}` };
  }
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const host = `s3.${region}.${domain}`;
  const isLabel = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(bucket);
  return isLabel
    ? { origin: `https://${bucket}.${host}`, base: '' }
    : { origin: `https://${host}`, base: path };
}

/** As the signature wants it: all but letters, digits and `-._~` as bytes of UTF-8. */
export function escaped(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The name of an object as a path, its slashes kept. */
export function escapedPath(name: string): string {
  return name.split('/').map(escaped).join('/');
}
