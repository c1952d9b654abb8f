import type { Notes } from './notes.ts';

/** A name that people can read; a file of long ones would else be many times as large as rows. */
const LONGEST = 1000;

/** A name made of parts, or null, with a note, where it is empty or too long to be one. */
export function joinedName(
  parts: readonly (string | undefined)[],
  { by, told }: { readonly by: string; readonly told: Notes },
): string | null {
  const named = parts.filter((part) => part !== undefined && part !== '');
  const length = named.reduce((sum, part) => sum + (part?.length ?? 0) + by.length, -by.length);
  if (length > LONGEST) {
    const shown = JSON.stringify(named.at(-1)?.slice(0, 40));
    told.add(
      'names that are too long',
      `a name with ${shown} is longer than ${LONGEST} characters; it is left out`,
    );
  }
  return named.length === 0 || length > LONGEST ? null : named.join(by).toWellFormed();
}
