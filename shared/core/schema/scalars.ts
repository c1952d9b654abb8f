import * as z from 'zod';
import { isAddress } from '../address.ts';
import { OUTCOMES } from '../outcome.ts';
import { fromUnixSeconds, parseTime } from '../time.ts';

/** Names and ids: any text, but not empty and not so long that a key of it becomes a burden. */
export const Name = z.string().min(1).max(65_536);

export const Time = z
  .string()
  .refine((text) => parseTime(text) !== null, { error: 'is not an ISO 8601 time' })
  .meta({ description: 'ISO 8601 time; UTC where no zone is given', format: 'date-time' });

/** A Unix time in seconds, or a text; one in milliseconds lies beyond the year 9999 and is told. */
export const UnixOrTime = z.union([
  z
    .number()
    .refine((seconds) => fromUnixSeconds(seconds) !== null, { error: 'is not a Unix time in seconds' }),
  Time,
]);

export const Address = z
  .string()
  .max(254)
  .refine((text) => isAddress(text), { error: 'is not a mail address' })
  .meta({ format: 'email' });

/** Jsonnet templates of the predecessor write booleans as the text "True" and "False" too. */
export const Flag = z.union([z.boolean(), z.enum(['True', 'False', 'true', 'false'])]);

export function flagValue(flag: z.infer<typeof Flag> | undefined, otherwise: boolean): boolean {
  return flag === undefined ? otherwise : String(flag).toLowerCase() === 'true';
}

export const OutcomeWord = z.enum(OUTCOMES);

export const Labels = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** A number; NaN and the infinities are strings by name, since JSON has no others. */
export const JsonNumber = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]);
