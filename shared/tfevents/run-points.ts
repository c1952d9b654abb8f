import { compareText } from '../core/text-order.ts';
import type { Point } from './columns.ts';
import type { Span } from './crc32c.ts';
import type { EventReader } from './event.ts';
import { type RestartPolicy, type Restarts, restartsBy } from './restart.ts';
import type { Shape } from './shape.ts';
import { type TagSeries, Tags } from './tags.ts';

let numbers = 0;

function nextNumber(): number {
  return numbers++;
}

export interface PointOptions {
  readonly restart?: RestartPolicy;
  readonly tag?: (tag: string) => boolean;
  /** Whether the time of every point is kept, and not only of the first and the last; true unless said. */
  readonly wallTimes?: boolean;
}

/** The points of one run while its files are read, event by event. */
export class RunPoints {
  /** Which run this is among all that were begun, and how often it was begun again: see `bind`. */
  number = nextNumber();
  readonly restarts: Restarts;
  private readonly tags: Tags;
  /** Reused, so that a point costs no object. */
  private readonly point = { step: 0, stepRest: 0, wallTime: 0, value: 0 };
  /** The series of the scalars of the current event. */
  private readonly found: TagSeries[] = [];
  private readonly tag: Span = {
    bytes: new Uint8Array(0),
    view: new DataView(new ArrayBuffer(0)),
    start: 0,
    end: 0,
  };

  constructor(options: PointOptions) {
    const { restart = 'preempt', tag = () => true } = options;
    // Which point is the first one is known only after all STARTs, so each must have its time.
    const wallTimes = (options.wallTimes ?? true) || restart === 'session';
    this.tags = new Tags(tag, { wallTimes });
    this.restarts = restartsBy(restart);
  }

  /** Shows a shape where the points of its tag go. */
  bind(shape: Shape): void {
    shape.series = this.tags.named(shape.tag);
    shape.run = this.number;
    this.restarts.enter(shape.series);
  }

  add(series: TagSeries, point: Point): void {
    if (series.wanted) this.restarts.add(series, point);
  }

  /** The tag of the only scalar of the event taken last. */
  get tagTaken(): string {
    return this.found[0]!.tag;
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
      this.number = nextNumber();
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
    for (const one of wanted) this.restarts.finish(one);
    return wanted;
  }
}

/** A tag that only came in records that are none has no points. */
function isSeries({ wanted, columns }: TagSeries): boolean {
  return wanted && columns.length + columns.removed > 0;
}
