/** The newest values of a series, in order of size; adding one costs a binary search and a move of memory. */
export class SortedWindow {
  readonly #values: Float64Array;
  #size = 0;

  constructor(capacity: number) {
    this.#values = new Float64Array(capacity);
  }

  /** In order of size; valid until the next change. */
  get sorted(): Float64Array {
    return this.#values.subarray(0, this.#size);
  }

  get size(): number {
    return this.#size;
  }

  clear(): void {
    this.#size = 0;
  }

  add(value: number): void {
    const at = this.#rank(value);
    this.#values.copyWithin(at + 1, at, this.#size);
    this.#values[at] = value;
    this.#size += 1;
  }

  /** Takes out a value that was added. */
  remove(value: number): void {
    const at = this.#rank(value);
    this.#values.copyWithin(at, at + 1, this.#size);
    this.#size -= 1;
  }

  /** How many values are smaller. */
  #rank(value: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#values[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
