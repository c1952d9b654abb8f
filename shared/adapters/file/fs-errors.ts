import { PortError, type PortErrorCode } from '../../ports/error.ts';

const KNOWN: Readonly<Record<string, readonly [PortErrorCode, string]>> = {
  ENOENT: ['not-found', 'there is no such file or folder'],
  ENOTDIR: ['not-found', 'there is no such file or folder'],
  EACCES: ['denied', 'permission denied'],
  EPERM: ['denied', 'permission denied'],
  ELOOP: ['invalid', 'its links lead in a circle'],
  ENAMETOOLONG: ['invalid', 'its name is too long'],
  ENXIO: ['invalid', 'it is not a regular file'],
};

/** The code that the system gave to a failed call, such as `ENOENT`; undefined if the error is another. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** A failed call in words that name the place; the unknown is taken for something that may pass. */
export function portError(error: unknown, place: string): PortError {
  if (error instanceof PortError) return error;
  const [code, reason] = KNOWN[codeOf(error) ?? ''] ?? ['unavailable', String(error)];
  return new PortError(code, `Cannot read "${place}": ${reason}`, { cause: error });
}

/** The same, as a reason for passing something over. */
export function reasonOf(error: unknown): string {
  return KNOWN[codeOf(error) ?? '']?.[1] ?? String(error);
}
