/**
 * Matches whole texts: `*` any characters, `/` and none included, `?` exactly one character, all else itself.
 *
 * A mismatch goes back to the last `*` only, since an earlier one could not do better. So the time is at most
 * text length × pattern length for any pattern, never exponential.
 */
export function globMatcher(pattern: string): (text: string) => boolean {
  // By character, so that `?` takes a whole emoji and not half of it.
  const wanted = [...pattern].filter((one, at, all) => one !== '*' || all[at - 1] !== '*');
  if (wanted.length === 1 && wanted[0] === '*') return () => true;
  if (!wanted.includes('*') && !wanted.includes('?')) return (text) => text === pattern;
  return (text) => matches(wanted, [...text]);
}

/**
 * Whether a folder can hold what a glob matches: only below the part of the glob before its first `*` or `?`.
 * `folder` has no slash at its end.
 */
export function mayHold(folder: string, pattern: string): boolean {
  const plain = literalStart(pattern);
  const inside = `${folder}/`;
  return plain.startsWith(inside) || (plain.length < pattern.length && inside.startsWith(plain));
}

/** The part of a glob before its first `*` or `?`: every text that matches begins with it. */
export function literalStart(pattern: string): string {
  return /^[^*?]*/.exec(pattern)?.[0] ?? '';
}

function matches(wanted: readonly string[], text: readonly string[]): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    if (wanted[next] === '*') {
      star = next++;
      starAt = at;
    } else if (wanted[next] === '?' || wanted[next] === text[at]) {
      next++;
      at++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++starAt;
    } else return false;
  }
  return next === wanted.length || (next === wanted.length - 1 && wanted[next] === '*');
}
