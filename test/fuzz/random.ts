import { numbers } from '../bench/lcg.ts';

/** Choices that a seed decides. */
export interface Choices {
  /** A whole number from 0 up to and without `end`. */
  below(end: number): number;
  one<T>(of: readonly T[]): T;
  /** True once in `times`. */
  rarely(times: number): boolean;
}

export function choices(seed: number): Choices {
  const random = numbers(seed);
  // The first numbers of neighbouring seeds are alike.
  for (let turn = 0; turn < 4; turn++) random.next();
  const below = (end: number) => Math.floor(random.next() * end);
  return { below, one: (of) => of[below(of.length)]!, rarely: (times) => below(times) === 0 };
}
