import { judge } from '../../../shared/core/judge.ts';
import { backtest } from '../../../shared/core/judging/backtest/backtest.ts';
import { parseRule } from '../../../shared/core/judging/backtest/parse-rule.ts';
import { AUTO_RULE, type Rule } from '../../../shared/core/judging/backtest/rule.ts';
import { changePoints } from '../../../shared/core/judging/change-points/segments.ts';
import { metricOf } from '../../../shared/core/metric.ts';
import type { Figure } from '../table.ts';
import { random } from './random.ts';

/**
 * Processor time of the work, several times; the first, when nothing is compiled yet, is left out. Not the time on
 * the clock: on a shared machine that tells what the others do.
 */
function timed(repeat: number, work: () => void): number[] {
  const samples: number[] = [];
  for (let i = 0; i <= repeat; i++) {
    const started = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(started);
    if (i > 0) samples.push((user + system) / 1000);
  }
  return samples;
}

/** How long judging takes, in one thread. */
export function speedFigures({ tiny }: { readonly tiny: boolean }): Figure[] {
  const repeat = tiny ? 1 : 7;
  const metrics = tiny ? 10 : 1000;
  const chance = random(9);
  const noise = (n: number) => Array.from({ length: n }, () => 100 + chance.normal());
  const histories = Array.from({ length: metrics }, () => noise(200));
  const condition = { comparison: 'less', success_threshold: { auto: {} } } as const;
  const thousand = { id: 'a', good: 'lower' as const, points: noise(1000), times: [] };
  const rules = ['auto', 'stddevs=5', 'stddevs=3', 'mads=5', 'interval=0.999,confirm=2'].map(
    (text) => parseRule(text) as Rule,
  );
  const ms = (name: string, work: () => void, below?: number): Figure => ({
    name,
    unit: 'ms',
    samples: timed(repeat, work),
    ...(below === undefined ? {} : { target: { kind: 'below', value: below } as const }),
  });
  return [
    ms(
      `auto: judging ${metrics} metrics with 200 earlier values each`,
      () => {
        for (const earlier of histories) {
          judge({ metric: metricOf('loss', 100), condition, outcome: 'success', earlier });
        }
      },
      tiny ? undefined : 1000,
    ),
    ms('backtest of auto on 1,000 runs', () => void backtest(thousand, [AUTO_RULE], { power: false }), 100),
    ms('… with injected changes', () => void backtest(thousand, [AUTO_RULE], { power: true }), 100),
    ms('… of five rules, with injected changes', () => void backtest(thousand, rules, { power: true })),
    ms('change points of 1,000 values', () => void changePoints(thousand.points), 50),
    ms('change points of 4,000 values', () => void changePoints(noise(4000))),
  ];
}
