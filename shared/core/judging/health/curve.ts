/** One tag of a run, as far as it is written. Columns have the same length, in file order. */
export interface HealthCurve {
  readonly tag: string;
  readonly steps: ArrayLike<number>;
  /** Seconds since the epoch. */
  readonly wallTimes: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/** Something wrong inside one run. */
export interface HealthFinding {
  readonly kind: 'nonfinite' | 'divergence' | 'stall' | 'slower' | 'plateau';
  readonly tag: string;
  /** Step and wall time at which it begins. */
  readonly step: number;
  readonly wallTime: number;
  /** A sentence for people. */
  readonly text: string;
}
