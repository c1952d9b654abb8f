import { nearest } from '../../shared/core/nearest.ts';
import type { History } from '../../shared/ports/history.ts';
import type { Setup } from '../config.ts';
import { UsageError } from '../errors.ts';

/** Throws unless the history or the config knows the test, with the name that was probably meant. */
export async function requireTest(testName: string, history: History, setup: Setup): Promise<void> {
  const known = [...new Set([...(await history.testNames()), ...setup.tests.keys()])];
  if (known.includes(testName)) return;
  const close = nearest(testName, known);
  const hint = close === null ? someOf(known) : `did you mean "${close}"?`;
  throw new UsageError(`There is no test "${testName}"; ${hint}`);
}

function someOf(known: readonly string[]): string {
  if (known.length === 0) return 'no test has run yet';
  const shown = known.slice(0, 5).join(', ');
  return `known tests: ${shown}${known.length > 5 ? ` and ${known.length - 5} more` : ''}`;
}
