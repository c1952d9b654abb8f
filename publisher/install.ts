import { chmodSync, copyFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Under this name the wrapper lies in the folder. */
export const INSTALLED_NAME = 'tidemark-run';

/**
 * Copies the wrapper into a folder that the job's container sees, too, and nothing else. Whole or not at all: a
 * container that is started again may be running the one that lies there. The folder is a mounted volume, so it is not
 * made. Throws the errors of the disk.
 */
export function install(wrapper: string, folder: string): string {
  const target = join(folder, INSTALLED_NAME);
  const draft = join(folder, `.${INSTALLED_NAME}.${process.pid}`);
  try {
    copyFileSync(wrapper, draft);
    chmodSync(draft, 0o755);
    renameSync(draft, target);
  } finally {
    rmSync(draft, { force: true });
  }
  return target;
}
