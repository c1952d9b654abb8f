import { toJsonNumber } from '../../shared/core/json.ts';
import type { RunSeries } from '../../shared/tfevents/read.ts';
import { csvLine } from './csv.ts';
import type { ReadOutput, TextSink } from './read-output.ts';

/** Points a piece of output holds: a line at a time would cost a system call each, all at once the memory. */
const POINTS_PER_PIECE = 1024;

/** Every point a line, run by run as they are read: JSON objects, or CSV with a line of titles. */
export function pointsOutput({ out }: TextSink, { csv }: { readonly csv: boolean }): ReadOutput {
  if (csv) out(csvLine(['run', 'tag', 'step', 'wall_time', 'value']));
  const lineOf = csv ? csvPoints : jsonPoints;
  return {
    add: ({ series }) => {
      for (const one of series) {
        const { length } = one.columns;
        const line = lineOf(one);
        for (let from = 0; from < length; from += POINTS_PER_PIECE) out(piece(line, from, { length }));
      }
    },
    end: () => {},
  };
}

function piece(line: (at: number) => string, from: number, { length }: { length: number }): string {
  let text = '';
  for (let at = from; at < Math.min(length, from + POINTS_PER_PIECE); at++) text += line(at);
  return text;
}

function jsonPoints({ run, tag, columns }: RunSeries): (at: number) => string {
  const head = `{"run":${JSON.stringify(run)},"tag":${JSON.stringify(tag)},"step":`;
  const number = (value: number) => JSON.stringify(toJsonNumber(value));
  return (at) => {
    const { step, wallTime, value } = columns.pointAt(at);
    return `${head}${step},"wall_time":${number(wallTime)},"value":${number(value)}}\n`;
  };
}

function csvPoints({ run, tag, columns }: RunSeries): (at: number) => string {
  const head = csvLine([run, tag]).trimEnd();
  return (at) => {
    const { step, wallTime, value } = columns.pointAt(at);
    return `${head},${step},${wallTime},${value}\r\n`;
  };
}
