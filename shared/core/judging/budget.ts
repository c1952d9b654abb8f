import type { Judgement } from '../judge.ts';
import { benjaminiHochberg } from '../statistics/benjamini-hochberg.ts';

/**
 * Judgements of one run under a budget: of those that failed by being unusual only those stay failed of which
 * at most the share `rate` is expected to be chance (Benjamini and Hochberg 1995, over all that were asked how
 * unusual they are). The others pass, with reason `budget`. What failed for another reason stays as it is.
 */
export function underBudget(judgements: readonly (Judgement | null)[], rate: number): (Judgement | null)[] {
  const asked = judgements.flatMap((judgement, index) => (judgement?.p === undefined ? [] : [index]));
  const real = benjaminiHochberg(
    asked.map((index) => judgements[index]!.p!),
    rate,
  );
  const chance = new Set(asked.filter((_, at) => !real[at]));
  return judgements.map((judgement, index) =>
    judgement !== null && judgement.verdict === 'fail' && chance.has(index)
      ? { ...judgement, verdict: 'pass', reason: 'budget' }
      : judgement,
  );
}
