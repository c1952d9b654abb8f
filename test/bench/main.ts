// Measures whole processes of the bundled command line and prints one Markdown table. Sizes are arguments:
// `npm run bench -- --runs 1000 --points 60 --backfill 10000 --rows 1000000`, `--tiny`, `--only tick`. What needs
// stand-ins for Google Cloud is measured by `npm run bench -- cloud`, the rules of judging by `npm run bench -- judge`,
// the init container by `npm run bench -- publisher`, the watcher by `npm run bench -- watcher`, mails and their charts by
// `npm run bench -- mail`, comparing by `npm run bench -- compare`.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { askingFigures, helpFigures } from './asking.ts';
import type { Bench } from './bench.ts';
import { bundledCommandLine } from './bundle.ts';
import { backfillFigures, tickFigures } from './judging.ts';
import { benchSizes, type Name } from './options.ts';
import { type Figure, figureTable } from './table.ts';

interface Part {
  readonly names: readonly Name[];
  readonly figures: (bench: Bench) => Promise<Figure[]>;
}

const PARTS: readonly Part[] = [
  { names: ['tick'], figures: tickFigures },
  { names: ['backfill', 'replay'], figures: backfillFigures },
  { names: ['verdict', 'history', 'idle'], figures: askingFigures },
  { names: ['help'], figures: helpFigures },
];

async function main(argv: readonly string[]): Promise<void> {
  const sizes = benchSizes(argv);
  const top = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  try {
    const script = bundledCommandLine(join(top, 'dist'));
    const figures: Figure[] = [];
    for (const { names, figures: measured } of PARTS) {
      if (!names.some((name) => sizes.only.includes(name))) continue;
      const folder = join(top, names[0]!);
      mkdirSync(folder);
      figures.push(...(await measured({ script, folder, sizes, tell })));
      rmSync(folder, { recursive: true });
    }
    tell('cloud: skipped here, it needs stand-ins; "npm run bench -- cloud" and "npm run test:cloud" run it');
    tell(`Node ${process.versions.node}, ${availableParallelism()} cores`);
    process.stdout.write(`${figureTable(figures)}\n`);
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}

const [first, ...rest] = process.argv.slice(2);
if (first === 'cloud') await (await import('./cloud/main.ts')).cloudBench(rest);
else if (first === 'read') await (await import('./read/main.ts')).readBench(rest);
else if (first === 'publisher') await (await import('./publisher.ts')).publisherBench(rest);
else if (first === 'watcher') await (await import('./watcher.ts')).watcherBench(rest);
else if (first === 'mail') await (await import('./mail.ts')).mailBench(rest);
else if (first === 'gate') await (await import('./gate.ts')).gateBench(rest);
else if (first === 'storm') await (await import('./storm.ts')).stormBench(rest);
else if (first === 'compare') await (await import('./compare/main.ts')).compareBench(rest);
else if (first === 'alerts') (await import('./alerts/main.ts')).alertsMain(rest);
else if (first === 'judge') (await import('./judge/main.ts')).judgeMain(rest);
else {
  await main(process.argv.slice(2));
  // What CI runs must run all that can be run without more than Node.
  if (first === '--tiny' && rest.length === 0) {
    await (await import('./read/main.ts')).readBench(['--tiny']);
    await (await import('./publisher.ts')).publisherBench(['--tiny']);
    (await import('./alerts/main.ts')).alertsMain(['--tiny']);
    await (await import('./watcher.ts')).watcherBench(['--tiny']);
    await (await import('./mail.ts')).mailBench(['--tiny']);
    await (await import('./storm.ts')).stormBench(['--tiny']);
    await (await import('./gate.ts')).gateBench(['--tiny']);
    await (await import('./compare/main.ts')).compareBench(['--tiny']);
  }
}
