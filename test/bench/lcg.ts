/**
 * Numbers that look random and are the same at every run of the benchmark: the linear congruential generator
 * of Numerical Recipes (3rd edition, §7.1.4, "ranqd1"), 32 bits.
 */
export interface Numbers {
  /** Uniform in [0, 1). */
  next(): number;
  /** Around 0 with standard deviation 1: the sum of twelve uniform numbers, less 6. */
  normal(): number;
}

export function numbers(seed: number): Numbers {
  let state = seed >>> 0;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return {
    next,
    normal: () => Array.from({ length: 12 }, next).reduce((sum, part) => sum + part, -6),
  };
}
