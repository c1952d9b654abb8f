import { median } from '../../statistics/median.ts';
import { changePoints } from '../change-points/segments.ts';
import type { HealthCurve, HealthFinding } from './curve.ts';
import { finding } from './curve-faults.ts';

/** Fewest gaps of which a usual one is known. */
const LEAST_GAPS = 12;
/** A gap is a stall when it is so many times the usual one and longer than any nine in ten others, … */
const STALL_TIMES = 10;
/** … and so many seconds at least: what is shorter nobody waits for. */
const STALL_SECONDS = 30;
/** Steps are slower when they take this many times as long from somewhere on. */
const SLOWER_TIMES = 1.5;
/** At most so many stalls are told. */
const MOST_STALLS = 5;

interface Gap {
  /** Place of the point before it. */
  readonly at: number;
  readonly seconds: number;
  readonly steps: number;
}

/** Gaps between points that are far longer than usual; of a run still going also the silence up to now. */
export function stalls(curve: HealthCurve, now: number | null): HealthFinding[] {
  const gaps = gapsOf(curve);
  if (gaps.length < LEAST_GAPS) return [];
  const usual = median(gaps.map(({ seconds }) => seconds))!;
  const limit = Math.max(STALL_SECONDS, STALL_TIMES * usual);
  const last = curve.steps.length - 1;
  const silence = now === null ? 0 : now - curve.wallTimes[last]!;
  const long = gaps.filter(({ seconds }) => seconds > limit).slice(0, MOST_STALLS);
  // Where a tenth of all gaps is long that is how the run writes, and no stall.
  const told = long.length > gaps.length / 10 ? [] : long;
  return [
    ...told.map(({ at, seconds }) => stall(curve, at, { seconds, usual, ended: true })),
    ...(silence > limit ? [stall(curve, last, { seconds: silence, usual, ended: false })] : []),
  ];
}

/** The step from which on steps take much longer; null if there is none, or if it passed again. */
export function slowerSteps(curve: HealthCurve): HealthFinding | null {
  const paces = gapsOf(curve)
    .filter(({ seconds, steps }) => seconds > 0 && steps > 0)
    .map(({ at, seconds, steps }) => ({ at, pace: Math.log(seconds / steps) }));
  const newest = changePoints(paces.map(({ pace }) => pace)).at(-1);
  if (newest === undefined || newest.after - newest.before < Math.log(SLOWER_TIMES)) return null;
  const times = Math.exp(newest.after - newest.before);
  const at = paces[newest.index]!.at;
  return finding(curve, at, {
    kind: 'slower',
    text: `steps take ${times.toFixed(1)} times as long from step ${curve.steps[at]} on`,
  });
}

function gapsOf({ steps, wallTimes }: HealthCurve): Gap[] {
  const gaps: Gap[] = [];
  for (let at = 0; at + 1 < steps.length; at++) {
    const seconds = wallTimes[at + 1]! - wallTimes[at]!;
    if (seconds >= 0) gaps.push({ at, seconds, steps: steps[at + 1]! - steps[at]! });
  }
  return gaps;
}

interface Silence {
  readonly seconds: number;
  readonly usual: number;
  readonly ended: boolean;
}

function stall(curve: HealthCurve, at: number, { seconds, usual, ended }: Silence): HealthFinding {
  const step = curve.steps[at]!;
  const usually = `usually ${usual.toFixed(1)} s pass between points`;
  const text = ended
    ? `nothing was written for ${Math.round(seconds)} s after step ${step}; ${usually}`
    : `nothing has been written for ${Math.round(seconds)} s since step ${step}; ${usually}`;
  return finding(curve, at, { kind: 'stall', text });
}
