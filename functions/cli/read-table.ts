import { sparkline } from '../../shared/render/sparkline.ts';
import { type Column, renderTable } from '../../shared/render/table.ts';
import type { Columns } from '../../shared/tfevents/columns.ts';
import type { RunSeries } from '../../shared/tfevents/read.ts';
import { summarizeColumns } from '../../shared/tfevents/summary.ts';
import type { ReadOutput, TextSink } from './read-output.ts';

const NUMBERS = ['points', 'first', 'last', 'min', 'max', 'mean', 'median'] as const;
/** Shown only where one of the tags has any. */
const RARE = ['not finite', 'removed'] as const;
const BARS = 24;
const LONGEST_SHOWN = 80;

/** A table for each run under its name. */
export function tableOutput({ out }: TextSink): ReadOutput {
  let between = '';
  return {
    add: ({ run, series }) => {
      if (series.length === 0) return;
      out(`${between}${visible(run)}\n${tableOf(series)}\n`);
      between = '\n';
    },
    end: () => {},
  };
}

function tableOf(series: readonly RunSeries[]): string {
  const rows = series.map(rowOf);
  const rare = RARE.filter((_, at) => rows.some((row) => row.rare[at] !== 0));
  const right = (title: string): Column => ({ title, align: 'right', min: 12 });
  const columns: Column[] = [
    { title: 'tag', min: 12 },
    ...NUMBERS.map(right),
    ...rare.map(right),
    { title: 'course' },
  ];
  const cells = rows.map(({ tag, numbers, course, rare: counts }) => [
    tag,
    ...numbers,
    ...rare.map((title) => String(counts[RARE.indexOf(title)] || '')),
    course,
  ]);
  return renderTable(columns, cells, { width: Number.POSITIVE_INFINITY, color: false });
}

function rowOf({ tag, columns }: RunSeries) {
  const { count, nan, posinf, neginf, first, final, min, max, mean, median } = summarizeColumns(columns);
  const figures = [first?.value ?? null, final?.value ?? null, min, max, mean, median];
  return {
    tag: cut(visible(tag)),
    numbers: [String(count), ...figures.map(figure)],
    rare: [nan + posinf + neginf, columns.removed + columns.merged],
    course: sparkline(courseOf(columns)),
  };
}

/** The values in order, or where there are many the means of equal parts of them. */
function courseOf(columns: Columns): (number | null)[] {
  const { length } = columns;
  const bars = Math.min(BARS, length);
  const sums = new Float64Array(bars);
  const counts = new Uint32Array(bars);
  let at = 0;
  for (const part of columns.valueParts()) {
    for (const value of part) {
      const bar = Math.floor((at++ * bars) / length);
      if (!Number.isFinite(value)) continue;
      // Divided first: the sum of huge values would overflow.
      sums[bar]! += (value * bars) / length;
      counts[bar]!++;
    }
  }
  return Array.from(sums, (sum, bar) => (counts[bar] === 0 ? null : (sum / counts[bar]!) * (length / bars)));
}

/** Seven digits tell float32 values apart. */
function figure(value: number | null): string {
  return value === null ? '–' : String(Number(value.toPrecision(7)));
}

function cut(text: string): string {
  const characters = [...text];
  return characters.length <= LONGEST_SHOWN ? text : `${characters.slice(0, LONGEST_SHOWN - 1).join('')}…`;
}

/** Controls, line breaks and marks that turn the direction of writing; a terminal would obey them. */
const UNSEEN = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]/gu;

/** Shows them as escapes, so that no tag can pass for another one; an empty tag as `""`. */
function visible(text: string): string {
  if (text.trim() === '') return JSON.stringify(text);
  return text.replace(UNSEEN, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
