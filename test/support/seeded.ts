/** `n` values around `level` with standard deviation 1, the same for the same seed; `change` is added to them. */
import { random } from '../bench/judge/random.ts';

export function noisy(n: number, { seed = 1, level = 100, change = () => 0 }: NoisyOptions = {}): number[] {
  const chance = random(seed);
  return Array.from({ length: n }, (_, index) => level + chance.normal() + change(index));
}

interface NoisyOptions {
  readonly seed?: number;
  readonly level?: number;
  readonly change?: (index: number) => number;
}
