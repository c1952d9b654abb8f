import { check, problemText } from '../../problem.ts';
import { Condition, type ConditionConfig } from '../../schema/test-config.ts';
import type { ThresholdConfig } from '../../schema/threshold.ts';
import { OTAVA_RULE, PERFHERDER_RULE } from './change-rules.ts';
import { AUTO_RULE, conditionRule, type Rule } from './rule.ts';

/** Runs awaited before a rule judges, unless it says otherwise: those of the default rule. */
const WAITS = 10;

/** What a rule may be called by, and the threshold that stands for. */
const KINDS: Readonly<Record<string, (value: number) => object>> = {
  stddevs: (deviations) => ({ stddevs_from_mean: deviations }),
  stddevs_from_mean: (deviations) => ({ stddevs_from_mean: deviations }),
  population: (deviations) => ({ stddevs_from_mean: { deviations, population: true } }),
  percent: (percent) => ({ percent_from_mean: percent }),
  percent_from_mean: (percent) => ({ percent_from_mean: percent }),
  percent_from_median: (percent) => ({ percent_from_median: percent }),
  mads: (times) => ({ mads_from_median: times }),
  mads_from_median: (times) => ({ mads_from_median: times }),
  interval: (confidence) => ({ prediction_interval: { confidence } }),
  prediction_interval: (confidence) => ({ prediction_interval: { confidence } }),
  alarms: (alarms) => ({ prediction_interval: { false_alarms_a_year: alarms } }),
};

/** Rules without settings. */
const WHOLE: readonly Rule[] = [AUTO_RULE, OTAVA_RULE, PERFHERDER_RULE];

/** All names of rules, for a message. */
export const RULE_NAMES: readonly string[] = [
  ...WHOLE.map(({ name }) => name),
  ...Object.keys(KINDS).map((kind) => `${kind}=…`),
];

/**
 * A rule from its text: `auto`, `otava`, `perfherder`, or `stddevs=5` and its like, with `window=50`, `wait=20`,
 * `scale=log`, `confirm=2`, `percent_at_least=2` behind commas. Answers with a sentence where it cannot be one.
 */
export function parseRule(text: string): Rule | string {
  const whole = WHOLE.find(({ name }) => name === text);
  if (whole !== undefined) return whole;
  const [head = '', ...more] = text.split(',').map((part) => part.trim());
  const [kind = '', value = ''] = head.split('=');
  const threshold = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  const number = numberIn(value);
  if (threshold === undefined) return `no rule is called "${kind}"; wanted one of ${RULE_NAMES.join(', ')}`;
  if (number === null) return `"${kind}" needs a number, such as ${kind}=5: current value is "${value}"`;
  const settings = readSettings(more);
  if (typeof settings === 'string') return settings;
  const { confirm, ...rest } = settings;
  const condition = {
    wait_for_n_points_of_history: WAITS,
    ...rest,
    success_threshold: threshold(number) as ThresholdConfig,
  };
  const checked = check(Condition, { ...condition, comparison: 'within' });
  if (!checked.ok) return checked.problems.map(problemText).join('; ');
  return conditionRule(text, condition, { confirm: confirm ?? 1 });
}

type Settings = Partial<Omit<ConditionConfig, 'comparison' | 'success_threshold'>> & { confirm?: number };

function readSettings(parts: readonly string[]): Settings | string {
  let settings: Settings = {};
  for (const part of parts) {
    const [key = '', value = ''] = part.split('=');
    const read = settingOf(key, value);
    if (read === null) {
      return `cannot read "${part}"; wanted window=, wait=, scale=log, confirm=2, percent_at_least= or absolute_at_least=`;
    }
    settings = { ...settings, ...read };
  }
  return settings;
}

function settingOf(key: string, value: string): Settings | null {
  if (key === 'scale') return value === 'log' || value === 'linear' ? { scale: value } : null;
  const number = numberIn(value);
  if (number === null) return null;
  switch (key) {
    case 'window':
      return { history_window: number };
    case 'wait':
      return { wait_for_n_points_of_history: number };
    case 'confirm':
      return number === 1 || number === 2 ? { confirm: number } : null;
    case 'percent_at_least':
      return { minimum_change: { percent: number } };
    case 'absolute_at_least':
      return { minimum_change: { absolute: number } };
    default:
      return null;
  }
}

function numberIn(text: string): number | null {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : null;
}
