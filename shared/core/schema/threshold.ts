import * as z from 'zod';

const Positive = z.number().positive();

const Deviations = z.strictObject({
  deviations: z.number().min(0),
  population: z.boolean().optional().meta({ description: 'Divide by n, as the original did' }),
});

const Sureness = z
  .strictObject({
    confidence: z.number().gt(0.5).lt(1).optional(),
    false_alarms_a_year: Positive.optional(),
    runs_a_year: z.number().min(1).optional().meta({ description: 'Default 365' }),
  })
  .superRefine(({ confidence, false_alarms_a_year: alarms, runs_a_year: runs = 365 }, context) => {
    const complain = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: path === '' ? [] : [path], message });
    if ((confidence === undefined) === (alarms === undefined)) {
      complain('', 'needs exactly one of confidence, false_alarms_a_year');
    }
    if (alarms !== undefined && alarms >= runs / 2) {
      complain('false_alarms_a_year', `must be below half of runs_a_year, which is ${runs}`);
    }
    if (confidence !== undefined && runs !== 365) {
      complain('runs_a_year', 'goes only with false_alarms_a_year');
    }
  });

const FixedBounds = z
  .strictObject({ lower: z.number(), upper: z.number() })
  .refine(({ lower, upper }) => lower <= upper, { error: 'lower must not be above upper' });

/** Every threshold by its key; a condition has exactly one. */
const kinds = {
  fixed_value: z.number().optional(),
  within_bounds: FixedBounds.optional(),
  stddevs_from_mean: z.union([z.number().min(0), Deviations]).optional(),
  percent_from_mean: Positive.optional(),
  percent_from_median: Positive.optional(),
  mads_from_median: Positive.optional(),
  prediction_interval: Sureness.optional(),
  auto: z.strictObject({}).optional().meta({ description: 'The recommended rule' }),
};

/** The keys of a threshold. */
export const THRESHOLD_KINDS = Object.keys(kinds) as (keyof typeof kinds)[];

export const SuccessThreshold = z
  .strictObject(kinds)
  .refine((threshold) => THRESHOLD_KINDS.filter((kind) => threshold[kind] !== undefined).length === 1, {
    error: `needs exactly one of ${THRESHOLD_KINDS.join(', ')}`,
  })
  .meta({ minProperties: 1, maxProperties: 1 });

export const MinimumChange = z
  .strictObject({ absolute: Positive.optional(), percent: Positive.optional() })
  .refine(({ absolute, percent }) => absolute !== undefined || percent !== undefined, {
    error: 'needs absolute, percent or both',
  });

export type ThresholdConfig = z.infer<typeof SuccessThreshold>;
