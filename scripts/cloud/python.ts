import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CacheItem } from './cache.ts';
import type { Workshop } from './stand-in.ts';
import { MissingToolError, needProgram } from './tools.ts';

const IDENTITY = `
import sys, ensurepip, venv
print(sys.version_info[0] * 100 + sys.version_info[1], sys.base_prefix, sys.version)`;

/** What of an environment is asked for: the file with its pins, and what to do once they are installed. */
export interface PythonWish {
  readonly name: string;
  readonly version: string;
  /** Runs in the new environment; its recipe is that of the caller's source. */
  readonly finish?: (folder: string) => Promise<void>;
  readonly recipe?: readonly string[];
}

/** The Python of an environment in that folder. Its other programs hold the path they were made at. */
export function pythonOf(folder: string): string {
  return join(folder, 'venv/bin/python');
}

/**
 * A virtual environment with the pins of `python/NAME.txt`, made once. Throws MissingToolError without a
 * Python that can make one.
 */
export async function keepPython(
  workshop: Workshop,
  wish: PythonWish,
): Promise<{ readonly folder: string; readonly how: string }> {
  const python = needProgram('python3', 'Python 3.11 or newer');
  const pins = join(import.meta.dirname, 'python', `${wish.name}.txt`);
  const item: CacheItem = {
    name: wish.name,
    version: wish.version,
    recipe: [identity(python), readFileSync(pins, 'utf8'), ...(wish.recipe ?? [])],
    async make(folder) {
      await workshop.run([python, '-m', 'venv', join(folder, 'venv')]);
      await workshop.run([pythonOf(folder), '-m', 'pip', 'install', '--quiet', '--no-deps', '-r', pins]);
      await wish.finish?.(folder);
    },
  };
  return workshop.keep(item);
}

/** An environment borrows from the Python it was made with: another one needs another environment. */
function identity(python: string): string {
  const { status, stdout } = spawnSync(python, ['-c', IDENTITY], { encoding: 'utf8' });
  if (status !== 0)
    throw new MissingToolError(`${python} lacks the modules venv and ensurepip: install them`);
  if (Number.parseInt(stdout, 10) < 311) {
    throw new MissingToolError(`${python} is older than Python 3.11: install a newer one`);
  }
  return stdout;
}
