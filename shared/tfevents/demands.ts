/** What must be found at some places of a record. */
export interface Demand {
  readonly from: number;
  readonly to: number;
}

/** So many doubles, and so many words, fit the lists of one reader. */
const MOST = 1 << 16;

/**
 * Lists of bytes that a record must have, of all shapes together: as doubles where eight lie side by side,
 * since these are compared at once, and as masked words where fewer do.
 */
export class Demands {
  readonly doubleAt = new Int32Array(MOST);
  readonly double = new Float64Array(MOST);
  readonly wordAt = new Int32Array(MOST);
  readonly word = new Int32Array(MOST);
  readonly mask = new Int32Array(MOST);
  private doubles = 0;
  private words = 0;

  /**
   * Lists the bits of `view` that are set in `wanted`, byte by byte of the record that begins at `at`; null
   * when the lists are full.
   */
  add(view: DataView, at: number, wanted: Uint8Array): { doubles: Demand; words: Demand } | null {
    if (this.doubles + wanted.length > MOST || this.words + wanted.length > MOST) return null;
    const left = wanted.slice();
    const before = { doubles: this.doubles, words: this.words };
    for (let place = 0; place + 8 <= left.length; place++) {
      if (left[place] === 0 || !isWhole(wanted, place)) continue;
      const double = view.getFloat64(at + place, true);
      // Neither tells all its bits from others when compared.
      if (double === 0 || Number.isNaN(double)) continue;
      this.doubleAt[this.doubles] = place;
      this.double[this.doubles++] = double;
      left.fill(0, place, place + 8);
    }
    for (let place = 0; place < left.length; place++)
      if (left[place] !== 0) this.addWord(view, at, { place, left });
    return {
      doubles: { from: before.doubles, to: this.doubles },
      words: { from: before.words, to: this.words },
    };
  }

  private addWord(view: DataView, at: number, { place, left }: { place: number; left: Uint8Array }): void {
    let mask = 0;
    for (let byte = 0; byte < 4; byte++) mask |= (left[place + byte] ?? 0) << (8 * byte);
    left.fill(0, place, place + 4);
    this.wordAt[this.words] = place;
    this.mask[this.words] = mask;
    this.word[this.words++] = view.getInt32(at + place, true) & mask;
  }
}

function isWhole(wanted: Uint8Array, place: number): boolean {
  for (let byte = 0; byte < 8; byte++) if (wanted[place + byte] !== 0xff) return false;
  return true;
}
