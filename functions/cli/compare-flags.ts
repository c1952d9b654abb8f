import {
  COMPARE_SETTINGS,
  type CompareSettings,
  type MinEffect,
} from '../../shared/core/comparing/finding.ts';
import type { Statistic } from '../../shared/core/comparing/values.ts';
import { UsageError } from '../errors.ts';

/** What `compare` takes. */
export interface CompareFlags {
  readonly by?: string;
  readonly a?: string;
  readonly b?: string;
  readonly metric?: readonly string[];
  readonly minEffect?: string;
  readonly statistic?: string;
  readonly alpha?: string;
  readonly seed?: string;
  readonly last?: string;
  readonly sql?: string;
  readonly baseline?: string;
  readonly candidate?: string;
  readonly pair?: string;
  readonly value?: string;
  readonly truth?: string;
  readonly outputs?: string;
  readonly inputs?: string;
  readonly join?: string;
  readonly good?: string;
  readonly unpaired?: boolean;
  readonly sqlTimeout?: string;
  /** A comparison that was kept. */
  readonly show?: string;
  readonly list?: boolean;
  readonly keep?: boolean;
  readonly format?: string;
  readonly json?: boolean;
}

/** How a comparison is decided; throws UsageError for what cannot be read. */
export function settingsOf(flags: CompareFlags): CompareSettings {
  const alpha = flags.alpha === undefined ? COMPARE_SETTINGS.alpha : Number(flags.alpha);
  if (!(alpha > 0 && alpha < 0.5)) {
    throw new UsageError(`Cannot read --alpha "${flags.alpha}": wanted a number above 0 and below 0.5`);
  }
  const seed = wholeNumber(flags.seed, { name: '--seed', usual: COMPARE_SETTINGS.seed, most: 2 ** 53 - 1 });
  return { ...COMPARE_SETTINGS, alpha, seed, minEffect: minEffectOf(flags.minEffect) };
}

function minEffectOf(text: string | undefined): MinEffect {
  if (text === undefined) return COMPARE_SETTINGS.minEffect;
  const [, number, percent] = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text.trim()) ?? [];
  if (number === undefined) {
    throw new UsageError(
      `Cannot read --min-effect "${text}": wanted a share such as 5%, or a number in the metric's unit`,
    );
  }
  return percent === '%' ? { relative: Number(number) / 100 } : { absolute: Number(number) };
}

/** What each side comes to. */
export function statisticOf(text: string | undefined): Statistic {
  if (text === undefined || text === 'mean') return 'mean';
  if (text === 'median') return { quantile: 0.5 };
  const [, percent] = /^p(\d{1,2}(?:\.\d+)?)$/.exec(text) ?? [];
  if (percent === undefined || Number(percent) === 0) {
    throw new UsageError(
      `Cannot read --statistic "${text}": wanted mean, median or a percentile such as p95`,
    );
  }
  return { quantile: Number(percent) / 100 };
}

/** A flag that is a whole number from 1 on. */
export function wholeNumber(
  text: string | undefined,
  { name, usual, most }: { readonly name: string; readonly usual: number; readonly most: number },
): number {
  if (text === undefined) return usual;
  const number = Number(text);
  if (Number.isInteger(number) && number > 0 && number <= most) return number;
  throw new UsageError(`Cannot read ${name} "${text}": wanted a whole number from 1 to ${most}`);
}
