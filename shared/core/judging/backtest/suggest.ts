import type { AlertRate, Power } from './figures.ts';

/** A rule with what it did on the series. */
export interface Tried {
  readonly name: string;
  readonly rate: AlertRate;
  readonly power: readonly Power[];
}

/** What to use for this series, and why. */
export interface Suggestion {
  readonly rule: string;
  readonly reason: string;
}

const FEWEST_RUNS = 20;
/** More alerts a month than this on what one has is more than anybody reads. */
const BEARABLE = 1;
const JUDGED_BY = 'step of 3 sd';

/** The rule that tells most 3 sd steps in a week of those that stay bearable; else the quietest. */
export function suggest(tried: readonly Tried[]): Suggestion {
  const runs = tried[0]?.rate.runs ?? 0;
  if (runs < FEWEST_RUNS) {
    return { rule: 'auto', reason: `${runs} runs are too few to tell rules apart; auto needs no tuning` };
  }
  const bearable = tried.filter(({ rate }) => rate.aMonth <= BEARABLE);
  const pool = bearable.length > 0 ? bearable : tried;
  const best = pool.reduce((a, b) => (better(b, a, bearable.length > 0) ? b : a));
  const share = shareTold(best);
  const told = `${Math.round(100 * share)} % of injected 3 sd steps within 7 runs`;
  const alerts = `${best.rate.aMonth.toFixed(1)} alerts a month on this history`;
  return bearable.length > 0
    ? { rule: best.name, reason: `it tells ${told}, with ${alerts}` }
    : {
        rule: best.name,
        reason: `no rule stays below ${BEARABLE} alert a month here; it is the quietest: ${alerts}, ${told}`,
      };
}

function better(one: Tried, other: Tried, byPower: boolean): boolean {
  const power = shareTold(one) - shareTold(other);
  const alerts = other.rate.aMonth - one.rate.aMonth;
  return byPower ? power > 0 || (power === 0 && alerts > 0) : alerts > 0 || (alerts === 0 && power > 0);
}

function shareTold({ power }: Tried): number {
  const step = power.find(({ name }) => name === JUDGED_BY);
  return step === undefined || step.tried === 0 ? 0 : step.told / step.tried;
}
