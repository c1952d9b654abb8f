// `npm run bench -- watcher [--jobs N] [--minutes N] [--minute-ms N] [--tiny]`: a watcher beside a simulated API server
// whose connections break every simulated minute; how often each end was told, and what the process held.
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildPublisher } from '../support/publisher-image.ts';
import { type SimulationReport, simulateWatcher } from '../support/watcher-simulation.ts';
import { type Figure, figureTable } from './table.ts';

/** Simulates and prints a Markdown table; throws where an end was missed or told twice. */
export async function watcherBench(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      jobs: { type: 'string', default: '10000' },
      minutes: { type: 'string', default: '60' },
      'minute-ms': { type: 'string', default: '1000' },
      tiny: { type: 'boolean', default: false },
    },
  });
  const [jobs, minutes, minuteMs] = values.tiny
    ? [120, 4, 600]
    : [values.jobs, values.minutes, values['minute-ms']].map(Number);
  const sizes = {
    jobs: jobs!,
    minutes: minutes!,
    minuteMs: minuteMs!,
    restartAt: [Math.floor(minutes! / 2)],
  };
  if (
    Object.values(sizes)
      .flat()
      .some((size) => !Number.isInteger(size) || size < 1)
  )
    throw new Error('Cannot read the sizes: --jobs, --minutes and --minute-ms are whole numbers above 0');
  // The heap that infra/kubernetes gives it.
  const command = [
    '--max-old-space-size=64',
    '--max-semi-space-size=4',
    join(buildPublisher(), 'watcher.js'),
  ];
  const begun = performance.now();
  const report = await simulateWatcher({ ...sizes, command });
  const seconds = (performance.now() - begun) / 1000;
  process.stderr.write(`load average ${loadavg().map((one) => one.toFixed(1))[0]}\n`);
  process.stdout.write(`${figureTable(figuresOf(report, seconds))}\n`);
  const { missing, wrong, repeated, contradicted } = report;
  const bad = { missing, wrong, repeated, contradicted };
  const counts = Object.entries(bad).filter(([, all]) => all.length > 0);
  if (counts.length > 0)
    throw new Error(`Not each was told once: ${JSON.stringify(Object.fromEntries(counts))}`);
}

function figuresOf(report: SimulationReport, seconds: number): Figure[] {
  const one = (name: string, unit: string, value: number): Figure => ({ name, unit, samples: [value] });
  const none = (name: string, value: number): Figure => one(name, 'ends', value);
  const megabytes = (process: number) =>
    report.resident
      .filter((each) => each.process === process && each.bytes > 0)
      .map(({ bytes }) => bytes / 1e6);
  return [
    one('ended', 'ends', report.ended),
    none('told by nobody', report.missing.length),
    none('told twice by one process', report.repeated.length),
    none('told with another outcome', report.wrong.length),
    none('told by two processes with other bytes under one id', report.contradicted.length),
    one('messages published, with those repeated after the restart', 'messages', report.published),
    one('times all connections broke', 'times', report.disconnects),
    one('watches refused with 410', 'times', report.expired),
    one('requests answered with 429 or 500', 'times', report.troubles),
    { name: 'resident memory before the restart', unit: 'MB', samples: megabytes(0) },
    { name: 'resident memory after it', unit: 'MB', samples: megabytes(1) },
    one('whole simulation', 's', seconds),
  ];
}
