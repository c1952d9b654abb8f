import { PortError } from '../../ports/error.ts';

/** A bucket and, in it, the name of an object or a folder; a folder has no slash at its end, the bucket no name. */
export interface GcsPlace {
  readonly bucket: string;
  readonly name: string;
}

/** Whether a place may be read. */
export type Gate = (place: GcsPlace) => boolean;

/** Longest name of an object in bytes of UTF-8, by the service's own limits. */
const LONGEST_NAME = 1024;

/**
 * Reads `gs://BUCKET/NAME`; one slash at the end is nothing. `cannot` begins the message of what cannot be done.
 * Throws PortError `invalid` for another scheme, no possible bucket, a name with control characters, half a
 * surrogate pair, `.` or `..` between slashes, or more than 1,024 bytes.
 */
export function parseGcsUrl(text: string, cannot: string): GcsPlace {
  const refuse = (why: string) => new PortError('invalid', `${cannot} ${JSON.stringify(text)}: ${why}`);
  if (!text.startsWith('gs://')) throw refuse('it is no place in Cloud Storage; write gs://BUCKET/FOLDER');
  const [bucket = '', ...parts] = text.slice('gs://'.length).split('/');
  if (!isBucket(bucket)) throw refuse(`${JSON.stringify(bucket)} cannot be the name of a bucket`);
  if (parts.at(-1) === '') parts.pop();
  const name = parts.join('/');
  const problem = nameProblem(name);
  if (problem !== null) throw refuse(problem);
  return { bucket, name };
}

/** Why an object of this name is not asked for; null when it may be. */
export function nameProblem(name: string): string | null {
  if (name.split('/').some((part) => part === '.' || part === '..'))
    return 'a part of its name is "." or ".."';
  if (/[\x00-\x1f\x7f]/.test(name)) return 'its name has a control character';
  if (!name.isWellFormed()) return 'its name is no proper Unicode';
  return Buffer.byteLength(name) > LONGEST_NAME ? `its name is longer than ${LONGEST_NAME} bytes` : null;
}

function isBucket(text: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(text) && !text.includes('..');
}

/**
 * Lets through what is at or under one of the roots, `gs://BUCKET` or `gs://BUCKET/FOLDER`; everything when none are
 * given. Roots of other schemes are passed over: they belong to other adapters.
 */
export function gateOf(roots: readonly string[] | undefined): Gate {
  if (roots === undefined) return () => true;
  const allowed = roots
    .filter((root) => root.startsWith('gs:'))
    .map((root) => parseGcsUrl(root, 'Cannot use the model root'));
  return ({ bucket, name }) =>
    allowed.some((root) => root.bucket === bucket && isInside(name, { folder: root.name }));
}

function isInside(name: string, { folder }: { readonly folder: string }): boolean {
  return folder === '' || name === folder || name.startsWith(`${folder}/`);
}

/** The place as people write it. */
export function gcsUrl({ bucket, name }: GcsPlace): string {
  return name === '' ? `gs://${bucket}` : `gs://${bucket}/${name}`;
}

/** Path of an object's resource in the JSON API. */
export function objectPath({ bucket, name }: GcsPlace): string {
  return `/storage/v1/b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(name)}`;
}
