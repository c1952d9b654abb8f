import { spreadBeside } from './constant.ts';
import { FARTHEST } from './evidence.ts';
import { type Level, learnLevel, type Prior } from './level.ts';
import type { AutoSettings } from './settings.ts';
import { SortedWindow } from './sorted-window.ts';

/** For so many values an accepted level still leans on the one before it. */
const LENT_UNTIL = 60;

/** The finite values of a series in the order of its runs, and the level before each of them. */
export class Track {
  readonly values: Float64Array;
  /** Room for the distances of one window, used again for the next. */
  readonly scratch: Float64Array;
  count = 0;
  /** The first value of the level that counts now. */
  origin = 0;
  /** No window begins before this value. */
  barrier = 0;
  readonly #levels: (Level | null)[] = [];
  readonly #window: SortedWindow;
  readonly #settings: AutoSettings;
  #from = 0;
  #end = 0;
  #prior: Prior | null = null;
  /** Numbers of values after which incidents were taken out. */
  readonly #taken: number[] = [];

  constructor(capacity: number, settings: AutoSettings) {
    this.values = new Float64Array(capacity);
    this.scratch = new Float64Array(settings.longestWindow + 1);
    this.#window = new SortedWindow(settings.mostRuns + 1);
    this.#settings = settings;
  }

  push(value: number): void {
    this.values[this.count] = value;
    this.count += 1;
  }

  /** What the values before this one say; null for too few. */
  levelBefore(index: number): Level | null {
    const known = this.#levels[index];
    if (known !== undefined) return known;
    const level = this.#learn(index);
    this.#levels[index] = level;
    return level;
  }

  /** Takes values out, from `start` up to `end`, as if they had never been. */
  forget(start: number, end: number): void {
    this.values.copyWithin(start, end, this.count);
    this.count -= end - start;
    this.#taken.push(start);
    this.#levels.length = Math.min(this.#levels.length, start);
    this.#window.clear();
    this.#from = 0;
    this.#end = 0;
  }

  /** How many incidents were taken out of the newest `runs` values. */
  incidentsWithin(runs: number): number {
    let count = 0;
    for (let i = this.#taken.length - 1; i >= 0 && this.#taken[i]! > this.count - runs; i--) count += 1;
    return count;
  }

  /** A new level begins at `index`; it leans on `prior` while it is young. */
  beginLevel(index: number, prior: Prior | null): void {
    this.origin = index;
    this.barrier = index;
    this.#taken.length = 0;
    this.#prior = prior;
    this.#levels.length = Math.min(this.#levels.length, index);
  }

  #learn(end: number): Level | null {
    const { leastRuns, mostRuns, level } = this.#settings;
    const from = Math.max(this.origin, end - mostRuns);
    if (end - from < leastRuns) return null;
    this.#slide(from, end);
    const sample = { ordered: this.values.subarray(from, end), sorted: this.#window.sorted };
    return learnLevel(sample, end - this.origin < LENT_UNTIL ? this.#prior : null, level);
  }

  /** Brings the sorted window to the values from `from` to `end`; nearly always by one step. */
  #slide(from: number, end: number): void {
    if (from < this.#from || end < this.#end || from >= this.#end) {
      this.#window.clear();
      this.#from = from;
      this.#end = from;
    }
    while (this.#from < from) this.#window.remove(this.values[this.#from++]!);
    while (this.#end < end) this.#window.add(this.values[this.#end++]!);
  }
}

/** How far a value lies from a level, in its spreads, at most twelve. */
export function distance(level: Level, value: number): number {
  const { centre, spread } = level;
  const unit = spread > 0 ? spread : spreadBeside(centre, value);
  const z = unit > 0 ? (value - centre) / unit : Math.sign(value - centre) * FARTHEST;
  if (z > FARTHEST) return FARTHEST;
  return z < -FARTHEST ? -FARTHEST : z;
}
