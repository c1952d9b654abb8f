// Builds what is deployed as the scheduled function: one folder that needs nothing but the functions framework.
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { bundle, licences, NATIVE, ROOT, swap, tellSizes } from './bundling/bundle.ts';

const FRAMEWORK = '@google-cloud/functions-framework';
const TARGET = join(ROOT, 'build/function');

/** What the platform installs and starts. An empty `gcp-build` keeps it from building what is built already. */
function deployedPackage(): object {
  return {
    name: 'tidemark-tick',
    version: packageJson.version,
    private: true,
    type: 'module',
    main: 'index.js',
    engines: { node: '24' },
    scripts: { 'gcp-build': '' },
    // The framework's own command loads `index.js`, which must meet the same copy of it.
    dependencies: { [FRAMEWORK]: packageJson.devDependencies[FRAMEWORK] },
    // Draws the charts of mails, which go without them where it cannot be installed.
    optionalDependencies: { [NATIVE]: packageJson.optionalDependencies[NATIVE] },
  };
}

// The config of the function lies beside it, unless TIDEMARK_CONFIG names a mounted one.
const config = process.argv[2];
if (config !== undefined && !existsSync(config)) {
  console.error(`Cannot build the function: there is no config ${config}`);
  process.exit(2);
}

const work = join(ROOT, 'node_modules/.cache', `tidemark-function-${process.pid}`);
const fresh = join(work, 'function');
try {
  mkdirSync(fresh, { recursive: true });
  const metafile = await bundle({ index: 'functions/main.ts' }, { folder: fresh, external: [FRAMEWORK] });
  writeFileSync(join(fresh, 'package.json'), `${JSON.stringify(deployedPackage(), null, 2)}\n`);
  writeFileSync(join(fresh, 'THIRD-PARTY-LICENSES.txt'), licences(metafile));
  cpSync(join(ROOT, 'assets'), join(fresh, 'assets'), { recursive: true });
  if (config !== undefined) cpSync(resolve(config), join(fresh, 'tidemark.yaml'));
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  swap(fresh, { target: TARGET, old: join(work, 'old') });
} finally {
  rmSync(work, { recursive: true, force: true });
}
tellSizes(TARGET, 'build/function');
