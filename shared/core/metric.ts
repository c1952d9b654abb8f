export type ValueKind = 'finite' | 'nan' | 'posinf' | 'neginf' | 'missing';

/** One number of a run, or the news that it is not there. */
export interface Metric {
  readonly name: string;
  /** The name without its run prefix, where it has one: a second name under which conditions may ask for it. */
  readonly bareName: string | null;
  readonly kind: ValueKind;
  /** Set exactly when `kind` is `finite`. */
  readonly value: number | null;
  /** Why it is missing; null when it is not. */
  readonly reason: string | null;
}

export function metricOf(name: string, value: number): Metric {
  const kind = kindOf(value);
  return { name, bareName: null, kind, value: kind === 'finite' ? value : null, reason: null };
}

export function missingMetric(name: string, reason: string): Metric {
  return { name, bareName: null, kind: 'missing', value: null, reason };
}

export function kindOf(value: number): ValueKind {
  if (Number.isFinite(value)) return 'finite';
  if (Number.isNaN(value)) return 'nan';
  return value > 0 ? 'posinf' : 'neginf';
}

/** The number that a kind without a finite value stands for; null for a missing one. */
export function numberOf(kind: ValueKind, value: number | null): number | null {
  if (kind === 'nan') return Number.NaN;
  if (kind === 'posinf') return Number.POSITIVE_INFINITY;
  return kind === 'neginf' ? Number.NEGATIVE_INFINITY : value;
}
