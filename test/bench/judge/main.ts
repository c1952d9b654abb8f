import { FULL, judgeReport, TINY } from './report.ts';

/** `npm run bench -- judge`: the tables of judging on standard output. */
export function judgeMain(argv: readonly string[]): void {
  const sizes = argv.includes('--tiny') ? TINY : FULL;
  process.stdout.write(`${judgeReport(sizes, (line) => void process.stderr.write(`${line}\n`))}\n`);
}
