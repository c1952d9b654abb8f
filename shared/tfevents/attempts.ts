/**
 * Which attempt was running at a time, from 1, given when each began; the first one for any earlier time. Null for a
 * time that is none, which says nothing.
 */
export function attemptAt(starts: readonly number[], time: number): number | null {
  if (!Number.isFinite(time)) return null;
  return Math.max(1, starts.filter((start) => start <= time).length);
}
