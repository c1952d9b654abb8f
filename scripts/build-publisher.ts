// Builds what the image of the publisher and the watcher holds besides Node: one file each, and the wrapper for other
// images.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle, licences, ROOT, swap, tellSizes } from './bundling/bundle.ts';

const TARGET = join(ROOT, 'build/publisher');
const WRAPPER = 'tidemark-run.sh';

const work = join(ROOT, 'node_modules/.cache', `tidemark-publisher-${process.pid}`);
const fresh = join(work, 'publisher');
try {
  mkdirSync(fresh, { recursive: true });
  // One file each: in an image, every other one would be one more to look up in its layers.
  const entries = { main: 'publisher/main.ts', watcher: 'watcher/main.ts' };
  const metafile = await bundle(entries, { folder: fresh, splitting: false });
  // Tells Node that the file beside it is an ES module, without a search upwards.
  writeFileSync(join(fresh, 'package.json'), '{"type":"module"}\n');
  writeFileSync(join(fresh, 'THIRD-PARTY-LICENSES.txt'), licences(metafile));
  copyFileSync(join(ROOT, 'publisher', WRAPPER), join(fresh, WRAPPER));
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  swap(fresh, { target: TARGET, old: join(work, 'old') });
} finally {
  rmSync(work, { recursive: true, force: true });
}
tellSizes(TARGET, 'build/publisher');
