/**
 * Numbers that look random and are the same for the same seed: mulberry32 (T. Ettinger, public domain), 32 bits of
 * state, period 2^32; the polar method for normal ones (Marsaglia and Bray 1964).
 */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  /** Mean 0, standard deviation 1. */
  normal(): number;
  /** Student's t with a whole number of degrees of freedom, as it comes (variance df / (df − 2)). */
  student(df: number): number;
  /** Poisson with a small mean (Knuth's product of uniforms). */
  poisson(mean: number): number;
  /** One of `items`, each as likely. */
  pick<T>(items: readonly T[]): T;
}

/** A stream of its own for every seed; neighbouring seeds are scattered first. */
export function random(seed: number): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = normalsFrom(uniform);
  const whole = (low: number, high: number) => low + Math.floor(uniform() * (high - low + 1));
  return {
    uniform,
    whole,
    normal,
    student: (df) => {
      let squares = 0;
      for (let i = 0; i < df; i++) squares += normal() ** 2;
      return normal() / Math.sqrt(squares / df);
    },
    poisson: (mean) => {
      const enough = Math.exp(-mean);
      let count = -1;
      for (let product = 1; product > enough; count++) product *= uniform();
      return count;
    },
    pick: (items) => items[whole(0, items.length - 1)]!,
  };
}

function normalsFrom(uniform: () => number): () => number {
  let kept: number | null = null;
  return () => {
    if (kept !== null) {
      const value = kept;
      kept = null;
      return value;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      kept = y * factor;
      return x * factor;
    }
  };
}
