import { Chunks } from './chunks.ts';

/** When a point was written. */
export interface Moment {
  readonly step: number;
  /** What `step` rounded away beyond 2^53. */
  readonly stepRest: number;
  readonly wallTime: number;
}

/** One value and its moment. */
export interface Point extends Moment {
  readonly value: number;
}

/** Points as they lie in three columns of one length. */
export interface PointColumns {
  readonly steps: Int32Array;
  readonly values: Float32Array;
  readonly wallTimes: Float64Array;
}

/**
 * The points of one series in typed arrays. Steps begin as int32 and values as float32, which is what nearly
 * every writer stores; the first number that does not fit widens its column to doubles. So a point takes 8
 * bytes, and 8 more where wall times are wanted.
 */
export class Columns {
  /** Points that a restart took out, and those that stood for a step that another point stands for. */
  removed = 0;
  merged = 0;

  length = 0;
  private readonly step = new Chunks(Int32Array);
  private readonly value = new Chunks(Float32Array);
  private readonly wall: Chunks<Float64Array> | null;
  /** `stepRest`, only once one is not zero. */
  private rest: Chunks<Float64Array> | null = null;
  private firstWall = Number.NaN;
  private lastWall = Number.NaN;

  constructor(options: { readonly wallTimes: boolean }) {
    this.wall = options.wallTimes ? new Chunks(Float64Array) : null;
  }

  push({ step, stepRest, value, wallTime }: Point): void {
    const { length } = this;
    this.fit(step, value, stepRest);
    this.step.put(length, step);
    this.value.put(length, value);
    this.wall?.put(length, wallTime);
    this.rest?.put(length, stepRest);
    this.lengthen(1, wallTime, wallTime);
  }

  /** Adds the first `count` points of the columns. */
  append({ steps, values, wallTimes }: PointColumns, count: number): void {
    const { length } = this;
    this.step.append(steps, length, count);
    this.value.append(values, length, count);
    this.wall?.append(wallTimes, length, count);
    this.rest?.append(new Float64Array(count), length, count);
    this.lengthen(count, wallTimes[0]!, wallTimes[count - 1]!);
  }

  /** The wall time of the first and the last point always, of others only where wall times are kept, else NaN. */
  pointAt(point: number): { step: number; wallTime: number; value: number } {
    return { step: this.step.get(point), wallTime: this.wallTimeAt(point), value: this.value.get(point) };
  }

  /** Whether the step of the point is that of the moment or a later one. */
  isFrom(point: number, moment: Pick<Moment, 'step' | 'stepRest'>): boolean {
    const step = this.step.get(point);
    if (step !== moment.step) return step > moment.step;
    return (this.rest?.get(point) ?? 0) >= moment.stepRest;
  }

  /** Negative when the step of the first point is below that of the second, 0 when it is the same one. */
  compareSteps(a: number, b: number): number {
    const difference = this.step.get(a) - this.step.get(b);
    return difference || (this.rest?.get(a) ?? 0) - (this.rest?.get(b) ?? 0);
  }

  setValue(point: number, value: number): void {
    this.fit(0, value, 0);
    this.value.set(point, value);
  }

  /** As `filter`, for points that stand for the step of others. */
  merge(keep: (point: number) => boolean): void {
    const { removed } = this;
    this.filter(keep);
    this.merged += this.removed - removed;
    this.removed = removed;
  }

  /** Takes out every point from `length` on. */
  cut(length: number): void {
    this.removed += this.length - length;
    this.length = length;
  }

  /** Takes out every point but the last. */
  keepLast(): void {
    const last = this.length - 1;
    this.firstWall = this.wallTimeAt(last);
    this.move(last, 0);
    this.cut(1);
  }

  /** Takes out every point that `keep` refuses, in order. Wall times have to be kept for it. */
  filter(keep: (point: number) => boolean): void {
    const { length } = this;
    let kept = 0;
    for (let point = 0; point < length; point++) {
      if (!keep(point)) continue;
      if (kept < point) this.move(point, kept);
      kept++;
    }
    this.cut(kept);
  }

  copy(): { steps: Float64Array; wallTimes: Float64Array; values: Float64Array } {
    const { length, wall } = this;
    const wallTimes = wall === null ? new Float64Array(length).fill(Number.NaN) : wall.copy(length);
    return { steps: this.step.copy(length), wallTimes, values: this.value.copy(length) };
  }

  copyValues(): Float64Array {
    return this.value.copy(this.length);
  }

  /** Puts the values into an array that has room for them. */
  copyValuesTo(out: Float64Array): void {
    this.value.copyTo(out, this.length);
  }

  /** The values as they lie in memory, chunk by chunk. */
  valueParts(): (Float32Array | Float64Array)[] {
    return this.value.parts(this.length);
  }

  private wallTimeAt(point: number): number {
    if (this.wall !== null) return this.wall.get(point);
    if (point === 0) return this.firstWall;
    return point === this.length - 1 ? this.lastWall : Number.NaN;
  }

  private lengthen(count: number, first: number, last: number): void {
    if (this.length === 0) this.firstWall = first;
    this.lastWall = last;
    this.length += count;
  }

  private fit(step: number, value: number, stepRest: number): void {
    const fits = step === (step | 0) && stepRest === 0;
    if (fits && (value === Math.fround(value) || Number.isNaN(value))) return;
    if (!fits) this.step.widen();
    if (value !== Math.fround(value)) this.value.widen();
    if (stepRest !== 0 && this.rest === null) this.addRests();
  }

  private addRests(): void {
    this.rest = new Chunks(Float64Array);
    for (let at = 0; at < this.length; at++) this.rest.put(at, 0);
  }

  private move(from: number, to: number): void {
    for (const column of [this.step, this.value, this.wall, this.rest]) column?.set(to, column.get(from));
  }
}
