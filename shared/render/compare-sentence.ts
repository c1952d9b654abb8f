import { relativeOf } from '../core/comparing/comparison-json.ts';
import type { CompareSettings, Finding } from '../core/comparing/finding.ts';
import { formatNumber } from './number.ts';
import { plain } from './plain.ts';

const ENOUGH = 3;

/** One finding in words: what changed by how much, how sure that is, and what would make it sure. */
export function findingSentence(finding: Finding, { alpha }: CompareSettings): string {
  const { metric, reason, needed, minEffect, a, b } = finding;
  const name = plain(metric);
  switch (reason) {
    case 'worse':
    case 'better':
    case 'changed': {
      const word = reason === 'changed' ? 'changed' : `got ${reason}`;
      return `${name} ${word}: ${changeText(finding)}; chance does as much in ${oneIn(finding.adjusted)}.`;
    }
    case 'same':
      return `${name} is the same: a difference of ${formatNumber(minEffect, { digits: ENOUGH })} would have shown.`;
    case 'too_few':
      return `${name}: too little data, ${a.n} and ${b.n}${sizeText(needed)}.`;
    case 'unsure':
      return `${name}: nobody can tell yet, ${changeText(finding)} is too little to be sure at ${alpha}${sizeText(needed)}.`;
  }
}

function sizeText(needed: number | null): string {
  return needed === null ? '' : `; ${formatNumber(needed)} on each side would do`;
}

/** `41 to 46, +5 (+12.2 %)`. */
export function changeText(finding: Finding): string {
  const { a, b, difference } = finding;
  if (a.estimate === null || b.estimate === null || difference === null)
    return 'nothing to hold side by side';
  const share = relativeOf(finding);
  const sides = `${formatNumber(a.estimate)} to ${formatNumber(b.estimate)}`;
  return `${sides}, ${signed(difference)}${share === null ? '' : ` (${signed(100 * share)} %)`}`;
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${formatNumber(value, { digits: ENOUGH })}`;
}

function oneIn(p: number | null): string {
  const times = 1 / (p ?? 1);
  if (times >= 1e9) return 'less than 1 of a billion comparisons';
  return `1 of ${formatNumber(times < 10 ? Number(times.toPrecision(2)) : Math.round(times))} comparisons`;
}

/** The interval of the difference, such as `+3.28 to +6.72`. */
export function intervalText({ interval }: Finding): string {
  return interval === null ? '' : `${signed(interval[0])} to ${signed(interval[1])}`;
}

/** A p value for a table. */
export function pText(p: number | null): string {
  if (p === null) return '';
  if (p < 1e-300) return '<1e-300';
  return p < 1e-4 ? p.toExponential(1) : String(Number(p.toPrecision(2)));
}
