import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { packageFolder } from '../package-folder.ts';

/** More than any file of definitions comes to. */
const MOST_BYTES = 64 * 1024 * 1024;
const RESULT = 3;

/** In a process of its own, so that what the module does or prints stays away from the answer. */
const LOADER = `
import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
const module = await import(pathToFileURL(process.argv[1]).href);
if (!('default' in module)) throw new Error('it has no default export');
const text = Buffer.from(JSON.stringify(module.default) ?? 'null');
for (let at = 0; at < text.length; ) at += writeSync(${RESULT}, text, at);
`;

/** The default export of a TypeScript or JavaScript module, as plain data. Throws UsageError. */
export function evaluateModule(path: string): unknown {
  demandFile(path);
  const words = ['--input-type=module', '--eval', LOADER, '--', resolve(path)];
  const { output, ...ended } = spawnSync(process.execPath, words, {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    maxBuffer: MOST_BYTES,
    encoding: 'utf8',
  });
  if (ended.status !== 0) {
    const reason = reasonOf(ended);
    throw new UsageError(`Cannot render ${path}: ${reason}${adviceFor(reason)}`);
  }
  return JSON.parse(output[RESULT] ?? 'null');
}

/** Two ways in which Node takes no module for one, though nothing in the file is wrong. */
function adviceFor(reason: string): string {
  if (reason.includes('ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING')) {
    return '; copy the file to a folder of your own';
  }
  return /Unexpected token 'export'|Cannot use import statement/.test(reason)
    ? '; the package.json beside it says that it is no module: name it .mts, or .mjs without types'
    : '';
}

/** What a jsonnet file comes to, by the jsonnet command of this machine; a text is read as YAML. */
export async function evaluateJsonnet(path: string): Promise<unknown> {
  demandFile(path);
  const library = join(packageFolder(), 'infra/jsonnet');
  const { stdout, error, ...ended } = spawnSync('jsonnet', ['-J', library, '--', path], {
    maxBuffer: MOST_BYTES,
    encoding: 'utf8',
  });
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') {
    throw new UsageError(
      `Cannot render ${path}: there is no jsonnet command on the PATH; install go-jsonnet, or write the definition as YAML, JSON or TypeScript`,
    );
  }
  if (ended.status !== 0) throw new UsageError(`Cannot render ${path}: ${reasonOf({ error, ...ended })}`);
  const value: unknown = JSON.parse(stdout);
  if (typeof value !== 'string') return value;
  const { parseAllDocuments } = (await import('yaml')).default;
  const documents = parseAllDocuments(value).map((document) => document.toJS() as unknown);
  return documents.length === 1 ? documents[0] : documents;
}

function demandFile(path: string): void {
  if (!existsSync(path)) throw new UsageError(`Cannot read ${path}: there is no such file`);
}

interface Ended extends Pick<SpawnSyncReturns<string>, 'status' | 'signal' | 'stderr'> {
  readonly error?: Error | undefined;
}

/** What a program said, without the stack of calls that led there. */
function reasonOf({ error, stderr, status, signal }: Ended): string {
  if (error !== undefined) return error.message;
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const named = lines.find((line) => /^\w*Error\b/.test(line));
  if (named !== undefined) return named;
  const said = lines.filter((line) => !/^\s/.test(line)).join('\n');
  return said.replace(/^RUNTIME ERROR: /, '') || `it ended with ${signal ?? `exit code ${status}`}`;
}
