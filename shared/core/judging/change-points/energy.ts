/**
 * Sums of distances between the values of a window, and from them the divergence of two neighbouring pieces.
 * The table takes the square of the window in time and memory, and every question after that is answered at
 * once.
 */
export class EnergyTable {
  readonly #within: Float64Array;
  readonly #side: number;

  constructor(values: readonly number[], start: number, end: number) {
    const n = end - start;
    this.#side = n + 1;
    this.#within = new Float64Array(this.#side * this.#side);
    for (let to = 1; to <= n; to++) {
      const newest = values[start + to - 1]!;
      let distances = 0;
      for (let from = to - 2; from >= 0; from--) {
        distances += Math.abs(newest - values[start + from]!);
        this.#within[from * this.#side + to] = this.#within[from * this.#side + to - 1]! + distances;
      }
    }
  }

  /** Sum of |x − y| over all pairs of the piece from `from` to before `to`, counted from the window's start. */
  within(from: number, to: number): number {
    return this.#within[from * this.#side + to]!;
  }

  /**
   * How far the pieces before and after `split` are apart: the sample divergence of Matteson and James 2014,
   * "A nonparametric approach for multiple change point analysis", eq. 5 and 7 with α = 1. Of a piece of one
   * value there is no pair; its term is 0.
   */
  divergence(from: number, split: number, to: number): number {
    const n = split - from;
    const m = to - split;
    const left = this.within(from, split);
    const right = this.within(split, to);
    const between = this.within(from, to) - left - right;
    const inLeft = n > 1 ? (2 * m * left) / ((n + m) * (n - 1)) : 0;
    const inRight = m > 1 ? (2 * n * right) / ((n + m) * (m - 1)) : 0;
    return (2 * between) / (n + m) - inLeft - inRight;
  }
}
