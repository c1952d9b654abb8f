import { judge } from '../../../shared/core/judge.ts';
import { judgeSeries } from '../../../shared/core/judging/auto/auto.ts';
import { type ToldAt, toldOf } from '../../../shared/core/judging/backtest/raised-alerts.ts';
import { judgedByAuto, judgedByCondition } from '../../../shared/core/judging/backtest/rule.ts';
import { metricOf } from '../../../shared/core/metric.ts';
import type { ConditionConfig } from '../../../shared/core/schema/test-config.ts';
import { median } from '../table.ts';
import type { Drop, SimulatedSeries } from './year.ts';

/** One mail of a series: the run after which it goes out, and what it says. */
export interface Told {
  readonly index: number;
  readonly kind: 'begins' | 'ends' | 'other';
  readonly direction: 'worse' | 'better';
}

/** A way to alert that is compared. */
export interface Contender {
  readonly title: string;
  readonly tell: (values: readonly number[]) => readonly Told[];
  /** What has no memory cannot say that something is over. */
  readonly isStateless?: true;
}

/** The episodes of a condition, by the code of a live pass. */
export function episodes(title: string, condition: ConditionConfig): Contender {
  return {
    title,
    tell: (values) =>
      toldUnder(condition, values).map(({ point, kind, episode }) => ({
        index: point.index,
        kind: kindOf(kind),
        direction: episode.polarity === 'bad' ? 'worse' : 'better',
      })),
  };
}

/** All that would have been told of a series, higher being better, but for reminders. */
function toldUnder(condition: ConditionConfig, values: readonly number[]): ToldAt[] {
  const whole: ConditionConfig = { ...condition, comparison: 'greater_or_equal' };
  const isAuto = condition.success_threshold.auto !== undefined;
  const judged = isAuto
    ? judgedByAuto(values, judgeSeries(values, { good: 'higher' }))
    : judgedByCondition(values, whole);
  return toldOf(judged, whole);
}

function kindOf(kind: string): Told['kind'] {
  if (kind === 'firing' || kind === 'again') return 'begins';
  return kind === 'recovered' || kind === 'closed' ? 'ends' : 'other';
}

/** As ml-testing-accelerators: a mail for each run outside of mean ± 3 standard deviations of the last 30. */
export const EVERY_BAD_RUN: Contender = {
  title: 'a mail for each run outside ± 3 sd, as ml-testing-accelerators',
  isStateless: true,
  tell: (values) => {
    const condition: ConditionConfig = {
      comparison: 'within',
      success_threshold: { stddevs_from_mean: { deviations: 3, population: true } },
      wait_for_n_points_of_history: 10,
    };
    return values.flatMap((value, index): Told[] => {
      const earlier = values.slice(Math.max(0, index - 30), index).reverse();
      const { verdict, reason } = judge({
        metric: metricOf('metric', value),
        condition,
        outcome: 'success',
        earlier,
      });
      return verdict === 'fail'
        ? [{ index, kind: 'begins', direction: reason === 'below' ? 'worse' : 'better' }]
        : [];
    });
  },
};

/** FIRING mails for the worse of series in which nothing was wrong, a series and year of 365 runs. */
export function falseFirings({ tell }: Contender, quiet: readonly SimulatedSeries[]): number {
  const runs = quiet.reduce((sum, { values }) => sum + values.length, 0);
  const firings = quiet.flatMap(({ values }) => tell(values).filter(isFiring)).length;
  return (firings / runs) * 365;
}

function isFiring({ kind, direction }: Told): boolean {
  return kind === 'begins' && direction === 'worse';
}

/** How drops of one size were told. */
export interface DropScore {
  /** Share of drops with a FIRING while they lasted. */
  readonly found: number;
  /** Median of runs from the first bad one to the FIRING, of those found. */
  readonly delay: number;
  /** Share of those found that were told to be over within 20 runs of their end. */
  readonly recovered: number;
  /** FIRING and end mails from the drop's first run to 20 runs behind it, of those found. */
  readonly mails: number;
  /** Other mails in that time: that it flaps, that it looks like a new normal. */
  readonly others: number;
  /** Share of those found of which nothing said, or nothing open said, that it was still so at the drop's last run. */
  readonly silent: number;
}

const SOON = 20;
/** Without state a mail in the last so many runs of the drop counts as not being silent. */
const LATELY = 5;

/** Scores one contender on series with drops. */
export function dropScore(contender: Contender, series: readonly SimulatedSeries[]): DropScore {
  const found = series.flatMap(({ values, drop }) => {
    const told = contender.tell(values);
    const isTold = told.some((one) => isFiring(one) && isDuring(one, drop!));
    const isFound = isTold || (!contender.isStateless && wasOpen(told, drop!));
    return isFound ? [{ told, drop: drop! }] : [];
  });
  const each = found.map(({ told, drop }) => scoreOf(told, drop, contender));
  const mean = (pick: (score: (typeof each)[number]) => number) =>
    each.reduce((sum, score) => sum + pick(score), 0) / Math.max(1, each.length);
  return {
    found: found.length / series.length,
    delay: each.length === 0 ? Number.NaN : median(each.map(({ delay }) => delay)),
    recovered: mean(({ recovered }) => (recovered ? 1 : 0)),
    mails: mean(({ mails }) => mails),
    others: mean(({ others }) => others),
    silent: mean(({ silent }) => (silent ? 1 : 0)),
  };
}

function isDuring({ index }: Told, { from, until }: Drop): boolean {
  return index >= from && index < until;
}

/** An episode that a false alarm opened before the drop began takes the drop in. */
function wasOpen(told: readonly Told[], { from }: Drop): boolean {
  const before = told.filter(({ index, direction }) => index < from && direction === 'worse').filter(isTurn);
  return before.at(-1)?.kind === 'begins';
}

function isTurn({ kind }: Told): boolean {
  return kind !== 'other';
}

function scoreOf(told: readonly Told[], drop: Drop, { isStateless }: Contender) {
  const { from, until } = drop;
  const worse = told.filter(({ direction }) => direction === 'worse');
  const during = worse.filter((one) => isDuring(one, drop));
  const around = worse.filter(({ index }) => index >= from && index < until + SOON);
  const first = during.find(isFiring);
  const last = worse.filter((one) => isTurn(one) && one.index < until).at(-1);
  return {
    delay: first === undefined ? 0 : first.index - from,
    recovered: worse.some(({ kind, index }) => kind === 'ends' && index >= until && index < until + SOON),
    mails: around.filter(isTurn).length,
    others: around.length - around.filter(isTurn).length,
    silent: isStateless ? during.every(({ index }) => index < until - LATELY) : last?.kind !== 'begins',
  };
}
