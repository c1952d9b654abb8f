import { extname } from 'node:path';
import { isObject } from '../../shared/core/json.ts';
import { type Checked, type Problem, problemText } from '../../shared/core/problem.ts';
import type { TemplateKind } from '../../shared/core/templates/definition.ts';
import { renderTemplate } from '../../shared/core/templates/render.ts';
import { readChecked } from '../config-file.ts';
import { UsageError } from '../errors.ts';
import { oneLine, type Terminal } from './io.ts';
import { evaluateJsonnet, evaluateModule } from './render-source.ts';

export interface RenderFlags {
  readonly kind?: TemplateKind;
  readonly yaml?: boolean;
}

type Rendered = Readonly<Record<string, unknown>>;

/** Prints the Kubernetes objects of the tests that a file defines; with any mistake all of them, and exits 2. */
export async function renderCommand(path: string, flags: RenderFlags, terminal: Terminal): Promise<number> {
  const read = await readObjects(path, flags);
  if (read.ok) {
    terminal.out(flags.yaml ? await yamlText(read.value) : jsonOf(read.value));
    return 0;
  }
  for (const text of read.mistakes) terminal.err(`${oneLine(text)}\n`);
  const count = read.mistakes.length;
  terminal.err(`${oneLine(path)} has ${count} mistake${count === 1 ? '' : 's'}.\n`);
  return 2;
}

type Read =
  | { readonly ok: true; readonly value: readonly Rendered[] }
  | { readonly ok: false; readonly mistakes: readonly string[] };

async function readObjects(path: string, { kind }: RenderFlags): Promise<Read> {
  const suffix = extname(path);
  if (['.yaml', '.yml', '.json'].includes(suffix)) {
    const read = readChecked(path, (value) => renderAll(value, kind));
    return read.ok ? read : { ok: false, mistakes: read.problems.map(({ text }) => text) };
  }
  const isJsonnet = ['.jsonnet', '.libsonnet'].includes(suffix);
  if (!isJsonnet && !['.ts', '.mts', '.js', '.mjs'].includes(suffix)) {
    throw new UsageError(
      `Cannot render ${path}: wanted a file that ends in .yaml, .json, .ts, .js or .jsonnet`,
    );
  }
  const made = renderAll(isJsonnet ? await evaluateJsonnet(path) : evaluateModule(path), kind);
  return made.ok ? made : { ok: false, mistakes: made.problems.map((one) => `${path}: ${problemText(one)}`) };
}

/** One test, or a list of them; what is a Kubernetes object already stays as it is. */
function renderAll(value: unknown, kind: TemplateKind | undefined): Checked<readonly Rendered[]> {
  const isList = Array.isArray(value);
  const results = (isList ? value : [value]).map((one) => renderOne(one, kind));
  const problems = results.flatMap((result, index): Problem[] => {
    if (result.ok) return [];
    const within = (path: string) => [...(isList ? [String(index)] : []), ...(path === '' ? [] : [path])];
    return result.problems.map(({ path, message }) => ({ path: within(path).join('.'), message }));
  });
  if (results.length === 0) problems.push({ path: '', message: 'is an empty list; wanted a test' });
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: results.flatMap((result) => (result.ok ? [result.value] : [])) };
}

function renderOne(value: unknown, kind: TemplateKind | undefined): Checked<Rendered> {
  if (isObject(value) && 'apiVersion' in value && 'kind' in value) return { ok: true, value };
  const isScheduled = isObject(value) && value.schedule !== undefined;
  return renderTemplate(value, kind ?? (isScheduled ? 'cronJob' : 'oneshotJob'));
}

function jsonOf(objects: readonly Rendered[]): string {
  const [only, ...more] = objects;
  const value = more.length === 0 ? only : { apiVersion: 'v1', kind: 'List', items: objects };
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Texts that some YAML takes for something else are quoted: kubectl reads 1.1, where `on` is no text. */
async function yamlText(objects: readonly Rendered[]): Promise<string> {
  // Of a CommonJS package a bundle has the whole and no single names.
  const { stringify } = (await import('yaml')).default;
  const options = { compat: 'yaml-1.1', lineWidth: 0, aliasDuplicateObjects: false } as const;
  return objects.map((object) => stringify(object, options)).join('---\n');
}
