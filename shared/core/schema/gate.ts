import * as z from 'zod';
import { Name } from './scalars.ts';

const Digest = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'is not a SHA-256: wanted 64 lower-case hexadecimal digits');

/** Who may ask the gate what, and what it is told by others. */
export const Gate = z
  .strictObject({
    tokens: z
      .array(
        z.strictObject({
          sha256: Digest.meta({ description: 'Of the token; the token itself stands nowhere here' }),
          tests: z.array(Name).min(1).meta({ description: 'Globs of the tests that it may ask about' }),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Gate' });
export type GateConfig = z.infer<typeof Gate>;
