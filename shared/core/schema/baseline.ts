import * as z from 'zod';
import type { LabelName } from '../baseline/label.ts';
import { parseDuration } from '../time.ts';
import { Time } from './scalars.ts';
import type { ThresholdConfig } from './threshold.ts';

/** What a series can be split by. The pattern is what makes a text such a name. */
export const LabelKey = z
  .string()
  .regex(/^(accelerator|framework_version|test_type|label\.[\s\S]+)$/, {
    error: 'must be accelerator, framework_version, test_type or label.NAME',
  })
  .meta({ description: 'accelerator, framework_version, test_type or label.NAME' }) as unknown as z.ZodType<
  LabelName,
  string
>;

export const SplitBy = z
  .array(LabelKey)
  .max(8)
  .refine((names) => new Set(names).size === names.length, { error: 'names a label twice' })
  .meta({ description: 'Only earlier runs with the same values count; [] for all' });

/** A moment so far back is none: such a run could never be judged. */
const LONGEST_SPAN_MS = 100 * 365 * 86_400_000;

/** A span such as `90d`: a bare number would be runs, so a unit is needed. */
const Span = z
  .string()
  .refine((text) => /^\d.*[a-z]$/.test(text) && (parseDuration(text) ?? 0) > 0, {
    error: 'is neither a number of runs nor a span of time such as 90d',
  })
  .refine((text) => (parseDuration(text) ?? 0) <= LONGEST_SPAN_MS, {
    error: 'is longer than 36500d, a hundred years',
  });

/** The keys of a condition that say which earlier runs feed it. */
export const BASELINE_KEYS = {
  history_window: z
    .union([z.int().min(2).max(10_000), Span])
    .optional()
    .meta({
      description: 'The newest so many runs, default 30, or those of a span before the run: 90d',
    }),
  history_since: Time.optional().meta({ description: 'Only runs that ended at this time or later' }),
  history_versions: z
    .strictObject({ of: LabelKey, last: z.int().min(1).max(100) })
    .optional()
    .meta({ description: 'Only runs of the newest versions, that of the run included' }),
  split_by: SplitBy.optional(),
  freeze: z.boolean().optional().meta({
    description: 'Leave out the runs of a change that lasts; default true but for stddevs_from_mean',
  }),
};

/** Settings of a baseline that each are allowed and mean nothing together. */
export function baselineContradictions(condition: {
  readonly success_threshold: ThresholdConfig;
  readonly history_window?: number | string | undefined;
  readonly history_since?: string | undefined;
  readonly history_versions?: { readonly of: LabelName } | undefined;
  readonly split_by?: readonly LabelName[] | undefined;
  readonly freeze?: boolean | undefined;
}): { path: string; message: string }[] {
  const { success_threshold: threshold, history_window: window, history_versions: versions } = condition;
  const found: { path: string; message: string }[] = [];
  const fixed = threshold.fixed_value !== undefined || threshold.within_bounds !== undefined;
  const complain = (path: string, message: string) => found.push({ path, message });
  for (const key of ['history_since', 'history_versions', 'split_by', 'freeze'] as const) {
    if (fixed && condition[key] !== undefined) complain(key, 'goes only with bounds from history');
  }
  if (threshold.auto !== undefined && typeof window === 'number') {
    complain('history_window', 'does not go with auto, which finds its own; a span of time does');
  }
  if (threshold.auto !== undefined && condition.freeze !== undefined) {
    complain('freeze', 'does not go with auto, which takes no worse level for normal anyway');
  }
  if (versions !== undefined && condition.split_by?.includes(versions.of)) {
    complain('history_versions', `means nothing when the series is split by ${versions.of}`);
  }
  return found;
}
