import { Columns } from './columns.ts';
import type { Span } from './crc32c.ts';
import { NEVER, type RestartedSeries } from './restart.ts';
import { decodeUtf8, isUtf8 } from './utf8.ts';

/** A tag of a run and its points; a tag that nobody asked for has none. */
export interface TagSeries extends RestartedSeries {
  readonly tag: string;
  readonly wanted: boolean;
}

interface Known {
  readonly bytes: Uint8Array;
  readonly series: TagSeries;
}

const SLOTS = 256;

/**
 * The series of one run by tag. A small table by the tag's length and last bytes spares nearly every point the
 * decoding of its tag; what it misses is found in a Map, so colliding tags cost time but never a wrong answer.
 */
export class Tags {
  readonly all = new Map<string, TagSeries>();
  /** Takes the place of every tag that comes when there are `most` already. */
  readonly rest: TagSeries;
  /** Made for the first tag: of many small runs most are known by their shape alone. */
  private recent: (Known | undefined)[] | null = null;
  private readonly options: TagOptions;

  constructor(options: TagOptions) {
    this.options = options;
    this.rest = { ...seriesOf('', { wanted: false, wallTimes: false }), above: NEVER };
  }

  /** The series whose tag lies in the span; null if it is not UTF-8. */
  find(tag: Span): TagSeries | null {
    const { bytes, start, end } = tag;
    const length = end - start;
    const tail =
      length === 0 ? 0 : bytes[end - 1]! + 31 * bytes[start + (length >> 1)]! + 131 * bytes[start]!;
    const slot = (length + 7 * tail) % SLOTS;
    this.recent ??= new Array<Known | undefined>(SLOTS);
    const known = this.recent[slot];
    if (known !== undefined && equals(known.bytes, tag)) return known.series;
    if (!isUtf8(bytes, start, end)) return null;
    const copy = bytes.slice(start, end);
    const series = this.named(decodeUtf8(copy));
    if (series !== this.rest) this.recent[slot] = { bytes: copy, series };
    return series;
  }

  /** The series of that tag. */
  named(tag: string): TagSeries {
    const found = this.all.get(tag);
    if (found !== undefined) return found;
    const { wants, wallTimes, most } = this.options;
    if (this.all.size >= most) return this.rest;
    const series = seriesOf(tag, { wanted: wants(tag), wallTimes });
    this.all.set(tag, series);
    return series;
  }
}

/** Which tags have points, whether these keep their wall times, and how many tags there may be. */
export interface TagOptions {
  readonly wants: (tag: string) => boolean;
  readonly wallTimes: boolean;
  readonly most: number;
}

function seriesOf(tag: string, { wanted, wallTimes }: { wanted: boolean; wallTimes: boolean }): TagSeries {
  // Points that nobody wants may come and go as they like.
  const above = wanted ? NEVER : -1;
  return { tag, wanted, columns: new Columns({ wallTimes }), above, stepless: true, epochs: [] };
}

function equals(known: Uint8Array, { bytes, start, end }: Span): boolean {
  if (known.length !== end - start) return false;
  for (let at = 0; at < known.length; at++) if (known[at] !== bytes[start + at]) return false;
  return true;
}
