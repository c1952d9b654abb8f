// `npm run bench -- alerts`: a simulated year of nightly runs, and what different ways to alert make of it.
// `--series 400 --runs 365 --seed 20261123`; `--tiny` for continuous integration.
import { type Column, renderMarkdown } from '../markdown.ts';
import { readSizes } from '../sizes.ts';
import { type Contender, dropScore, EVERY_BAD_RUN, episodes, falseFirings } from './score.ts';
import { simulatedYear } from './year.ts';

/** Sizes of drops, in standard deviations of the noise. */
const SIZES = [2, 3, 4, 6.7];

const CLASSIC = { success_threshold: { stddevs_from_mean: 3 }, wait_for_n_points_of_history: 10 };

const CONTENDERS: readonly Contender[] = [
  EVERY_BAD_RUN,
  episodes('`stddevs_from_mean: 3`', CLASSIC),
  episodes('`stddevs_from_mean: 3`, `confirm_n: 2`', { ...CLASSIC, confirm_n: 2 }),
  episodes('`stddevs_from_mean: 3`, `confirm_n: 3`', { ...CLASSIC, confirm_n: 3 }),
  episodes('**`auto`**', { success_threshold: { auto: {} } }),
];

const COLUMNS: readonly Column[] = [
  { title: 'Rule' },
  { title: 'Drop', align: 'right' },
  { title: 'False FIRING a series-year', align: 'right' },
  { title: 'Found', align: 'right' },
  { title: 'Median delay, runs', align: 'right' },
  { title: 'RECOVERED within 20 runs', align: 'right' },
  { title: 'Mails an incident', align: 'right' },
  { title: 'Others', align: 'right' },
  { title: 'Silent before its end', align: 'right' },
];

/** Sizes of the simulation. */
export interface AlertSizes {
  readonly series: number;
  readonly runs: number;
  readonly seed: number;
}

const FULL = { series: 400, runs: 365, seed: 20_261_123 };
export const TINY = { series: 4, runs: 300, seed: 20_261_123 };

/** Prints the table on standard output. */
export function alertsMain(argv: readonly string[]): void {
  process.stdout.write(`${alertsReport(sizesOf(argv), (line) => void process.stderr.write(`${line}\n`))}\n`);
}

function sizesOf(argv: readonly string[]): AlertSizes {
  return readSizes(argv, { full: FULL, tiny: TINY }).sizes;
}

/** The table, with the seed that gives it. */
export function alertsReport(sizes: AlertSizes, tell: (line: string) => void): string {
  const quiet = simulatedYear({ ...sizes, size: null });
  const years = SIZES.map((size, at) => ({
    size,
    series: simulatedYear({ ...sizes, size, seed: sizes.seed + at + 1 }),
  }));
  const rows = CONTENDERS.flatMap((contender) => {
    tell(contender.title);
    const wrong = falseFirings(contender, quiet);
    return years.map(({ size, series }, at) => {
      const { found, delay, recovered, mails, others, silent } = dropScore(contender, series);
      return [
        at === 0 ? contender.title : '',
        `${size} sd`,
        at === 0 ? wrong.toFixed(2) : '',
        percent(found),
        Number.isNaN(delay) ? '–' : String(delay),
        contender.isStateless ? '–' : percent(recovered),
        mails.toFixed(2),
        others.toFixed(2),
        percent(silent),
      ];
    });
  });
  const head = `${sizes.series} series of ${sizes.runs} runs each, seed ${sizes.seed}.`;
  return `${head}\n\n${renderMarkdown(COLUMNS, rows)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share > 0 && share < 0.01 ? 1 : 0)} %`;
}
