import type { Band } from './band.ts';

/** What a difference must come to before it counts, next to being unusual: the larger of the two. */
export interface MinimumChange {
  /** In the unit of the metric. */
  readonly absolute?: number | undefined;
  /** Of the size of the ordinary value. */
  readonly percent?: number | undefined;
}

/** The band, at least as wide as a change has to be to matter. */
export function widened({ centre, reach }: Band, minimum: MinimumChange | undefined): Band {
  const { absolute = 0, percent = 0 } = minimum ?? {};
  return { centre, reach: Math.max(reach, absolute, (percent / 100) * Math.abs(centre)) };
}

/**
 * The band where earlier values show no spread at all: as wide as the resolution of the metric, if somebody
 * stated one.
 */
export function resolved(band: Band, resolution: number | undefined): Band {
  return band.reach > 0 || resolution === undefined ? band : { ...band, reach: resolution };
}
