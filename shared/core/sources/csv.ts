import { summarize } from '../aggregate.ts';
import type { SourceSettings } from '../schema/source.ts';
import { neumaierSum } from '../statistics/sum.ts';
import { type CsvTable, columnAt, csvTable } from './csv-table.ts';
import { MOST_POINTS, TOO_MANY_POINTS } from './limits.ts';
import { decodeLocust } from './locust.ts';
import { type Notes, notes } from './notes.ts';
import { type DecimalMark, writtenNumber } from './numbers.ts';
import type { SourcePoint, SourceResult, SourceValue } from './reading.ts';

type Settings = SourceSettings<'csv'>;

/**
 * Reads a table: every number of a column is a point of the series of that name, in the order of the rows; with
 * `aggregate` the values `<name>_<aggregate>` instead. Cells that say there is nothing (empty, `NA`, `N/A`, `null`, `None`,
 * `-`) are none; others that are no number are left out with a note. A column that is missing is a note as long as another one is
 * there, since its metric is then missing; a column of `where` that is missing is a problem.
 */
export function decodeCsv(bytes: Uint8Array, settings: Settings): SourceResult {
  const told = notes();
  const table = csvTable(bytes, { delimiter: settings.delimiter ?? ',', told });
  if ('problem' in table) return table;
  if (settings.preset === 'locust') return decodeLocust(table, told);
  const wanted = settings.columns ?? {};
  const names = Array.isArray(wanted) ? wanted.map((column) => [column, column]) : Object.entries(wanted);
  const filter = filterOf(table, settings.where ?? {});
  if ('problem' in filter) return filter;
  const series: Series[] = [];
  let missing: string | null = null;
  for (const [column, name] of names) {
    const at = columnAt(table.columns, column!);
    if (typeof at === 'number') series.push({ name: name!, column: column!, at, values: [], rows: [] });
    else {
      missing ??= at.problem;
      told.add('columns that are missing', at.problem);
    }
  }
  if (series.length === 0 && missing !== null) return { problem: missing };
  const isWhole = fill(series, { table, filter: filter.keeps, mark: settings.decimal ?? '.', told });
  if (!isWhole) return { problem: TOO_MANY_POINTS };
  const { aggregate } = settings;
  return {
    values: aggregate === undefined ? [] : series.flatMap((one) => aggregated(one, aggregate)),
    points: aggregate === undefined ? series.flatMap(pointsOf) : [],
    notes: [...table.notes, ...told.all()],
  };
}

interface Series {
  readonly name: string;
  readonly column: string;
  readonly at: number;
  readonly values: number[];
  /** The row of each, from 0. */
  readonly rows: number[];
}

type Cells = readonly (string | undefined)[];

function filterOf(
  { columns }: CsvTable,
  where: Readonly<Record<string, string>>,
): { readonly keeps: (cells: Cells) => boolean } | { readonly problem: string } {
  const demands: { readonly at: number; readonly text: string }[] = [];
  for (const [column, text] of Object.entries(where)) {
    const at = columnAt(columns, column);
    if (typeof at !== 'number') return at;
    demands.push({ at, text: text.trim() });
  }
  return { keeps: (cells) => demands.every(({ at, text }) => cells[at]?.trim() === text) };
}

/** What tables write where there is nothing. */
const NOTHING = new Set(['', 'na', 'n/a', 'null', 'none', '-']);

interface Filling {
  readonly table: CsvTable;
  readonly filter: (cells: Cells) => boolean;
  readonly mark: DecimalMark;
  readonly told: Notes;
}

/** False when there is too much. */
function fill(series: readonly Series[], { table, filter, mark, told }: Filling): boolean {
  let kept = 0;
  let count = 0;
  for (const { cells, line } of table.rows()) {
    if (!filter(cells)) continue;
    const row = kept++;
    for (const { at, column, values, rows } of series) {
      const text = cells[at]?.trim() ?? '';
      if (NOTHING.has(text.toLowerCase())) continue;
      const value = writtenNumber(text, mark);
      if (value !== null) {
        values.push(value);
        rows.push(row);
        if (++count > MOST_POINTS) return false;
      } else told.add('cells that are left out', noNumber({ text, mark, line, column }));
    }
  }
  if (kept === 0) told.add('tables without rows', 'no row is as wanted');
  return true;
}

interface Cell {
  readonly text: string;
  readonly mark: DecimalMark;
  readonly line: number;
  readonly column: string;
}

function noNumber({ text, mark, line, column }: Cell): string {
  const other = mark === '.' ? ',' : '.';
  const hint = writtenNumber(text, other) === null ? '' : `; is its decimal mark "${other}"?`;
  const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
  return `line ${line}: column ${JSON.stringify(column)} is ${shown}, no number${hint}`;
}

function pointsOf({ name, values, rows }: Series): SourcePoint[] {
  return values.map((value, at) => ({ name, step: rows[at]!, wallTime: Number.NaN, value }));
}

/** The columns of numbers as values; none where an aggregate has nothing to go by. */
function aggregated({ name, values }: Series, wanted: NonNullable<Settings['aggregate']>): SourceValue[] {
  const columns = Float64Array.from(values);
  const summary = summarize(columns, columns, columns);
  const finite = columns.filter(Number.isFinite);
  const of: Record<(typeof wanted)[number], number | null> = {
    final: summary.final?.value ?? null,
    first: summary.first?.value ?? null,
    min: summary.min,
    max: summary.max,
    mean: summary.mean,
    average: summary.mean,
    median: summary.median,
    count: summary.count,
    sum: finite.length === 0 ? null : neumaierSum(finite),
  };
  return wanted.flatMap((aggregate) => {
    const value = of[aggregate];
    return value === null ? [] : [{ name: `${name}_${aggregate}`, value }];
  });
}
