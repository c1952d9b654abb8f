import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, type Metafile } from 'esbuild';

export const ROOT = resolve(import.meta.dirname, '../..');

// Bundled CommonJS packages call `require` for Node's own modules and ask where they lie; an ES module has neither.
const BANNER = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __dirname = import.meta.dirname;
const __filename = import.meta.filename;`;

/** Has a native file for each platform, which cannot be bundled; without it mails have no charts. */
export const NATIVE = '@resvg/resvg-js';

interface BundleOptions {
  readonly folder: string;
  readonly external?: readonly string[];
  readonly splitting?: boolean;
}

/** What all bundles have in common. */
const SHAPE = {
  absWorkingDir: ROOT,
  platform: 'node',
  target: 'node24',
  bundle: true,
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
} as const;

/**
 * Bundles entries (name → file) into `folder`. Chunks lie flat beside them, so that all share one
 * `import.meta.dirname`; without `splitting` there are none, and what is loaded on demand still runs on demand.
 */
export async function bundle(
  entryPoints: Readonly<Record<string, string>>,
  { folder, external = [], splitting = true }: BundleOptions,
): Promise<Metafile> {
  const { metafile } = await build({
    ...SHAPE,
    entryPoints: { ...entryPoints },
    outdir: folder,
    external: [NATIVE, ...external],
    format: 'esm',
    splitting,
    chunkNames: '[name]-[hash]',
    // Stack traces and error names stay readable.
    keepNames: true,
    banner: { js: BANNER },
  });
  return metafile;
}

/**
 * Bundles an entry, and all that it may load later, into one CommonJS file: the form that Node loads in the least
 * time. It must use no foreign package.
 */
export async function bundleQuick(entry: string, to: string): Promise<void> {
  const { metafile } = await build({ ...SHAPE, entryPoints: [entry], outfile: to, format: 'cjs' });
  const foreign = bundledPackages(metafile);
  if (foreign.length > 0) throw new Error(`${entry} needs ${foreign.join(', ')}`);
}

/** The licences of the bundled packages, which their terms want beside their code. */
export function licences(metafile: Metafile): string {
  const notices = bundledPackages(metafile).map((folder) => {
    const { name, version, license }: Record<string, string> = JSON.parse(
      readFileSync(join(ROOT, folder, 'package.json'), 'utf8'),
    );
    const file = readdirSync(join(ROOT, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? '' : readFileSync(join(ROOT, folder, file), 'utf8').trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return notices.join(`\n${'-'.repeat(80)}\n\n`);
}

/** The folders under node_modules whose code is in the bundle. */
function bundledPackages({ inputs }: Metafile): string[] {
  const folders = Object.keys(inputs).flatMap(
    (path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? [],
  );
  return [...new Set(folders)].sort();
}

/** Puts `fresh` in the place of `target` in two renames: whoever reads meanwhile sees all old or all new. */
export function swap(
  fresh: string,
  { target, old }: { readonly target: string; readonly old: string },
): void {
  if (existsSync(target)) renameSync(target, old);
  renameSync(fresh, target);
  rmSync(old, { recursive: true, force: true });
}

/** Prints the files of a folder with their sizes. */
export function tellSizes(folder: string, name: string): void {
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name: file }) => ({ file, bytes: statSync(join(folder, file)).size }));
  for (const { file, bytes } of files) console.log(`${kilobytes(bytes)}  ${name}/${file}`);
  console.log(`${kilobytes(files.reduce((sum, { bytes }) => sum + bytes, 0))}  in ${files.length} files`);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`.padStart(10);
}
