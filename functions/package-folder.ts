import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of the package, from the sources or from the bundle: the nearest one with a package.json. */
export function packageFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
