import type { KeptComparison } from '../../shared/core/comparing/comparison-json.ts';
import { decideComparison } from '../../shared/core/comparing/decide.ts';
import type { CompareSettings, Evidence } from '../../shared/core/comparing/finding.ts';
import {
  compareCorrectness,
  compareLabelShares,
  comparePairedLabels,
  compareShares,
} from '../../shared/core/comparing/labels.ts';
import { compareValues } from '../../shared/core/comparing/values.ts';
import { versionOf } from '../../shared/core/comparing/version.ts';
import { type Good, guessGood } from '../../shared/core/judging/direction.ts';
import { parseDuration } from '../../shared/core/time.ts';
import type { LabelPair, OutputQuestion, Outputs } from '../../shared/ports/outputs.ts';
import { openOutputs } from '../adapters.ts';
import { UsageError } from '../errors.ts';
import { type CompareFlags, settingsOf, statisticOf } from './compare-flags.ts';
import type { Terminal } from './io.ts';

const DEFAULT_TIMEOUT = 60_000;

/** Holds the stored outputs of two versions against each other. */
export async function compareOutputs(
  url: string,
  flags: CompareFlags,
  { env }: Terminal,
): Promise<KeptComparison> {
  const settings = settingsOf(flags);
  const question = questionOf(flags);
  const timeout = flags.sqlTimeout === undefined ? DEFAULT_TIMEOUT : parseDuration(flags.sqlTimeout);
  if (timeout === null || timeout === 0) {
    throw new UsageError(`Cannot read --sql-timeout "${flags.sqlTimeout}": wanted a duration such as 5m`);
  }
  const outputs = await openOutputs(url, { env, timeout });
  try {
    const notes: string[] = [];
    const evidence = await evidenceOf(outputs, question, { flags, settings, notes });
    const subject = { subject: question.value, by: 'version', a: question.a, b: question.b };
    return { subject, comparison: decideComparison(evidence, settings, notes), settings };
  } finally {
    await outputs.close();
  }
}

function questionOf(flags: CompareFlags): OutputQuestion {
  const { value, pair, outputs = 'outputs_{version}', inputs, join } = flags;
  if (flags.baseline === undefined || flags.candidate === undefined || value === undefined) {
    throw new UsageError('Cannot compare: --sql wants --baseline VERSION --candidate VERSION --value COLUMN');
  }
  if (pair === undefined && !flags.unpaired) {
    throw new UsageError(
      'Cannot compare: wanted --pair COLUMNS, which make two rows the same input, or --unpaired',
    );
  }
  if ((inputs === undefined) !== (join === undefined)) {
    throw new UsageError('Cannot compare: --inputs TABLE and --join COLUMNS go together');
  }
  for (const [name, table] of Object.entries({ outputs, inputs })) {
    if (table !== undefined && !table.includes('{version}')) {
      throw new UsageError(`Cannot read --${name} "${table}": wanted a name with {version} in it`);
    }
  }
  const [a, b] = [version('--baseline', flags.baseline), version('--candidate', flags.candidate)];
  if (a === b) throw new UsageError(`Cannot compare: --baseline and --candidate are both "${a}"`);
  return {
    a,
    b,
    outputs,
    inputs: inputs === undefined ? null : { table: inputs, on: columns('--join', join!) },
    pair: pair === undefined ? [] : columns('--pair', pair),
    value,
    truth: flags.truth ?? null,
  };
}

function version(flag: string, text: string): string {
  const found = versionOf(text);
  if (found !== null) return found;
  throw new UsageError(
    `Cannot read ${flag} ${JSON.stringify(text)}: wanted a version of letters, digits and . _ - +, 64 at most`,
  );
}

function columns(flag: string, text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return names;
  throw new UsageError(`Cannot read ${flag} "${text}": wanted names of columns with commas between`);
}

interface Asked {
  readonly flags: CompareFlags;
  readonly settings: CompareSettings;
  /** Gets what a reader should know. */
  readonly notes: string[];
}

async function evidenceOf(outputs: Outputs, question: OutputQuestion, asked: Asked): Promise<Evidence[]> {
  const kind = await outputs.kindOf(question);
  const expected = asked.flags.unpaired ? 0 : await countPairs(outputs, question, asked.notes);
  if (kind === 'number') {
    const counts = await outputs.numberCounts(question);
    const areAll = [counts.a, counts.b].every(({ n, holds }) => holds === n);
    const settings = { ...asked.settings, metrics: areAll ? 1 : 2 };
    const answered = areAll ? [] : [answeredOf(question.value, counts, settings)];
    return [await numbers(outputs, question, { ...asked, settings, expected }), ...answered];
  }
  if (asked.flags.unpaired) {
    const { a, b } = await outputs.labelCounts(question);
    return [compareLabelShares(question.value, { a: classed(a), b: classed(b) }, asked.settings)];
  }
  if (question.truth !== null) {
    const counts = await outputs.rightCounts(question);
    if (counts.unknown > 0) {
      asked.notes.push(`${counts.unknown} inputs have no right answer and do not count.`);
    }
    return [compareCorrectness(question.value, counts, asked.settings)];
  }
  const pairs = await outputs.labelPairs(question);
  return [comparePairedLabels(question.value, pairs.map(named), asked.settings)];
}

/** Rows without an answer are a class of their own: a version that stops answering has changed. */
const NO_ANSWER = '(no answer)';

function named({ a, b, count }: LabelPair) {
  return { a: a ?? NO_ANSWER, b: b ?? NO_ANSWER, count };
}

function classed(counts: ReadonlyMap<string | null, number>): Map<string, number> {
  return new Map([...counts].map(([label, count]) => [label ?? NO_ANSWER, count]));
}

/** A version that gives a number less often is worse, however good its numbers are. */
function answeredOf(
  value: string,
  { a, b }: Awaited<ReturnType<Outputs['numberCounts']>>,
  settings: CompareSettings,
): Evidence {
  return compareShares(`${value}: a number`, { a, b, estimates: 'share that is a number' }, settings);
}

/** How many pairs there are. Throws where a pair is not a pair; notes what has no partner. */
async function countPairs(outputs: Outputs, question: OutputQuestion, notes: string[]): Promise<number> {
  const { a, b, doubledA, doubledB, paired } = await outputs.counts(question);
  const doubled = doubledA > 0 ? ([question.a, doubledA] as const) : ([question.b, doubledB] as const);
  if (doubled[1] > 0) {
    throw new UsageError(
      `Cannot pair by ${question.pair.join(', ')}: ${doubled[1]} rows of version "${doubled[0]}" are not alone in them; name more columns`,
    );
  }
  if (a > paired) notes.push(`${a - paired} of ${a} rows of ${question.a} have no partner and do not count.`);
  if (b > paired) notes.push(`${b - paired} of ${b} rows of ${question.b} have no partner and do not count.`);
  return paired;
}

async function numbers(
  outputs: Outputs,
  question: OutputQuestion,
  { flags, settings, notes, expected }: Asked & { readonly expected: number },
): Promise<Evidence> {
  const arePairs = !flags.unpaired;
  const [left, right] = [new Growing(expected), new Growing(expected)];
  if (arePairs) {
    for await (const page of outputs.numberPairs(question)) {
      for (let i = 0; i < page.length; i += 2) {
        left.push(page[i]!);
        right.push(page[i + 1]!);
      }
    }
  } else {
    for await (const page of outputs.numbers(question, 'a')) for (const one of page) left.push(one);
    for await (const page of outputs.numbers(question, 'b')) for (const one of page) right.push(one);
  }
  const [a, b] = [left.values(), right.values()];
  if (arePairs && a.length < expected) {
    notes.push(`${expected - a.length} of ${expected} pairs have no two finite numbers and do not count.`);
  }
  const { value } = question;
  const statistic = statisticOf(flags.statistic);
  return compareValues(
    { metric: value, good: goodOf(flags.good, value), a, b, statistic, arePairs },
    settings,
  );
}

/** Numbers of which nobody knows how many will come, eight bytes each. */
class Growing {
  #values: Float64Array;
  #count = 0;

  /** `expected`: how many there will be, where that is known. */
  constructor(expected: number) {
    this.#values = new Float64Array(Math.max(1024, expected));
  }

  push(value: number): void {
    if (this.#count === this.#values.length) this.#values = resized(this.#values, this.#count * 2);
    this.#values[this.#count++] = value;
  }

  values(): Float64Array {
    return this.#values.subarray(0, this.#count);
  }
}

function resized(values: Float64Array, length: number): Float64Array {
  const grown = new Float64Array(length);
  grown.set(values);
  return grown;
}

function goodOf(text: string | undefined, name: string): Good {
  if (text === undefined) return guessGood(name);
  if (text === 'higher' || text === 'lower') return text;
  if (text === 'neither') return null;
  throw new UsageError(`Cannot read --good "${text}": wanted higher, lower or neither`);
}
