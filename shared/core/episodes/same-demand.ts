import type { Episode } from './episode.ts';
import type { Sight } from './sight.ts';

/** Whether a run is held against what the episode is about. */
export function isSameDemand(
  { configDigest }: Pick<Episode, 'configDigest'>,
  sight: Pick<Sight, 'configDigest' | 'formerDigest'>,
): boolean {
  if (configDigest === sight.configDigest) return true;
  return sight.formerDigest !== undefined && configDigest === sight.formerDigest;
}
