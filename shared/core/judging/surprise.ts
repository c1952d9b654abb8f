import type { ConditionConfig } from '../schema/test-config.ts';
import { NORMAL_MAD } from '../statistics/mad.ts';
import { mean } from '../statistics/mean.ts';
import { median } from '../statistics/median.ts';
import { medianDistance } from '../statistics/quantile.ts';
import { sampleDeviation } from '../statistics/sample-deviation.ts';
import { studentTail } from '../statistics/student.ts';
import type { Level } from './auto/level.ts';
import { AUTO } from './auto/settings.ts';
import { distance } from './auto/track.ts';
import type { Good } from './direction.ts';
import { bothSides } from './history-bounds.ts';

/**
 * How often an ordinary run would lie this far on the bad side, if earlier values are normal around their
 * level: the tail of Student's t at (x − centre) / (s·√(1 + 1/n)). Null where the condition asks no such
 * question (a fixed value, a percentage), or where nothing varied.
 */
export function surpriseOf(
  condition: ConditionConfig,
  earlier: readonly number[],
  value: number,
): number | null {
  const log = condition.scale === 'log';
  if (log && (value <= 0 || earlier.some((one) => one <= 0))) return null;
  const values = log ? earlier.map(Math.log) : earlier;
  const around = levelOf(condition, values);
  if (around === null || !(around.spread > 0)) return null;
  const n = values.length;
  const away = (log ? Math.log(value) : value) - around.centre;
  const t = away / (around.spread * Math.sqrt(1 + 1 / n));
  if (bothSides(condition.comparison)) return 2 * studentTail(Math.abs(t), n - 1);
  return studentTail(condition.comparison?.startsWith('greater') ? -t : t, n - 1);
}

function levelOf({ success_threshold: threshold }: ConditionConfig, values: readonly number[]) {
  if (values.length < 2) return null;
  if (threshold.mads_from_median !== undefined) {
    const centre = median(values)!;
    return { centre, spread: NORMAL_MAD * medianDistance(Float64Array.from(values).sort(), centre) };
  }
  if (threshold.stddevs_from_mean === undefined && threshold.prediction_interval === undefined) return null;
  return { centre: mean(values)!, spread: sampleDeviation(values)! };
}

/** The same by the noise of the recommended rule: Student's t of three degrees of freedom, and outliers. */
export function surpriseAt(level: Level, value: number, good: Good): number {
  const z = distance(level, value);
  const away = good === null ? Math.abs(z) : good === 'higher' ? -z : z;
  const core = studentTail(away / AUTO.noise.width, 3);
  const outlier = Math.max(0, Math.min(1, 0.5 - away / 24));
  const tail = (1 - level.outliers) * core + level.outliers * outlier;
  return good === null ? Math.min(1, 2 * tail) : tail;
}
