import { comparisonJson, type KeptComparison } from '../../shared/core/comparing/comparison-json.ts';
import { comparisonJunit, comparisonMarkdown, comparisonText } from '../../shared/render/compare-text.ts';
import type { GlobalFlags } from '../config.ts';
import { UsageError } from '../errors.ts';
import type { CompareFlags } from './compare-flags.ts';
import type { Terminal } from './io.ts';

const COMPARE_EXIT = { pass: 0, fail: 1, inconclusive: 3 } as const;

/** Holds two versions against each other, runs of a test or stored outputs of both; or shows what was kept of it. */
export async function compareCommand(
  testName: string | undefined,
  flags: CompareFlags & GlobalFlags,
  terminal: Terminal,
): Promise<number> {
  if (flags.list) return (await import('./compare-kept.ts')).listComparisons(testName, flags, terminal);
  const kept = await comparisonFor(testName, flags, terminal);
  terminal.out(comparisonOutput(kept, flags, terminal));
  if (flags.show === undefined && flags.keep !== false) {
    await (await import('./compare-kept.ts')).keepComparison(kept, flags, terminal);
  }
  return COMPARE_EXIT[kept.comparison.verdict];
}

async function comparisonFor(
  testName: string | undefined,
  flags: CompareFlags & GlobalFlags,
  terminal: Terminal,
): Promise<KeptComparison> {
  if (flags.show !== undefined) {
    return (await import('./compare-kept.ts')).shownComparison(flags.show, flags, terminal);
  }
  if (flags.sql !== undefined && testName !== undefined) {
    throw new UsageError('Cannot compare: wanted either a TEST or --sql, not both');
  }
  if (flags.sql !== undefined)
    return (await import('./compare-sql.ts')).compareOutputs(flags.sql, flags, terminal);
  if (testName !== undefined)
    return (await import('./compare-runs.ts')).compareRuns(testName, flags, terminal);
  throw new UsageError('Cannot compare: wanted TEST --by LABEL --a VALUE --b VALUE, or --sql URL');
}

function comparisonOutput(
  { subject, comparison, settings }: KeptComparison,
  flags: Pick<CompareFlags, 'format' | 'json'>,
  terminal: Terminal,
): string {
  switch (flags.json ? 'json' : (flags.format ?? 'text')) {
    case 'json':
      return `${JSON.stringify(comparisonJson(subject, comparison, settings))}\n`;
    case 'markdown':
      return comparisonMarkdown(subject, comparison, settings);
    case 'junit':
      return comparisonJunit(subject, comparison, settings);
    default:
      return comparisonText(subject, comparison, { ...terminal, settings });
  }
}
