import { readPolicy } from '../../shared/core/gate/policy.ts';
import type { GatePolicy, GateSubject } from '../../shared/core/gate/question.ts';
import { VERSION_FACT, withoutBlanks } from '../../shared/core/version.ts';
import { UsageError } from '../errors.ts';

/** A question to the gate in the words of who asks, whichever door he came by. */
export interface AskedWords {
  readonly test: string;
  readonly version: string;
  readonly baseline?: string | undefined;
  /** `key=value`. */
  readonly baselineLabel?: string | undefined;
  readonly policy?: string | undefined;
  readonly runs?: string | undefined;
  readonly onInconclusive?: string | undefined;
}

/** More than any version, and little to compare. */
const MOST_VERSION = 1024;
const MOST_RUNS = 100;
/** A label as a baseline; a version seldom looks so, and `version=…` names even that one. */
const LABEL = /^([A-Za-z_][\w./-]*)=(.*)$/s;

/** What is asked; throws UsageError with one sentence. Versions are only ever compared, so any text is one. */
export function readAsked(words: AskedWords): { readonly subject: GateSubject; readonly policy: GatePolicy } {
  const version = versionText('version', words.version);
  const subject = { testName: words.test, version, baseline: baselineOf(words) };
  return { subject, policy: policyOf(words) };
}

function versionText(what: string, text: string): string {
  const version = withoutBlanks(text);
  if (version === '') throw new UsageError(`Cannot ask for an empty ${what}`);
  if (version.length <= MOST_VERSION) return version;
  throw new UsageError(
    `Cannot ask for a ${what} of ${version.length} characters; the most is ${MOST_VERSION}`,
  );
}

function baselineOf({ baseline, baselineLabel }: AskedWords): GateSubject['baseline'] {
  if (baseline !== undefined && baselineLabel !== undefined) {
    throw new UsageError('Cannot ask for two baselines: wanted a version or a label, not both');
  }
  const text = baselineLabel ?? baseline;
  if (text === undefined) return null;
  const [, fact, value] = LABEL.exec(text) ?? [];
  if (fact !== undefined) return { fact, value: versionText('baseline', value!) };
  if (baselineLabel === undefined) return { fact: VERSION_FACT, value: versionText('baseline', text) };
  throw new UsageError(`Cannot read label "${text}": write it as key=value`);
}

function policyOf({ policy, runs, onInconclusive }: AskedWords): GatePolicy {
  const rest = { runs: countOf(runs), onInconclusive: wishOf(onInconclusive) };
  if (policy === undefined) return { text: null, clauses: [], ...rest };
  const text = policy.trim();
  const read = readPolicy(text);
  if (!read.ok) throw new UsageError(read.problem);
  return { text, clauses: read.clauses, ...rest };
}

function countOf(text: string | undefined): number {
  if (text === undefined) return 1;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MOST_RUNS) return count;
  throw new UsageError(`Cannot read runs "${text}": wanted a whole number from 1 to ${MOST_RUNS}`);
}

function wishOf(text: string | undefined): 'pass' | 'fail' | null {
  if (text === undefined) return null;
  if (text === 'pass' || text === 'fail') return text;
  throw new UsageError(`Cannot read on-inconclusive "${text}": wanted fail or pass`);
}
