import { readFileSync } from 'node:fs';
import { type Document, LineCounter, parseDocument } from 'yaml';
import type * as z from 'zod';
import { isObject, wellFormedAs } from '../shared/core/json.ts';
import { type Checked, check, type Problem, problemText } from '../shared/core/problem.ts';
import { ConfigFile } from '../shared/core/schema/config.ts';
import { MetricConfig } from '../shared/core/schema/test-config.ts';
import { UsageError } from './errors.ts';

/** A mistake in a file, with the line it stands on where that is known. */
export interface FileProblem extends Problem {
  readonly line: number | null;
  /** `FILE:LINE: path: message`. */
  readonly text: string;
}

export type ReadFile<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly FileProblem[] };

/** Reads a config in YAML or JSON (which is YAML) and answers with every mistake at once. */
export function readConfigFile(path: string): ReadFile<ConfigFile> {
  return readAs<ConfigFile>(path, () => ConfigFile);
}

/** Reads a config file, or the METRIC_CONFIG of one test, told by its top-level keys. */
export function readAnyConfig(path: string): ReadFile<AnyConfig> {
  return readAs<AnyConfig>(path, (value) => (isMetricConfig(value) ? MetricConfig : ConfigFile));
}

/** What `validate` reads. */
export type AnyConfig = ConfigFile | z.infer<typeof MetricConfig>;

function isMetricConfig(value: unknown): boolean {
  return (
    isObject(value) &&
    !('tests' in value) &&
    ['test_name', 'metric_collection_config', 'regression_test_config', 'sources'].some((key) => key in value)
  );
}

/** `T` is what the schemas give. */
function readAs<T>(path: string, schemaFor: (value: unknown) => z.ZodType): ReadFile<T> {
  return readChecked(path, (value) => check(schemaFor(value), value) as Checked<T>);
}

/** Reads YAML or JSON, and answers with every mistake that `checkValue` finds in it. Throws UsageError. */
export function readChecked<T>(path: string, checkValue: (value: unknown) => Checked<T>): ReadFile<T> {
  const lines = new LineCounter();
  const text = readText(path);
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    return { ok: false, problems: document.errors.map((error) => syntaxProblem(path, error)) };
  }
  let value: unknown;
  try {
    // A name is the same name in a message, which are read so too.
    value = wellFormedAs(text, document.toJS() ?? {});
  } catch (error) {
    // Aliases are followed only here: one without an anchor, or so many that they would fill the memory.
    return { ok: false, problems: [syntaxProblem(path, { message: (error as Error).message })] };
  }
  const checked = checkValue(value);
  if (checked.ok) return checked;
  const problems = checked.problems.map((problem) => {
    const line = lineOf(document, problem.path.split('.'), lines);
    return located(path, line, problem);
  });
  return { ok: false, problems: problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)) };
}

/** The content of a YAML file that is none of ours. Throws UsageError. */
export function readYamlFile(path: string): unknown {
  const document = parseDocument(readText(path));
  const [error] = document.errors;
  if (error !== undefined) throw new UsageError(syntaxProblem(path, error).text);
  return document.toJS();
}

function readText(path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${(error as Error).message}`);
  }
}

function syntaxProblem(path: string, error: { message: string; linePos?: readonly { line: number }[] }) {
  const [first] = error.message.split(/ at line \d+/);
  return located(path, error.linePos?.[0]?.line ?? null, {
    path: '',
    message: `is not YAML or JSON: ${first}`,
  });
}

function located(path: string, line: number | null, problem: Problem): FileProblem {
  const place = line === null ? path : `${path}:${line}`;
  return { ...problem, line, text: `${place}: ${problemText(problem)}` };
}

/** The line of the deepest part of a dotted path that exists; names may hold dots, so parts are joined as needed. */
function lineOf(document: Document, parts: readonly string[], lines: LineCounter): number | null {
  let node: unknown = document.contents;
  let line: number | null = null;
  let rest = parts;
  while (rest.length > 0) {
    const step = stepInto(node, rest);
    if (step === null) return line;
    if (step.offset !== null) line = lines.linePos(step.offset).line;
    ({ node, rest } = step);
  }
  return line;
}

interface MapLike {
  readonly items: readonly { key?: { value?: unknown; range?: readonly number[] }; value?: unknown }[];
}

function stepInto(node: unknown, parts: readonly string[]) {
  const { items } = (node ?? {}) as Partial<MapLike>;
  if (items === undefined) return null;
  for (let taken = parts.length; taken > 0; taken--) {
    const name = parts.slice(0, taken).join('.');
    const pair = items.find(({ key }) => key !== undefined && String(key.value) === name);
    if (pair !== undefined) {
      return { node: pair.value, rest: parts.slice(taken), offset: pair.key?.range?.[0] ?? null };
    }
  }
  const index = Number(parts[0]);
  const item = items[index] as { range?: readonly number[] } | undefined;
  if (item === undefined || 'key' in item) return null;
  return { node: item, rest: parts.slice(1), offset: item.range?.[0] ?? null };
}
