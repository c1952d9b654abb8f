/** Numbers that look like chance and are the same for the same seed: sfc32 (Doty-Humphrey 2010, PractRand). */
export function chance(seed: number): { readonly below: (n: number) => number } {
  let [a, b, c, counter] = [0, seed | 0, Math.floor(seed / 2 ** 32) | 0, 1];
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 15; round++) next();
  return {
    /** A whole number from 0 to n − 1, n ≤ 2³²; the bias is below n / 2³². */
    below: (n) => Math.floor((next() / 2 ** 32) * n),
  };
}
