import { ByteStore } from './bytes.ts';
import { crc32cOfLong } from './crc-fold.ts';
import { crc32cOfWords, mask, type Span } from './crc32c.ts';
import { FRAME, HEADER } from './frame.ts';

/** Candidates may cost so many times the bytes that are searched, before the search is given up. */
const MOST_WORK = 64;

/**
 * Looks for the next record behind damage: a place where a length has its CRC, and the payload
 * of that length has its own, which by chance happens once in 2^64. Only records up to `longest` bytes are looked
 * for, and only in the next `bound` bytes.
 */
export class Resync {
  private readonly window = new ByteStore();
  /** The place in the window that is looked at next, and how many bytes of the file lie before the window. */
  private at = 1;
  private passed = 0;
  private work = 0;
  private readonly origin: number;
  private readonly bound: number;
  private readonly longest: number;

  /** `origin`: where in the file the damage begins, with which the first bytes that are appended begin. */
  constructor(options: { readonly origin: number; readonly bound: number; readonly longest: number }) {
    this.origin = options.origin;
    this.bound = options.bound;
    this.longest = options.longest;
  }

  /** The place that is looked at, in the file. */
  get offset(): number {
    return this.origin + this.place;
  }

  append(chunk: Span): void {
    this.window.append(chunk);
  }

  /** `found`: a record begins at `offset`; `given-up`: none does within the bound. */
  search(): 'found' | 'more' | 'given-up' {
    const { span } = this.window;
    for (; this.at + HEADER <= span.end; this.at++) {
      if (this.place > this.bound || this.work > MOST_WORK * this.bound) return 'given-up';
      if (!this.isHeader()) continue;
      const length = span.view.getUint32(this.at, true);
      const end = this.at + FRAME + length;
      if (end > span.end) return this.wait();
      this.work += length;
      const payload = { ...span, start: this.at + HEADER, end: end - 4 };
      if (mask(crc32cOfLong(payload)) === span.view.getInt32(end - 4, true)) return 'found';
    }
    return this.wait();
  }

  private get place(): number {
    return this.passed + this.at;
  }

  /** At the end of the file: a record that is cut hides nothing behind it. False when nothing is left. */
  skip(): boolean {
    this.at++;
    return this.at + FRAME <= this.window.length;
  }

  /** A copy of everything from the place on. */
  rest(): Uint8Array {
    const { bytes, end } = this.window.span;
    return bytes.slice(this.at, end);
  }

  private isHeader(): boolean {
    const { view } = this.window.span;
    const low = view.getInt32(this.at, true);
    if (view.getInt32(this.at + 4, true) !== 0 || low < 0 || low > this.longest) return false;
    return mask(crc32cOfWords(low, 0)) === view.getInt32(this.at + 8, true);
  }

  private wait(): 'more' {
    const { window } = this;
    this.passed += this.at;
    const rest = this.rest();
    window.clear();
    window.append({ ...window.span, bytes: rest, start: 0, end: rest.length });
    this.at = 0;
    return 'more';
  }
}
