import { writeFileSync } from 'node:fs';
import { actionsFor, type BaselineDecisions } from '../../shared/core/baseline/actions.ts';
import { effectiveConfig } from '../../shared/core/effective-config.ts';
import { toJsonNumber } from '../../shared/core/json.ts';
import { backtest, type Trial, type TrialSeries } from '../../shared/core/judging/backtest/backtest.ts';
import { parseRule } from '../../shared/core/judging/backtest/parse-rule.ts';
import { AUTO_RULE, type Rule } from '../../shared/core/judging/backtest/rule.ts';
import { type Good, goodOf } from '../../shared/core/judging/direction.ts';
import { numberOf } from '../../shared/core/metric.ts';
import { BASELINE_KINDS } from '../../shared/core/person-action.ts';
import type { SeriesPoint } from '../../shared/core/rows.ts';
import { compareRuns } from '../../shared/core/run.ts';
import type { ConditionConfig } from '../../shared/core/schema/test-config.ts';
import type { History } from '../../shared/ports/history.ts';
import { backtestPage } from '../../shared/render/backtest-html.ts';
import { trialText } from '../../shared/render/backtest-text.ts';
import type { GlobalFlags } from '../config.ts';
import { UsageError } from '../errors.ts';
import { withHistory } from '../ports.ts';
import { type InputSeries, readSeriesFile } from './backtest-input.ts';
import { oneLine, type Terminal } from './io.ts';
import { requireTest } from './known-test.ts';
import { begin } from './open-ports.ts';

export interface BacktestFlags {
  readonly test?: string;
  readonly metric?: string;
  readonly input?: string;
  readonly rule?: readonly string[];
  readonly last?: string;
  readonly good?: string;
  readonly html?: string;
  readonly power?: boolean;
  readonly json?: boolean;
}

const MOST = 100_000;
/** Rules that are tried beside each other where none is named and people look on. */
const BESIDE = ['auto', 'stddevs=5', 'stddevs=3', 'mads=5', 'interval=0.999,confirm=2'];

/** What rules would have said of stored history or of a file, and how often. */
export async function backtestCommand(
  flags: BacktestFlags & GlobalFlags,
  terminal: Terminal,
): Promise<number> {
  if ((flags.test === undefined) === (flags.input === undefined)) {
    throw new UsageError('Cannot backtest: wanted exactly one of --test TEST and --input FILE');
  }
  const power = flags.power ?? !flags.json;
  const rules = rulesOf(flags.rule ?? (flags.json ? [] : BESIDE));
  const series =
    flags.input === undefined ? await storedSeries(flags, terminal) : readSeriesFile(flags.input);
  const trials: Trial[] = [];
  for (const one of series) {
    const trial = backtest(one, rules, { power });
    if (flags.json) terminal.out(jsonLines(trial, { power, several: rules.length > 1 }));
    else terminal.out(`${trials.length === 0 ? '' : '\n'}${trialText(trial, terminal)}`);
    trials.push(trial);
  }
  if (flags.html !== undefined) {
    writePage(flags.html, trials);
    terminal.err(`wrote ${oneLine(flags.html)}\n`);
  }
  return 0;
}

function rulesOf(texts: readonly string[]): Rule[] {
  if (texts.length === 0) return [AUTO_RULE];
  return texts.map((text) => {
    const rule = parseRule(text);
    if (typeof rule === 'string') throw new UsageError(`Cannot read --rule "${text}": ${rule}`);
    return rule;
  });
}

/** The series of a test's metrics, as `history` has them; runs without the metric are gaps. */
async function storedSeries(flags: BacktestFlags & GlobalFlags, terminal: Terminal): Promise<TrialSeries[]> {
  const { setup } = await begin(flags, terminal);
  const testName = flags.test!;
  const last = readLast(flags.last);
  return withHistory(setup, terminal.env, async (history) => {
    await requireTest(testName, history, setup);
    const names = await metricsOf(history, testName, flags.metric);
    const fileConfig = setup.tests.get(testName) ?? null;
    const { conditions } = effectiveConfig({ messageConfig: null, configErrors: [], fileConfig });
    const actions = await history.actions({ kinds: BASELINE_KINDS, testName });
    const series: TrialSeries[] = [];
    for (const metric of names) {
      const decided = actionsFor(metric, Number.POSITIVE_INFINITY, actions);
      const points = sinceAccepted(await history.series(testName, metric, last), decided);
      const condition = conditions.get(metric) ?? null;
      const good = directionOf(flags.good, metric, condition);
      for (const [of, own] of splitBy(points, condition?.split_by ?? [])) {
        series.push(trialSeries(own, { id: `${testName} ${metric}${of}`, good, decided }));
      }
    }
    return series;
  });
}

/** As a tick would have judged it: excluded runs are gaps, as those that reported nothing. */
function trialSeries(
  points: readonly SeriesPoint[],
  { id, good, decided }: { readonly id: string; readonly good: Good; readonly decided: BaselineDecisions },
): TrialSeries {
  const excluded = new Set(decided.excluded);
  return {
    id,
    good,
    points: points.map(({ uuid, outcome, kind, value }) =>
      outcome === 'success' && !excluded.has(uuid) ? numberOf(kind, value) : null,
    ),
    times: points.map(({ finishedAt }) => finishedAt),
  };
}

/** What lies before a level that somebody accepted counts no more. */
function sinceAccepted(
  points: readonly SeriesPoint[],
  { accepted }: BaselineDecisions,
): readonly SeriesPoint[] {
  return accepted === null ? points : points.filter((point) => compareRuns(point, accepted) >= 0);
}

/** Runs of one kind are judged by runs of that kind alone: a series for each, named by what its runs share. */
function splitBy(
  points: readonly SeriesPoint[],
  names: readonly string[],
): Map<string, readonly SeriesPoint[]> {
  return Map.groupBy(points, ({ facts }) => {
    const values = names.map((name) => {
      const label = name.replace(/^label\./, '');
      return `${label}=${facts[label] ?? '(none)'}`;
    });
    return values.length === 0 ? '' : ` (${values.join(', ')})`;
  });
}

async function metricsOf(
  history: History,
  testName: string,
  wanted: string | undefined,
): Promise<readonly string[]> {
  const names = await history.metricNames(testName);
  if (wanted === undefined) return names;
  if (names.includes(wanted)) return [wanted];
  throw new UsageError(
    `Test "${testName}" has no metric "${wanted}"; it has ${names.join(', ') || 'none yet'}`,
  );
}

/** What the flag says, else the condition of the config file, else the name. */
function directionOf(flag: string | undefined, metric: string, condition: ConditionConfig | null): Good {
  if (flag === 'higher' || flag === 'lower') return flag;
  if (flag === 'neither') return null;
  if (flag !== undefined)
    throw new UsageError(`Cannot read --good "${flag}": wanted higher, lower or neither`);
  return goodOf(metric, condition?.comparison);
}

function readLast(text: string | undefined): number {
  const last = text === undefined ? MOST : Number(text);
  if (Number.isInteger(last) && last > 0 && last <= MOST) return last;
  throw new UsageError(`Cannot read --last "${text}": wanted a whole number from 1 to ${MOST}`);
}

/** One line a series and rule (contracts §6), counted as in the input; `rule` only where there are several. */
function jsonLines(
  trial: Trial,
  { power, several }: { readonly power: boolean; readonly several: boolean },
): string {
  const { positions } = trial.series as Partial<InputSeries>;
  const place = (index: number) => positions?.[index] ?? index;
  const changes = trial.changePoints.map(({ index }) => place(index)).sort((a, b) => a - b);
  const lines = trial.rules.map(({ rule, answer, rate, power: told }) => {
    const verdicts = new Array<string>(answer.verdicts.length);
    answer.verdicts.forEach((verdict, index) => {
      verdicts[place(index)] = verdict;
    });
    const alerts = answer.alerts.map(({ index, direction, kind }) => ({
      index: place(index),
      direction,
      kind,
    }));
    return JSON.stringify({
      series: trial.series.id,
      ...(several ? { rule } : {}),
      verdicts,
      alerts,
      change_points: changes,
      ...(power ? { figures: figuresJson(rate, told), suggestion: trial.suggestion } : {}),
    });
  });
  return `${lines.join('\n')}\n`;
}

function figuresJson(rate: Trial['rules'][number]['rate'], power: Trial['rules'][number]['power']): object {
  return {
    alerts: rate.alerts,
    runs: rate.runs,
    alerts_a_month: toJsonNumber(rate.aMonth),
    interval: rate.interval,
    power: power.map(({ name, within, tried, told, interval, delay }) => ({
      change: name,
      within,
      tried,
      told,
      interval,
      median_delay: delay,
    })),
  };
}

function writePage(path: string, trials: readonly Trial[]): void {
  try {
    writeFileSync(path, backtestPage(trials));
  } catch (error) {
    throw new UsageError(`Cannot write "${path}": ${(error as Error).message}`);
  }
}
