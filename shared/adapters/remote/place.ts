import { PortError } from '../../ports/error.ts';

/** A bucket and, in it, the name of an object or a folder; a folder has no slash at its end, the bucket no name. */
export interface ObjectPlace {
  readonly bucket: string;
  readonly name: string;
}

/** How the places of one kind of store are written. */
export interface PlaceKind {
  /** Such as `gs`. */
  readonly scheme: string;
  /** Such as `Cloud Storage`. */
  readonly service: string;
  isBucket(text: string): boolean;
}

/** Whether a place may be read. */
export type Gate = (place: ObjectPlace) => boolean;

/** Longest name of an object in bytes of UTF-8, by the limits of Cloud Storage and of S3 alike. */
const LONGEST_NAME = 1024;

/**
 * Reads `SCHEME://BUCKET/NAME`; one slash at the end is nothing. `cannot` begins the message of what cannot be done.
 * Throws PortError `invalid` for another scheme, no possible bucket, a name with control characters, half a
 * surrogate pair, `.` or `..` between slashes, or more than 1,024 bytes.
 */
export function parseObjectUrl(
  { scheme, service, isBucket }: PlaceKind,
  text: string,
  { cannot }: { readonly cannot: string },
): ObjectPlace {
  const refuse = (why: string) => new PortError('invalid', `${cannot} ${JSON.stringify(text)}: ${why}`);
  const begin = `${scheme}://`;
  if (!text.startsWith(begin)) throw refuse(`it is no place in ${service}; write ${begin}BUCKET/FOLDER`);
  const [bucket = '', ...parts] = text.slice(begin.length).split('/');
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

/**
 * Lets through what is at or under one of the roots, written as places are; everything when none are given. Roots of
 * other schemes are passed over: they belong to other adapters.
 */
export function gateOf(kind: PlaceKind, roots: readonly string[] | undefined): Gate {
  if (roots === undefined) return () => true;
  const allowed = roots
    .filter((root) => root.startsWith(`${kind.scheme}:`))
    .map((root) => parseObjectUrl(kind, root, { cannot: 'Cannot use the model root' }));
  return ({ bucket, name }) =>
    allowed.some((root) => root.bucket === bucket && isInside(name, { folder: root.name }));
}

function isInside(name: string, { folder }: { readonly folder: string }): boolean {
  return folder === '' || name === folder || name.startsWith(`${folder}/`);
}

/** The place as people write it. */
export function objectUrl({ scheme }: PlaceKind, { bucket, name }: ObjectPlace): string {
  return name === '' ? `${scheme}://${bucket}` : `${scheme}://${bucket}/${name}`;
}
