import * as z from 'zod';
import type { DecisionKind } from '../run-event.ts';
import { JsonNumber } from './scalars.ts';
import { VerdictAnswer } from './verdict.ts';

const Word = z.enum(['pass', 'fail', 'inconclusive']);
const Figure = JsonNumber.nullable();
const Side = z.object({ n: z.int(), estimate: Figure });

const Finding = z.object({
  metric: z.string(),
  verdict: Word,
  reason: z.enum(['worse', 'changed', 'better', 'same', 'too_few', 'unsure']),
  estimates: z.string(),
  a: Side,
  b: Side,
  difference: Figure,
  interval: z.tuple([JsonNumber, JsonNumber]).nullable(),
  min_effect: JsonNumber,
  worse: z.union([z.literal(1), z.literal(-1), z.literal(0)]),
  test: z.string(),
  p: Figure,
  p_adjusted: Figure,
  needed: z.number().nullable(),
  figures: z.record(z.string(), JsonNumber),
  moves: z
    .array(z.object({ from: z.string(), to: z.string(), forth: z.number(), back: z.number() }))
    .optional(),
  sample: z.looseObject({ kind: z.string(), digest: z.string() }),
});

const Comparison = z.looseObject({
  subject: z.string(),
  by: z.string(),
  a: z.string(),
  b: z.string(),
  verdict: Word,
  findings: z.array(Finding),
  notes: z.array(z.string()),
  settings: z.looseObject({
    min_effect: z.union([z.object({ relative: z.number() }), z.object({ absolute: z.number() })]),
    alpha: z.number(),
  }),
});

/** What a decision of schema 1 holds, by its kind; those of newer schemas are for newer readers. */
const DATA: Readonly<Record<DecisionKind, z.ZodType>> = {
  verdict: VerdictAnswer.omit({ id: true }).loose(),
  comparison: Comparison,
  candidate: z.looseObject({ alias: z.string(), version: z.string() }),
};

/**
 * What is kept of a decision of schema 1, as far as its readers rely on it: a row never changes, so what cannot be read
 * must not become one.
 */
export function decisionData(kind: DecisionKind): z.ZodType {
  return DATA[kind];
}
