import { UsageError } from '../errors.ts';

/** Reads `k=v` pairs as `--label` gives them; a later one of the same key wins. Throws with a sentence. */
export function readLabels(pairs: readonly string[]): Record<string, string> {
  const entries = pairs.map((pair): [string, string] => {
    const at = pair.indexOf('=');
    if (at < 1) throw new UsageError(`Cannot read label "${pair}": write it as key=value`);
    return [pair.slice(0, at).trim(), pair.slice(at + 1)];
  });
  return Object.fromEntries(entries);
}
