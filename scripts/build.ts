// Builds what is published: the command line as a split bundle behind a stub that any Node can read, and the reader
// of event files as a library with its types.
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle, bundleQuick, licences, ROOT, swap, tellSizes } from './bundling/bundle.ts';
import { declarations } from './bundling/declarations.ts';

const DIST = join(ROOT, 'dist');

/**
 * Starts `read` alone where it understands the words, and else the whole command line.
 *
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
  const words = process.argv.slice(2);
  const isTaken = words[0] === 'read' && module.createRequire(import.meta.url)('./read.cjs').quickRead(words);
  if (!isTaken) {
    import('./main.js').catch(function (error) {
      process.stderr.write('Tidemark could not start: ' + (error && error.stack ? error.stack : error) + '\\n');
      process.exitCode = 70;
    });
  }
}
`;

const work = join(ROOT, 'node_modules/.cache', `tidemark-build-${process.pid}`);
const fresh = join(work, 'dist');
try {
  mkdirSync(fresh, { recursive: true });
  const entries = { main: 'functions/cli/main.ts', tfevents: 'functions/tfevents.ts' };
  const metafile = await bundle(entries, { folder: fresh });
  await bundleQuick('functions/cli/quick-read.ts', join(fresh, 'read.cjs'));
  declarations('functions/tfevents', { root: ROOT, work, to: join(fresh, 'types') });
  writeFileSync(join(fresh, 'cli.js'), STUB);
  chmodSync(join(fresh, 'cli.js'), 0o755);
  writeFileSync(join(fresh, 'THIRD-PARTY-LICENSES.txt'), licences(metafile));
  swap(fresh, { target: DIST, old: join(work, 'old') });
} finally {
  rmSync(work, { recursive: true, force: true });
}
tellSizes(DIST, 'dist');
