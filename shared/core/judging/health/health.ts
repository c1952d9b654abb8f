import { guessGood } from '../direction.ts';
import type { HealthCurve, HealthFinding } from './curve.ts';
import { divergence, firstNonfinite, neverLearnt } from './curve-faults.ts';
import { slowerSteps, stalls } from './pace-faults.ts';

/** What a run that is still going is asked with. */
export interface HealthOptions {
  /** Seconds since the epoch: silence up to now counts as a gap. Null for a run that has ended. */
  readonly now: number | null;
}

/**
 * What went wrong inside a run, seen from its curves alone: the first value that is no number, divergence,
 * stalls and slower steps, and a curve that never learnt. Usable while the run is going: it looks at what is
 * there, and says nothing of curves of fewer than a dozen points. Pure.
 */
export function trainingHealth(curves: readonly HealthCurve[], options: HealthOptions): HealthFinding[] {
  const found = curves.flatMap((curve) => {
    const good = guessGood(curve.tag);
    const faults = [
      firstNonfinite(curve),
      ...(good === null ? [] : [divergence(curve, good), neverLearnt(curve, good)]),
    ];
    return faults.filter((fault) => fault !== null);
  });
  return [...found, ...paceOf(curves, options)];
}

/** The pace of a run is that of its densest curve; every tag would tell the same stall again. */
function paceOf(curves: readonly HealthCurve[], { now }: HealthOptions): HealthFinding[] {
  const densest = curves.reduce<HealthCurve | null>(
    (most, curve) => (most === null || curve.steps.length > most.steps.length ? curve : most),
    null,
  );
  if (densest === null) return [];
  const slower = slowerSteps(densest);
  return [...stalls(densest, now), ...(slower === null ? [] : [slower])];
}
