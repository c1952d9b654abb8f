import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { type Finished, run, shellEnvironment } from './command.ts';
import { ROOT } from './repository.ts';

const LINKED = ['shared', 'functions', 'node_modules', 'package.json', 'schemas'];
const MAIN = join(ROOT, 'functions/cli/main.ts');

/** A folder that looks like a fresh checkout to the commands of a page, with `tidemark` on the PATH. */
export interface Stage {
  readonly folder: string;
  shell(script: string, strict?: boolean): Promise<Finished>;
  /** Runs TypeScript whose relative imports start at the folder. */
  typescript(text: string): Promise<Finished>;
  tidemark(...words: readonly string[]): Promise<Finished>;
  remove(): void;
}

/**
 * Makes a stage in a temporary folder. Examples are copied, since pages write beside them; code is linked. `env`: what the
 * commands find in their environment besides.
 */
export function makeStage(env: NodeJS.ProcessEnv = {}): Stage {
  const top = mkdtempSync(join(tmpdir(), 'tidemark-docs-'));
  const folder = join(top, 'checkout');
  const bin = join(top, 'bin');
  mkdirSync(folder);
  mkdirSync(bin);
  const examples = join(ROOT, 'examples');
  const withoutState = (path: string) => !path.includes('.tidemark');
  if (existsSync(examples))
    cpSync(examples, join(folder, 'examples'), { recursive: true, filter: withoutState });
  for (const name of LINKED)
    if (existsSync(join(ROOT, name))) symlinkSync(join(ROOT, name), join(folder, name));
  const shim = join(bin, 'tidemark');
  writeFileSync(shim, `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  chmodSync(shim, 0o755);

  const options = { cwd: folder, env: { ...shellEnvironment(bin), HOME: top, ...env } };
  return {
    folder,
    shell: (script, strict = true) =>
      run(['bash', ...(strict ? ['-euo', 'pipefail'] : []), '-c', script], options),
    typescript: (text) =>
      run([process.execPath, '--input-type=module-typescript', '-'], {
        ...options,
        input: unpublished(text),
      }),
    tidemark: (...words) => run([process.execPath, MAIN, ...words], options),
    remove: () => rmSync(top, { recursive: true, force: true }),
  };
}

/** What the package exports stands for a source in a checkout that was not built. */
function unpublished(text: string): string {
  return text.replaceAll("'tidemark/tfevents'", "'./functions/tfevents.ts'");
}

/** What a shell text comes to on a stage, and the npm commands in it that only a real checkout can run. */
export interface Staged {
  readonly script: string;
  readonly left: readonly string[];
}

/** Replaces npm commands: those that start our command line by what they start, the others by nothing. */
export function stageNpm(text: string): Staged {
  const left: string[] = [];
  const lines = text.split('\n').map((line) => {
    if (!/^\s*npm\s/.test(line)) return line;
    const started = startedByNpm(line.trim());
    if (started === null) left.push(...line.split('&&').map((part) => part.replace(/\s#.*$/, '').trim()));
    return started ?? ':';
  });
  return { script: lines.join('\n'), left };
}

/** `npm start`, `npm run -s tidemark -- read x` → the command behind it; null for other scripts. */
function startedByNpm(command: string): string | null {
  const match = /^npm (?:run (?:-s |--silent )?)?([\w:-]+)(?: --(?: (.*))?)?$/.exec(
    command.replace(/\s+#.*$/, ''),
  );
  const scripts: Readonly<Record<string, string>> = packageJson.scripts;
  const script = scripts[match?.[1] ?? ''];
  return script?.startsWith('node functions/') ? `${script} ${match?.[2] ?? ''}`.trim() : null;
}
