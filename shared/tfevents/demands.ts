/** Ranges of the lists: what one record has to have. */
export interface Demand {
  readonly doubleFrom: number;
  readonly doubleTo: number;
  readonly wordFrom: number;
  readonly wordTo: number;
}

const FIRST = 256;
/** The lists of one reader do not grow beyond this. */
const MOST = 1 << 16;

/**
 * Lists of bytes that records must have, those of all shapes together: as doubles where eight lie side by side,
 * since these are compared at once, and as masked words where fewer do.
 */
export class Demands {
  doubleAt = new Int32Array(FIRST);
  double = new Float64Array(FIRST);
  wordAt = new Int32Array(FIRST);
  word = new Int32Array(FIRST);
  mask = new Int32Array(FIRST);
  private doubles = 0;
  private words = 0;

  /**
   * Lists the bits of the record at `at` that are set in `wanted`, which has a byte for each of its bytes; null when
   * the lists are full.
   */
  add(view: DataView, at: number, wanted: Uint8Array): Demand | null {
    if (Math.max(this.doubles, this.words) + wanted.length > MOST) return null;
    this.reserve(wanted.length);
    const left = wanted.slice();
    const [doubleFrom, wordFrom] = [this.doubles, this.words];
    for (let place = 0; place + 8 <= left.length; place++) {
      // Where a stretch ends the last double begins before the end of the one before it.
      const isNew = left[place] !== 0 || (left[place + 7] !== 0 && wanted[place + 8] !== 0xff);
      if (isNew && isWhole(wanted, place)) this.addDouble(view.getFloat64(at + place, true), { place, left });
    }
    for (let place = 0; place < left.length; place++)
      if (left[place] !== 0) this.addWord(view, at, { place, left });
    return { doubleFrom, doubleTo: this.doubles, wordFrom, wordTo: this.words };
  }

  private addDouble(double: number, { place, left }: { place: number; left: Uint8Array }): void {
    // Neither of these tells all its bits from others when it is compared.
    if (double === 0 || Number.isNaN(double)) return;
    this.doubleAt[this.doubles] = place;
    this.double[this.doubles++] = double;
    left.fill(0, place, place + 8);
  }

  private addWord(view: DataView, at: number, { place, left }: { place: number; left: Uint8Array }): void {
    let mask = 0;
    for (let byte = 0; byte < 4; byte++) mask |= (left[place + byte] ?? 0) << (8 * byte);
    left.fill(0, place, place + 4);
    this.wordAt[this.words] = place;
    this.mask[this.words] = mask;
    this.word[this.words++] = view.getInt32(at + place, true) & mask;
  }

  private reserve(more: number): void {
    while (this.double.length < Math.max(this.doubles, this.words) + more) {
      this.doubleAt = twice(this.doubleAt);
      this.wordAt = twice(this.wordAt);
      this.word = twice(this.word);
      this.mask = twice(this.mask);
      const double = new Float64Array(2 * this.double.length);
      double.set(this.double);
      this.double = double;
    }
  }
}

function twice(list: Int32Array): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(2 * list.length);
  longer.set(list);
  return longer;
}

function isWhole(wanted: Uint8Array, place: number): boolean {
  for (let byte = 0; byte < 8; byte++) if (wanted[place + byte] !== 0xff) return false;
  return true;
}
