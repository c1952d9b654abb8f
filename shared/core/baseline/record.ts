import { sha256Hex } from '../digest.ts';
import type { ConditionConfig } from '../schema/test-config.ts';
import type { EarlierNeed, EarlierSeries } from './question.ts';

/**
 * From which runs a metric was judged: what `metric_history.baseline` holds as JSON. Keys that say nothing are left
 * out.
 */
export interface BaselineRecord {
  /** How many values were looked at. */
  readonly n: number;
  /** The oldest and the newest of those runs, by run id; null without any. */
  readonly first: string | null;
  readonly last: string | null;
  /** First 16 hex digits of the SHA-256 of the values, oldest first, as 64-bit floats, little-endian. */
  readonly digest: string;
  /** Runs that were passed over, because they lie in a change that lasts. */
  readonly frozen?: number;
  /** The run at which somebody accepted the level. */
  readonly accepted?: string;
  /** How many runs somebody excluded. */
  readonly excluded?: number;
  /** The labels by which the series was split, with the values of this run. */
  readonly like?: Readonly<Record<string, string | null>>;
  /** The window where it is none of runs: `90d`, `3 of framework_version`. */
  readonly window?: string;
}

/** `used`: positions in the series of the values that count, newest first. */
export function recordOf(
  condition: ConditionConfig,
  { need, series, used }: { need: EarlierNeed; series: EarlierSeries; used: readonly number[] },
): BaselineRecord {
  const [newest, oldest] = [used[0], used.at(-1)];
  const frozen = newest === undefined ? 0 : passedOver(used, series.values.length, condition);
  const window = windowText(condition);
  return {
    n: used.length,
    first: oldest === undefined ? null : series.runIds[oldest]!,
    last: newest === undefined ? null : series.runIds[newest]!,
    digest: digestOfValues(used.map((at) => series.values[at]!)),
    ...(frozen === 0 ? {} : { frozen }),
    ...(need.from === undefined ? {} : { accepted: need.from.runId }),
    ...(need.without === undefined ? {} : { excluded: need.without.length }),
    ...(need.like === undefined ? {} : { like: Object.fromEntries(need.like) }),
    ...(window === null ? {} : { window }),
  };
}

/** How many runs between the oldest that counts and the run itself do not count. */
function passedOver(used: readonly number[], known: number, { success_threshold }: ConditionConfig): number {
  if (success_threshold.auto !== undefined) return 0;
  return Math.min(used.at(-1)! + 1, known) - used.length;
}

function windowText(condition: ConditionConfig): string | null {
  const { history_window: window, history_since: since, history_versions: versions } = condition;
  const parts = [
    ...(typeof window === 'string' ? [window] : []),
    ...(since === undefined ? [] : [`since ${since}`]),
    ...(versions === undefined ? [] : [`${versions.last} of ${versions.of}`]),
  ];
  return parts.length === 0 ? null : parts.join(', ');
}

/** `newestFirst`: finite values. */
export function digestOfValues(newestFirst: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(8 * newestFirst.length));
  newestFirst.forEach((value, at) => {
    view.setFloat64(8 * (newestFirst.length - 1 - at), value, true);
  });
  return sha256Hex(new Uint8Array(view.buffer)).slice(0, 16);
}
