// `npm run bench -- cloud [--runs N] [--rows N] [--repeat N] [--starts N] [--tiny]`: the scheduled function on
// stand-ins of every service. Prints Markdown tables.
import { availableParallelism, loadavg } from 'node:os';
import { figureTable } from '../table.ts';
import { billText, sizesAt } from './bill.ts';
import { bundledFunction } from './function.ts';
import { readCloudSizes } from './options.ts';
import { requestText } from './requests.ts';
import { countedStage } from './stage.ts';
import { withStandIns } from './stand-ins.ts';
import { startFigures } from './start.ts';
import { type Passes, tickFigures, twoPasses } from './tick.ts';

const tell = (line: string) => void process.stderr.write(`${line}\n`);

/** Measures everything once and prints it; `argv` is what stands behind `cloud`. */
export async function cloudBench(argv: readonly string[]): Promise<void> {
  const sizes = readCloudSizes(argv);
  await withStandIns(async () => {
    const bundle = bundledFunction();
    try {
      const load = loadavg();
      const measured: Passes[] = [];
      let bill = '';
      for (let round = 0; round < sizes.repeat; round++) {
        const { passes, text } = await oneStage(bundle.module, sizes);
        measured.push(passes);
        bill = text;
      }
      const starts = await startFigures({ bundle: bundle.module, starts: sizes.starts, tell });
      const last = measured.at(-1)!;
      const parts = [
        figureTable([...tickFigures(measured, sizes.runs), ...starts]),
        requestText('The tick that finds everything', last.first),
        requestText('The tick that finds nothing new', last.second),
        bill,
        `Node ${process.versions.node}, ${availableParallelism()} cores, load average ${shown(load)} before and ${shown(loadavg())} after; function, stand-ins and what counts share the machine.`,
      ];
      process.stdout.write(`${parts.join('\n\n')}\n`);
    } finally {
      bundle.remove();
    }
  });
}

async function oneStage(module: string, sizes: { readonly runs: number; readonly rows: number }) {
  tell(`${sizes.runs} runs that are over and ${sizes.runs} that are not`);
  const stage = await countedStage(sizes.runs);
  try {
    const passes = await twoPasses(stage, module, sizes.runs);
    for (const { seconds, cpuSeconds, peakMB } of [passes.first, passes.second]) {
      tell(`tick: ${seconds.toFixed(2)} s, ${cpuSeconds.toFixed(2)} s of processor, ${peakMB.toFixed(0)} MB`);
    }
    const text = billText(passes, await sizesAt(sizes.rows, { url: stage.history, env: stage.env }));
    return { passes, text };
  } finally {
    await stage.close();
  }
}

function shown(load: readonly number[]): string {
  return load[0]!.toFixed(1);
}
