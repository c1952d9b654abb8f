import { upperGamma } from './gamma.ts';

/** Probability that a standard normal value is above `z`: half of Q(1/2, z²/2) (DLMF 7.11.2). */
export function normalTail(z: number): number {
  const outer = upperGamma(0.5, (z * z) / 2) / 2;
  return z < 0 ? 1 - outer : outer;
}

/** The value that a standard normal one is above with probability `tail`, 0 < tail < 1; error below 1e-12. */
export function normalQuantileOfTail(tail: number): number {
  if (tail > 0.5) return -normalQuantileOfTail(1 - tail);
  if (tail === 0.5) return 0;
  let z = Math.sqrt(-2 * Math.log(2 * tail));
  for (let round = 0; round < 100; round++) {
    const above = normalTail(z);
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    // Newton's method on the logarithm of the tail, which is nearly a parabola.
    const step = (Math.log(above) - Math.log(tail)) * (above / density);
    z += step;
    if (Math.abs(step) < 1e-15 * Math.max(z, 1e-3)) break;
  }
  return z;
}
