import * as z from 'zod';
import { OUTCOMES } from '../outcome.ts';
import { JsonNumber } from './scalars.ts';

const Word = z.enum(['pass', 'fail', 'inconclusive', 'pending']);
const Bound = JsonNumber.nullable();

const Check = z.strictObject({
  metric: z.string().nullable().meta({ description: 'null: it is about the runs as a whole' }),
  rule: z.string().meta({ description: 'Clauses of the policy, condition, or what was looked at' }),
  verdict: Word,
  reason: z.string().nullable().meta({ description: 'A word, and behind ": " a detail' }),
  value: Bound.meta({ description: 'The median of the runs that count' }),
  lower: Bound,
  upper: Bound,
  n: z.int(),
  baseline_n: z.int(),
});

const Run = z.strictObject({
  uuid: z.string(),
  run_id: z.string(),
  outcome: z.enum(OUTCOMES),
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
  finished_at: z.string(),
});

/** What `verdict --version --json`, `GET /v1/verdict` and `/v1/gate` answer with. Keys may be added. */
export const VerdictAnswer = z.strictObject({
  id: z.string().meta({ description: 'Digest of all else; the same answer has the same id' }),
  schema: z.literal(1),
  verdict: Word,
  test_name: z.string(),
  version: z.string(),
  baseline: z
    .strictObject({
      by: z.string().meta({ description: 'version, a label, or what else tells runs apart' }),
      value: z.string(),
      n: z.int(),
      runs: z.array(z.string()).meta({ description: 'Ids (uuid) of the runs that count' }),
      passed_over: z
        .array(z.string())
        .meta({ description: 'Ids of runs on other data, where no others are' }),
    })
    .nullable(),
  outcome: z
    .enum([...OUTCOMES, 'running'])
    .nullable()
    .meta({ description: 'Of the newest run that counts; null: there is none' }),
  runs: z.array(Run).meta({ description: 'The runs that count, newest first' }),
  policy: z.strictObject({
    text: z.string().nullable(),
    runs: z.int(),
    on_inconclusive: z.enum(['pass', 'fail']).nullable(),
  }),
  policy_digest: z.string(),
  checks: z.array(Check),
  reasons: z.array(Check).meta({ description: 'The checks that are no pass' }),
});
