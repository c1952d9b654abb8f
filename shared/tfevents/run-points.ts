import { compareText } from '../core/text-order.ts';
import type { Point } from './columns.ts';
import { type Span, spanOf } from './crc32c.ts';
import { type DuplicatePolicy, mergeDuplicates } from './duplicates.ts';
import type { EventReader } from './event.ts';
import { type RestartPolicy, type Restarts, restartsBy } from './restart.ts';
import { type TagSeries, Tags } from './tags.ts';

const MOST_TAGS = 1_000_000;
const NO_BYTES = spanOf(new Uint8Array(0));

/** Which points are kept, and what of them. */
export interface PointOptions {
  /** `preempt` unless said. */
  readonly restart?: RestartPolicy;
  /** `all` unless said. */
  readonly duplicates?: DuplicatePolicy;
  /** Which tags are wanted; all unless said. */
  readonly tag?: (tag: string) => boolean;
  /** How many tags a run may have, wanted or not, a million unless said: a limit on memory. */
  readonly maxTags?: number;
  /** Whether the time of every point is kept, and not only of the first and the last; true unless said. */
  readonly wallTimes?: boolean;
}

/** The points of one run while its files are read, event by event. */
export class RunPoints {
  /** Whoever binds tags to series remembers this; each START makes another one. */
  bound: object = {};
  /** Points of tags that came when the run had `maxTags` already. */
  beyondTags = 0;
  /** See Restarts. */
  readonly floor: number;
  private readonly restarts: Restarts;
  private readonly tags: Tags;
  private readonly duplicates: DuplicatePolicy;
  /** Reused, so that a point costs no object. */
  private readonly point = { step: 0, stepRest: 0, wallTime: 0, value: 0 };
  /** The series of the scalars of the event that was taken last. */
  readonly found: TagSeries[] = [];
  private readonly tag: Span = { ...NO_BYTES };

  constructor(options: PointOptions) {
    const { restart = 'preempt', duplicates = 'all', tag = () => true, maxTags = MOST_TAGS } = options;
    // Which points are first and last is then known only at the end, so that each must have its time.
    const isLate = restart === 'session' || duplicates !== 'all';
    const wallTimes = (options.wallTimes ?? true) || isLate;
    this.tags = new Tags({ wants: tag, wallTimes, most: maxTags });
    this.restarts = restartsBy(restart);
    this.floor = this.restarts.floor;
    this.duplicates = duplicates;
  }

  /** The series where points of a known shape of that tag go, until `bound` is another one. */
  bind(tag: string): TagSeries {
    const series = this.tags.named(tag);
    this.restarts.enter(series);
    return series;
  }

  add(series: TagSeries, point: Point): void {
    if (series.wanted) this.restarts.add(series, point);
    else if (series === this.tags.rest) this.beyondTags++;
  }

  /** The tags of the scalars of the event that was taken last; null when one of them has no series of its own. */
  lastTags(count: number): string[] | null {
    const found = this.found.slice(0, count);
    return found.includes(this.tags.rest) ? null : found.map(({ tag }) => tag);
  }

  /**
   * Takes the scalars of an event that was read from `payload`; none of them, and false, if a tag is not UTF-8,
   * since protobuf refuses the whole message then.
   */
  take(event: EventReader, payload: Span): boolean {
    if (!this.findSeries(event, payload)) return false;
    const { point, found } = this;
    if (event.isStart) {
      this.restarts.start(event);
      this.bound = {};
    }
    point.step = event.step;
    point.stepRest = event.stepRest;
    point.wallTime = event.wallTime;
    for (let at = 0; at < event.count; at++) {
      const series = found[at]!;
      point.value = event.values[at]!;
      this.add(series, point);
    }
    return true;
  }

  private findSeries(event: EventReader, payload: Span): boolean {
    const { tag, found } = this;
    tag.bytes = payload.bytes;
    for (let at = 0; at < event.count; at++) {
      tag.start = event.tagFrom[at]!;
      tag.end = event.tagTo[at]!;
      const series = this.tags.find(tag);
      if (series === null) return false;
      found[at] = series;
    }
    return true;
  }

  /** After the last file: the series by tag in byte order. */
  series(): TagSeries[] {
    const wanted = [...this.tags.all.values()].filter(isSeries);
    wanted.sort((a, b) => compareText(a.tag, b.tag));
    for (const one of wanted) {
      this.restarts.finish(one);
      mergeDuplicates(one.columns, this.duplicates);
    }
    return wanted;
  }
}

/** A tag that only came in records that are none has no points. */
function isSeries({ wanted, columns }: TagSeries): boolean {
  return wanted && columns.length + columns.removed > 0;
}
