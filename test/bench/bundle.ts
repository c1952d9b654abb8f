import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/repository.ts';

/** Builds the command line and copies it, so that nobody builds under a measurement. Answers with the script. */
export function bundledCommandLine(folder: string): string {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/build.ts')], {
    encoding: 'utf8',
    cwd: ROOT,
  });
  if (status !== 0) throw new Error(`Cannot build the command line: ${stderr}`);
  cpSync(join(ROOT, 'dist'), folder, { recursive: true });
  return join(folder, 'cli.js');
}
