// Builds what is published: the command line as a split bundle behind a stub that any Node can read.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { build, type Metafile } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');

// Bundled CommonJS packages call `require` for Node's own modules; an ES module has none of its own.
const BANNER = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);`;

/**
 * Plain JavaScript of the time of Node 14 and nothing imported that an old Node lacks: it must parse there
 * to be able to say what is missing.
 */
const STUB = `#!/usr/bin/env node
import * as module from 'node:module';

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    'Tidemark needs Node 24 or newer; this is ' +
      process.version +
      '. Install Node 24, then run the same command again.\\n',
  );
  process.exitCode = 2;
} else {
  module.enableCompileCache();
  import('./main.js').catch(function (error) {
    process.stderr.write('Tidemark could not start: ' + (error && error.stack ? error.stack : error) + '\\n');
    process.exitCode = 70;
  });
}
`;

/** Bundles the command line into `folder`. Chunks lie flat beside it, so that all share one `import.meta.dirname`. */
async function bundle(folder: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { main: 'functions/cli/main.ts' },
    outdir: folder,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    bundle: true,
    splitting: true,
    chunkNames: '[name]-[hash]',
    minifySyntax: true,
    minifyWhitespace: true,
    // Stack traces and error names stay readable.
    keepNames: true,
    legalComments: 'none',
    banner: { js: BANNER },
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

/** The folders under node_modules whose code is in the bundle. */
function bundledPackages({ inputs }: Metafile): string[] {
  const folders = Object.keys(inputs).flatMap(
    (path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? [],
  );
  return [...new Set(folders)].sort();
}

/** The licences of the bundled packages, which their terms want beside their code. */
function licences(packages: readonly string[]): string {
  const notices = packages.map((folder) => {
    const { name, version, license }: Record<string, string> = JSON.parse(
      readFileSync(join(ROOT, folder, 'package.json'), 'utf8'),
    );
    const file = readdirSync(join(ROOT, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? '' : readFileSync(join(ROOT, folder, file), 'utf8').trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return notices.join(`\n${'-'.repeat(80)}\n\n`);
}

/** Puts `fresh` in the place of `dist` in two renames: whoever reads meanwhile sees all old or all new. */
function swap(fresh: string, old: string): void {
  if (existsSync(DIST)) renameSync(DIST, old);
  renameSync(fresh, DIST);
  rmSync(old, { recursive: true, force: true });
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`.padStart(10);
}

const work = join(ROOT, 'node_modules/.cache', `tidemark-build-${process.pid}`);
const fresh = join(work, 'dist');
try {
  mkdirSync(fresh, { recursive: true });
  const packages = bundledPackages(await bundle(fresh));
  writeFileSync(join(fresh, 'cli.js'), STUB);
  chmodSync(join(fresh, 'cli.js'), 0o755);
  writeFileSync(join(fresh, 'THIRD-PARTY-LICENSES.txt'), licences(packages));
  swap(fresh, join(work, 'old'));
} finally {
  rmSync(work, { recursive: true, force: true });
}

const files = readdirSync(DIST).map((name) => ({ name, bytes: statSync(join(DIST, name)).size }));
for (const { name, bytes } of files) console.log(`${kilobytes(bytes)}  dist/${name}`);
console.log(`${kilobytes(files.reduce((sum, { bytes }) => sum + bytes, 0))}  in ${files.length} files`);
