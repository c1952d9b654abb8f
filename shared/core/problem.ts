import type * as z from 'zod';
import { nearest } from './nearest.ts';
import { knownKeys } from './schema/known-keys.ts';

/** One mistake in something a person wrote: where, and a sentence that says what is wrong. */
export interface Problem {
  /** Dotted path from the top, empty for the whole. */
  readonly path: string;
  readonly message: string;
}

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Validates against a schema and answers with every problem at once, each with its path and, where there is one, a suggestion. */
export function check<T extends z.ZodType>(schema: T, input: unknown): Checked<z.infer<T>> {
  const parsed = schema.safeParse(input, { reportInput: true });
  if (parsed.success) return { ok: true, value: parsed.data };
  const { issues } = parsed.error;
  const meant = new Set(issues.flatMap((issue) => meantKeys(issue, schema)));
  const problems = issues.flatMap((issue) => problemsOf(issue, schema));
  // A key that is there under a misspelt name is one mistake, not two.
  return {
    ok: false,
    problems: problems.filter((problem) => !(isMissing(problem) && meant.has(problem.path))),
  };
}

/** Paths of the keys that the unknown ones were probably meant to be. */
function meantKeys(issue: z.core.$ZodIssue, schema: z.ZodType): string[] {
  if (issue.code !== 'unrecognized_keys') return [];
  const known = knownKeys(schema, issue.path);
  return issue.keys.flatMap((key) => dotted([...issue.path, meantKey(key, known) ?? []].flat()));
}

/** Words for one thing, of which a person may know another one than is allowed here. */
const SAME_THING: readonly string[] = ['zone', 'time_zone', 'timezone', 'tz'];

function meantKey(key: string, known: readonly string[]): string | null {
  const close = nearest(key, known);
  if (close !== null || !SAME_THING.includes(key.toLowerCase())) return close;
  return known.find((one) => SAME_THING.includes(one)) ?? null;
}

function isMissing({ message }: Problem): boolean {
  return message.startsWith(MISSING);
}

const MISSING = 'is missing';

/** `path: message`, the way every problem is printed. */
export function problemText(problem: Problem): string {
  return problem.path === '' ? problem.message : `${problem.path}: ${problem.message}`;
}

export function dotted(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}

function problemsOf(issue: z.core.$ZodIssue, schema: z.ZodType): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, issue.path);
    return issue.keys.map((key) => ({
      path: dotted([...issue.path, key]),
      message: unknownKey(key, known),
    }));
  }
  return [{ path: dotted(issue.path), message: describe(issue) }];
}

/** `unknown key; did you mean "comparison"?` */
export function unknownKey(key: string, known: readonly string[]): string {
  const close = meantKey(key, known);
  return close === null ? 'unknown key' : `unknown key; did you mean "${close}"?`;
}

function describe(issue: z.core.$ZodIssue): string {
  const got = show(issue.input);
  if (issue.code === 'custom') {
    const isScalar = typeof issue.input === 'string' || typeof issue.input === 'number';
    return isScalar ? `${issue.message}: current value is ${got}` : issue.message;
  }
  if (issue.code === 'invalid_value') {
    const words = issue.values.map(String);
    const close = typeof issue.input === 'string' ? nearest(issue.input, words) : null;
    const hint = close === null ? '' : `; did you mean "${close}"?`;
    return issue.input === undefined
      ? `${MISSING}; one of ${words.join(', ')}`
      : `must be one of ${words.join(', ')}: current value is ${got}${hint}`;
  }
  if (issue.code === 'invalid_type') {
    return issue.input === undefined
      ? `${MISSING}; wanted ${issue.expected}`
      : `must be ${issue.expected}: current value is ${got}`;
  }
  if (issue.code === 'invalid_union') return `${unionHint(issue)}: current value is ${got}`;
  return `${lowerFirst(issue.message)}: current value is ${got}`;
}

function unionHint(issue: z.core.$ZodIssueInvalidUnion): string {
  if ('discriminator' in issue && issue.errors.length === 0) {
    return `must be a known ${String(issue.discriminator)}`;
  }
  const wanted = issue.errors.flat().map((inner) => {
    if (inner.code === 'invalid_type') return inner.expected;
    if (inner.code === 'invalid_value') return inner.values.map(String).join(' or ');
    return lowerFirst(inner.message).replace(/^is not /, '');
  });
  return `must be ${[...new Set(wanted)].join(', or ')}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** A value as a person may see it in a sentence: JSON, cut short, control characters escaped by JSON itself. */
export function show(value: unknown): string {
  // Numbers by themselves, since JSON has no word for NaN and the infinities.
  const isNumber = typeof value === 'bigint' || typeof value === 'number';
  const text = isNumber ? `${value}` : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
