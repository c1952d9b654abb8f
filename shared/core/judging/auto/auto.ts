import { median } from '../../statistics/median.ts';
import { bandAround, bandOfReturn, type ValueBand, violated } from './band.ts';
import { isStepOf } from './constant.ts';
import { evidenceOfReturn } from './evidence.ts';
import type { Level } from './level.ts';
import { type BadSide, type Change, searchChange } from './search.ts';
import { AUTO, type AutoSettings } from './settings.ts';
import { distance, Track } from './track.ts';

/** How sure of a change a run made the rule, and of what kind. */
export interface AutoAlert {
  readonly direction: 'worse' | 'better';
  /** One run of a constant metric, a shift, a creeping loss, a value that is no number. */
  readonly kind: 'point' | 'shift' | 'drift' | 'nonfinite';
  /** Index of the first changed run among all that were given. */
  readonly since: number;
  /** Log of how much likelier the change is than none, in nats; infinite for `point` and `nonfinite`. */
  readonly evidence: number;
}

/** What the rule says of one run, from that run and those before it. */
export interface AutoResult extends ValueBand {
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  /** `below`, `above`, `nonfinite`, `history`, `missing`; null for a pass. */
  readonly reason: string | null;
  /** What was expected; null while too few runs are known. */
  readonly level: Level | null;
  /** The change that counts as real from this run on. */
  readonly alert: AutoAlert | null;
  /**
   * `changed` from the alert until the old level is back (`recovered`) or a better one is taken (`accepted`). A worse
   * one is never taken: only a person accepts it.
   */
  readonly state: 'learning' | 'normal' | 'changed' | 'recovered' | 'accepted';
  /** Of a change that is not over: index of its first run among all that were given. */
  readonly since: number | null;
  /**
   * True in one run of a change for the worse: the newest `looksNormalAfter` runs lie as close together as ordinary
   * ones, so that somebody may want to accept where they are.
   */
  readonly looksNormal?: true;
}

/** One run as the rule sees it: null for a run without the value, which is passed over. */
export type AutoPoint = number | null;

export interface AutoOptions {
  readonly good: 'higher' | 'lower' | null;
  readonly settings?: AutoSettings;
}

/** Says of every run what the recommended rule made of it on its day. Pure; docs/choosing-a-rule.md explains it. */
export function judgeSeries(points: readonly AutoPoint[], options: AutoOptions): AutoResult[] {
  const rule = new AutoRule(points.length, options);
  return points.map((point, index) => rule.next(point, index));
}

/** From a change that has been told until it is over. */
interface Incident extends Change {
  /** Number of finite values when it was raised. */
  readonly raisedAt: number;
  /** Whether it was told that it looks like a new normal. */
  readonly offered: boolean;
  /** How far off the old level the changed values were, seen from each run that could have been the last of them. */
  readonly shifts: number[];
}

/** A change in a window of so many runs has been creeping in. */
const CREEPING = 10;
const RETURN_FEWEST = 3;
const RETURN_MOST = 20;

class AutoRule {
  readonly #track: Track;
  readonly #settings: AutoSettings;
  readonly #bad: BadSide;
  /** Index among all runs of each finite value. */
  readonly #indices: number[] = [];
  #incident: Incident | null = null;
  #taken: { readonly at: number; readonly side: number } | null = null;

  constructor(capacity: number, { good, settings = AUTO }: AutoOptions) {
    this.#track = new Track(capacity, settings);
    this.#settings = settings;
    this.#bad = good === null ? 0 : good === 'higher' ? -1 : 1;
  }

  next(point: AutoPoint, index: number): AutoResult {
    if (point === null) return this.#without('inconclusive', 'missing', null);
    if (!Number.isFinite(point)) {
      const evidence = Number.POSITIVE_INFINITY;
      const alert = { direction: 'worse', kind: 'nonfinite', since: index, evidence } as const;
      return this.#without('fail', 'nonfinite', alert);
    }
    this.#indices.push(index);
    this.#track.push(point);
    return this.#incident === null ? this.#ordinary(point) : this.#during(point, this.#incident);
  }

  #without(verdict: AutoResult['verdict'], reason: string, alert: AutoAlert | null): AutoResult {
    const state = this.#incident === null ? 'normal' : 'changed';
    return { verdict, reason, level: null, lower: null, upper: null, alert, state, since: this.#since() };
  }

  #ordinary(value: number): AutoResult {
    const { count, values } = this.#track;
    const level = this.#track.levelBefore(count - 1);
    if (level === null) return { ...this.#without('inconclusive', 'history', null), state: 'learning' };
    const { band: narrow, againBand, mostRuns } = this.#settings;
    const width = narrow + againBand * this.#track.incidentsWithin(mostRuns);
    const band = bandAround(level, values[count - 2]!, { bad: this.#bad, width });
    const change = this.#stepOf(level, value) ?? searchChange(this.#track, this.#bad, this.#settings);
    const judged = judgedBy(value, level, band);
    if (change === null) return { ...judged, alert: null, state: 'normal', since: null };
    this.#incident = { ...change, raisedAt: count, offered: false, shifts: [] };
    const alert = this.#goesOn(change) ? null : this.#alertOf(change);
    return { ...judged, alert, state: 'changed', since: this.#since() };
  }

  #since(): number | null {
    return this.#incident === null ? null : this.#indices[this.#incident.start]!;
  }

  /** A metric that was always the same and now is not. */
  #stepOf(level: Level, value: number): Change | null {
    const start = this.#track.count - 1;
    if (level.spread > 0 || start < this.#track.barrier || !isStepOf(level.centre, value)) return null;
    const side = value > level.centre ? 1 : -1;
    return { start, side, level, evidence: Number.POSITIVE_INFINITY, size: Number.POSITIVE_INFINITY };
  }

  /** Whether a change is more of the creeping loss that was told not long ago. */
  #goesOn({ side, size }: Change): boolean {
    const [runs, spreads] = this.#settings.sameDrift;
    const taken = this.#taken;
    return taken !== null && taken.side === side && this.#track.count - taken.at < runs && size < spreads;
  }

  #alertOf({ start, side, evidence }: Change): AutoAlert {
    const length = this.#track.count - start;
    const kind = evidence === Number.POSITIVE_INFINITY ? 'point' : length < CREEPING ? 'shift' : 'drift';
    const direction = this.#isWorse(side) ? 'worse' : 'better';
    return { direction, kind, since: this.#indices[start]!, evidence };
  }

  #during(value: number, incident: Incident): AutoResult {
    const { changedBand: width, acceptAfter, priorSpread } = this.#settings;
    const band = bandOfReturn(incident.level, { bad: this.#bad, width });
    const judged = { ...judgedBy(value, incident.level, band), alert: null };
    const back = this.#runsBack(incident);
    if (back > 0) return { ...judged, ...this.#recover(incident, back) };
    if (this.#isWorse(incident.side) || this.#track.count - incident.start < acceptAfter) {
      return { ...judged, state: 'changed', since: this.#since(), ...this.#offer(incident) };
    }
    const { spread, correlation } = incident.level;
    const prior = spread === 0 ? null : { spread, correlation, weight: priorSpread };
    this.#track.beginLevel(incident.start, prior);
    this.#incident = null;
    this.#taken = { at: this.#track.count, side: incident.side };
    return { ...judged, state: 'accepted', since: null };
  }

  /**
   * The old level is back. A short incident of little size is something this series does, and is learnt from; what was
   * seen in any other is taken out. No window reaches before the return, or the same incident would be told again.
   */
  #recover({ start, level }: Incident, back: number): Pick<AutoResult, 'state' | 'since'> {
    const end = this.#track.count - back;
    const { learntIncident, learntSize } = this.#settings;
    const size = Math.abs(distance(level, median(this.#track.values.subarray(start, end)) ?? level.centre));
    const isTakenOut = end - start > learntIncident || size > learntSize;
    if (isTakenOut) {
      this.#track.forget(start, end);
      this.#indices.splice(start, end - start);
    }
    this.#track.barrier = isTakenOut ? start : end;
    this.#incident = null;
    return { state: 'recovered', since: null };
  }

  #isWorse(side: 1 | -1): boolean {
    return this.#bad === 0 || side === this.#bad;
  }

  /** Says once of an incident that its newest runs lie as close together as ordinary ones. */
  #offer(incident: Incident): Pick<AutoResult, 'looksNormal'> {
    const { looksNormalAfter: runs, band } = this.#settings;
    const { values, count } = this.#track;
    if (incident.offered || count - incident.start < runs) return {};
    const newest = values.subarray(count - runs, count);
    const reach = band * incident.level.spread;
    const middle = median(newest)!;
    if (!newest.every((value) => Math.abs(value - middle) <= reach)) return {};
    this.#incident = { ...incident, offered: true };
    return { looksNormal: true };
  }

  /** How many newest runs the old level explains better than the changed one; 0 for none. */
  #runsBack({ level, start, raisedAt, shifts }: Incident): number {
    const { values, count } = this.#track;
    const most = Math.min(RETURN_MOST, count - raisedAt);
    if (most < RETURN_FEWEST) return 0;
    const newest = values.subarray(count - most, count).map((value) => distance(level, value));
    // One more each run; those of the windows behind it are known.
    shifts.push(distance(level, median(values.subarray(start, count - RETURN_FEWEST))!));
    for (let runs = RETURN_FEWEST; runs <= most; runs++) {
      const shift = shifts.at(RETURN_FEWEST - 1 - runs)!;
      if (evidenceOfReturn(newest.subarray(most - runs), shift) >= this.#settings.recovered) return runs;
    }
    return 0;
  }
}

function judgedBy(value: number, level: Level, band: ValueBand) {
  const reason = violated(value, level, band);
  return { verdict: reason === null ? ('pass' as const) : ('fail' as const), reason, level, ...band };
}
