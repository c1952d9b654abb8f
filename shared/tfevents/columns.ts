/** When a point was written. */
export interface Moment {
  readonly step: number;
  /** What `step` rounded away beyond 2^53. */
  readonly stepRest: number;
  readonly wallTime: number;
}

export interface Point extends Moment {
  readonly value: number;
}

/** Numbers of one point: step, wall time, value. Side by side, a point is one place in memory. */
const WIDTH = 3;

/** The points of one series, in typed arrays that grow: no object per point. */
export class Columns {
  length = 0;
  /** Points taken out again. */
  removed = 0;
  private data = new Float64Array(4 * WIDTH);
  /** `stepRest` by point, only once one is not zero. */
  private rests: Float64Array<ArrayBuffer> | null = null;

  push(point: Point): void {
    const at = this.length * WIDTH;
    if (at === this.data.length) this.grow();
    const { data } = this;
    data[at] = point.step;
    data[at + 1] = point.wallTime;
    data[at + 2] = point.value;
    if (point.stepRest !== 0) this.rests ??= new Float64Array(data.length / WIDTH);
    if (this.rests !== null) this.rests[this.length] = point.stepRest;
    this.length++;
  }

  /** Whether the step of the point is that of the moment or a later one. */
  isFrom(point: number, moment: Pick<Moment, 'step' | 'stepRest'>): boolean {
    const step = this.data[point * WIDTH]!;
    if (step !== moment.step) return step > moment.step;
    return (this.rests?.[point] ?? 0) >= moment.stepRest;
  }

  /** Takes out every point that `keep` refuses, in order. */
  filter(keep: (point: number) => boolean): void {
    let kept = 0;
    for (let point = 0; point < this.length; point++) {
      if (!keep(point)) continue;
      if (kept < point) this.move(point, kept);
      kept++;
    }
    this.removed += this.length - kept;
    this.length = kept;
  }

  /** The column `which`: 0 steps, 1 wall times, 2 values. */
  column(which: 0 | 1 | 2): Float64Array {
    const out = new Float64Array(this.length);
    for (let point = 0, at: number = which; point < out.length; point++, at += WIDTH)
      out[point] = this.data[at]!;
    return out;
  }

  private move(from: number, to: number): void {
    this.data.copyWithin(to * WIDTH, from * WIDTH, (from + 1) * WIDTH);
    this.rests?.copyWithin(to, from, from + 1);
  }

  private grow(): void {
    this.data = doubled(this.data);
    if (this.rests !== null) this.rests = doubled(this.rests);
  }
}

function doubled(from: Float64Array): Float64Array<ArrayBuffer> {
  const out = new Float64Array(2 * from.length);
  out.set(from);
  return out;
}
