import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/** Where the compiler may leave all it makes, and where what is published goes. */
export interface DeclarationPlaces {
  readonly root: string;
  readonly work: string;
  readonly to: string;
}

const OPTIONS = [
  ...[
    '--declaration',
    '--emitDeclarationOnly',
    '--rootDir',
    '.',
    '--strict',
    '--skipLibCheck',
    '--ignoreConfig',
  ],
  ...['--target', 'esnext', '--module', 'nodenext', '--lib', 'esnext', '--types', 'node'],
  ...['--allowImportingTsExtensions', '--exactOptionalPropertyTypes'],
];

/** The type declarations of a module and of all that these name, under the paths of their sources. */
export function declarations(entry: string, { root, work, to }: DeclarationPlaces): void {
  const made = join(work, 'declarations');
  const tsc = join(root, 'node_modules/.bin/tsc');
  const { status, stdout } = spawnSync(tsc, [...OPTIONS, '--outDir', made, `${entry}.ts`], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`Cannot make the type declarations of ${entry}.ts:\n${stdout}`);
  const waiting = [`${entry}.d.ts`];
  for (const path of waiting) {
    const { text, names } = withPublishedNames(readFileSync(join(made, path), 'utf8'));
    mkdirSync(dirname(join(to, path)), { recursive: true });
    writeFileSync(join(to, path), text);
    const found = names.map((name) => posix.join(posix.dirname(path), name));
    waiting.push(...found.filter((one) => !waiting.includes(one)));
  }
}

/** A declaration names the source it was made from; published is what stands for it, `x.js` with `x.d.ts` beside it. */
function withPublishedNames(text: string): { text: string; names: string[] } {
  const names: string[] = [];
  const published = text.replace(/(from |import\()'(\.[^']*)\.ts'/g, (_all, before: string, name: string) => {
    names.push(`${name}.d.ts`);
    return `${before}'${name}.js'`;
  });
  return { text: published, names };
}
