import { toJsonNumber } from '../../shared/core/json.ts';
import { summarizeColumns } from '../../shared/tfevents/summary.ts';
import { csvLine } from './csv.ts';
import type { ReadOutput, TextSink } from './read-output.ts';

const TITLES = [
  ...['run', 'tag', 'count', 'nan', 'posinf', 'neginf', 'removed'],
  ...['first_step', 'first_wall_time', 'first_value', 'final_step', 'final_wall_time', 'final_value'],
  ...['min', 'max', 'mean', 'median'],
];

/** One line a tag under a line of titles, with the numbers of `read --json`. */
export function csvOutput({ out }: TextSink): ReadOutput {
  out(csvLine(TITLES));
  return {
    add: ({ series }) => {
      for (const { run, tag, columns } of series) {
        const { count, nan, posinf, neginf, first, final, ...rest } = summarizeColumns(columns);
        const ends = [first, final].flatMap((point) => [point?.step, point?.wallTime, point?.value]);
        const { min, max, mean, median } = rest;
        const counts = [count, nan, posinf, neginf, columns.removed + columns.merged];
        const numbers = [...counts, ...ends, min, max, mean, median];
        out(csvLine([run, tag, ...numbers.map((one) => one && toJsonNumber(one))]));
      }
    },
    end: () => {},
  };
}
