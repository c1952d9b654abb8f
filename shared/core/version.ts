import type { JobRow } from './rows.ts';
import { factsOf } from './rows.ts';

/** What may stand around a value that was read from a file. */
const BLANKS = /^[ \t\r\n]+|[ \t\r\n]+$/g;

/** The fact that says which version a run is of: its label `version`, else its framework's version. */
export const VERSION_FACT = 'version';

/** A value without the white space around it: a VERSION file ends in a line break. */
export function withoutBlanks(text: string): string {
  return text.replace(BLANKS, '');
}

type Described = Pick<JobRow, 'labels' | 'accelerator' | 'frameworkVersion' | 'testType'>;

/** What a run says of itself under a name, without the white space around it; null where it says nothing. */
export function factOf(run: Described, name: string): string | null {
  const facts = factsOf(run);
  if (name === VERSION_FACT) return clean(facts.version) ?? clean(run.frameworkVersion);
  return Object.hasOwn(facts, name) ? withoutBlanks(facts[name]!) : null;
}

/** The version a run is of; null where it does not say. */
export function versionOf(run: Described): string | null {
  return factOf(run, VERSION_FACT);
}

/** A version that is nothing but white space is none. */
function clean(text: string | null | undefined): string | null {
  const value = withoutBlanks(text ?? '');
  return value === '' ? null : value;
}
