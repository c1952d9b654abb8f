// `npm run bench -- compare [--rows 2000000] [--repeat 3] [--trials 1000] [--resamples 2000] [--seed 1]`: how often the
// intervals of `compare` hold the truth (`--only coverage`), and what comparing two versions in Postgres costs (`--only
// postgres`, which brings one up where the environment names none). `--tiny` is coverage alone, for continuous integration.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgres } from '../../../scripts/cloud/postgres.ts';
import { withStandIns } from '../cloud/stand-ins.ts';
import { readSizes } from '../sizes.ts';
import { figureTable } from '../table.ts';
import { coverageTable } from './coverage.ts';
import { twoVersionFigures } from './two-versions.ts';

const FULL = { rows: 2_000_000, repeat: 3, trials: 1000, resamples: 2000, seed: 1 };
const TINY = { rows: 3000, repeat: 1, trials: 3, resamples: 50, seed: 1 };

const tell = (line: string) => void process.stderr.write(`${line}\n`);

/** Prints one Markdown table a part; `argv` is what stands behind `compare`. */
export async function compareBench(argv: readonly string[]): Promise<void> {
  const { sizes, isTiny, only } = readSizes(argv, { full: FULL, tiny: TINY });
  const wanted = (part: string) => only?.includes(part) ?? !(isTiny && part === 'postgres');
  if (wanted('coverage')) process.stdout.write(`${coverageTable(sizes, tell)}\n\n`);
  if (!wanted('postgres')) return;
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  try {
    await withStandIns(
      async () => {
        const load = loadavg()[0]!.toFixed(1);
        process.stdout.write(`${figureTable(await twoVersionFigures(folder, sizes, tell))}\n\n`);
        process.stdout.write(
          `Node ${process.versions.node}, ${availableParallelism()} cores, load average ${load} before and ${loadavg()[0]!.toFixed(1)} after; Postgres and the command share the machine.\n`,
        );
      },
      { standIns: [postgres], needed: ['TIDEMARK_TEST_POSTGRES'] },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
