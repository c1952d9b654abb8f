import { parseRule } from '../../../shared/core/judging/backtest/parse-rule.ts';
import type { Rule as NamedRule } from '../../../shared/core/judging/backtest/rule.ts';
import type { Rule } from './score.ts';

/** A rule of the table: what it is called there, and how it is asked for in a backtest. */
export interface Peer {
  readonly title: string;
  readonly rule: string;
  /** Asked after every run it takes minutes: it is scored on fewer series. */
  readonly slow?: boolean;
}

export const PEERS: readonly Peer[] = [
  { title: '**auto**', rule: 'auto' },
  { title: 'classic 5 sd, run excluded', rule: 'stddevs=5' },
  { title: 'classic 3 sd, run excluded', rule: 'stddevs=3' },
  { title: '5 median deviations', rule: 'mads=5' },
  { title: 'prediction interval .99', rule: 'interval=0.99' },
  { title: '… .99, second run confirms', rule: 'interval=0.99,confirm=2' },
  { title: '10 % of the mean', rule: 'percent=10' },
  { title: 'Perfherder', rule: 'perfherder' },
  { title: 'Otava p .001', rule: 'otava', slow: true },
];

/** A named rule as the suite asks it. */
export function asked(text: string): Rule {
  const rule = parseRule(text);
  if (typeof rule === 'string') throw new Error(`Cannot measure "${text}": ${rule}`);
  return (values, higherIsBetter) => answerOf(rule, values, higherIsBetter);
}

function answerOf(rule: NamedRule, values: readonly (number | null)[], higherIsBetter: boolean) {
  return rule.run(values, higherIsBetter ? 'higher' : 'lower');
}
