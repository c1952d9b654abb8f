import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Finished } from './command.ts';
import type { Fence } from './markdown.ts';
import { consoleScript, cutOutput, firstAbsent, readConsole } from './replay.ts';
import { readText } from './repository.ts';
import { type Stage, stageNpm } from './stage.ts';

type Check = (fence: Fence, stage: Stage) => Promise<string[]>;

/** What is done with a fence, by its language; each answers with what is wrong, one entry per fault. */
const CHECKS: Readonly<Record<string, Check>> = {
  ts: async (fence, stage) => ended(await stage.typescript(fence.text), fence),
  sh: async (fence, stage) => {
    const { script, left } = stageNpm(fence.text);
    return [...notInCi(left), ...ended(await stage.shell(script), fence)];
  },
  console: replay,
  yaml: (fence, stage) => {
    const documents = parseAllDocuments(fence.text);
    const errors = documents.flatMap((document) => document.errors.map(({ message }) => message));
    const values: unknown[] = errors.length > 0 ? [] : documents.map((document) => document.toJS());
    return errors.length > 0 ? Promise.resolve(errors) : validated(fence, values, stage);
  },
  json: (fence, stage) => validated(fence, [JSON.parse(fence.text)], stage),
};

/** Languages whose fences are only read. Not `bash`, `js` or none: nothing that could run goes unrun. */
const INERT = [
  'text',
  'sql',
  'mermaid',
  'proto',
  'csv',
  'jsonl',
  'html',
  'diff',
  'dockerfile',
  'hcl',
  'jsonnet',
  'python',
];

export function isKnown({ language }: Fence): boolean {
  return isLive({ language }) || INERT.includes(language);
}

export function isLive({ language }: Pick<Fence, 'language'>): boolean {
  return Object.hasOwn(CHECKS, language);
}

/** Runs, replays or validates a fence on the stage; answers with what is wrong. */
export async function checkFence(fence: Fence, stage: Stage): Promise<string[]> {
  try {
    return (await CHECKS[fence.language]?.(fence, stage)) ?? [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function ended({ code, output }: Finished, fence: Fence): string[] {
  return code === fence.exit ? [] : [`ended with ${code} instead of ${fence.exit}:\n${output}`];
}

/** Runs the commands in one shell and holds what they print against what the page shows. */
async function replay(fence: Fence, stage: Stage): Promise<string[]> {
  const shown = readConsole(fence.text).map((one) => ({ ...one, staged: stageNpm(one.command) }));
  const { output } = await stage.shell(consoleScript(shown.map(({ staged }) => staged.script)), false);
  const real = cutOutput(output);
  const problems = notInCi(shown.flatMap(({ staged }) => staged.left));
  for (const [index, one] of shown.entries()) {
    const piece = real[index];
    if (piece === undefined) return [...problems, `the shell ended before "${one.command}":\n${output}`];
    const absent = one.staged.left.length > 0 ? null : firstAbsent(one.output, piece.text);
    if (absent !== null) problems.push(`"${one.command}" does not print "${absent}", but:\n${piece.text}`);
  }
  // A page may show a failure: it says so by `exit=N`, or by asking for `$?` next.
  const unasked = real.filter((_, index) => !shown[index + 1]?.command.includes('$?'));
  const failures = new Set(unasked.map(({ code }) => code).filter((code) => code !== 0));
  if (fence.exit !== 0 && !failures.delete(fence.exit)) problems.push(`no command ended with ${fence.exit}`);
  return [...problems, ...[...failures].map((code) => `a command ended with ${code}:\n${output}`)];
}

/** A config on a page is one that `tidemark validate` takes, or refuses with the code the fence announces. */
async function validated(fence: Fence, values: readonly unknown[], stage: Stage): Promise<string[]> {
  if (!values.some((value) => typeof value === 'object' && value !== null && 'tests' in value)) return [];
  const path = join(stage.folder, `fence-${fence.line}.${fence.language}`);
  writeFileSync(path, fence.text);
  return ended(await stage.tidemark('validate', path), fence);
}

/** npm commands on a page are run by CI, once, in the real checkout. */
function notInCi(commands: readonly string[]): string[] {
  const ci = readText('.ci/run')
    .split('\n')
    .map((line) => line.trim());
  return commands
    .filter((command) => !/^npm (ci|test|start)$/.test(command) && !ci.includes(command))
    .map((command) => `"${command}" is not a line of .ci/run, so nothing runs it`);
}
