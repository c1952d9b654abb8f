/** What a condition takes from earlier values: the ordinary value, and how far from it is still ordinary. */
export interface Band {
  readonly centre: number;
  /** In the unit of the values; 0 where all earlier values are equal. */
  readonly reach: number;
}

/** A spread below this share of the level is rounding, not spread (contracts §4). */
export const ZERO_SPREAD = 1e-9;

/** `reach` for a spread that is more than rounding, else 0. */
export function bandOf(centre: number, spread: number, times: number): Band {
  const flat = spread <= ZERO_SPREAD * Math.abs(centre);
  return { centre, reach: flat ? 0 : times * spread };
}
