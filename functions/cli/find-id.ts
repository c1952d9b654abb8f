import { UsageError } from '../errors.ts';

/** Ids are shown, and may be typed, by their first characters. */
export const SHOWN_ID = 10;

export function shortId(id: string): string {
  return id.slice(0, SHOWN_ID);
}

/** The one thing whose id begins as it was typed; throws UsageError with the next step when there is none, or several. */
export function findById<T>(
  typed: string,
  all: readonly T[],
  { what, idOf, list }: { readonly what: string; readonly idOf: (one: T) => string; readonly list: string },
): T {
  const found = typed === '' ? [] : all.filter((one) => idOf(one).startsWith(typed));
  const [only, ...others] = found;
  if (only === undefined) throw new UsageError(`There is no ${what} "${typed}"; "${list}" shows them`);
  if (others.length === 0) return only;
  const ids = found.slice(0, 5).map((one) => idOf(one).slice(0, typed.length + 6));
  throw new UsageError(
    `"${typed}" is the beginning of ${found.length} ids (${ids.join(', ')}${found.length > 5 ? ', …' : ''}): type more of it`,
  );
}
