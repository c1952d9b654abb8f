import type { SourcePoint, SourceReading, SourceValue } from '../../core/sources/reading.ts';
import { PortError } from '../../ports/error.ts';

/** A column of an answer; `type` is its number in `pg_type`. */
export interface Column {
  readonly name: string;
  readonly type: number;
}

/** Cells as Postgres writes them, null where there is none. */
export type Row = readonly (string | null)[];

/** Takes rows as they come. */
export interface RowReader {
  /** Throws PortError `invalid`. */
  take(rows: readonly Row[]): void;
  /** Throws PortError `invalid`. */
  reading(): SourceReading;
}

/** int8, int2, int4, float4, float8, numeric. */
const NUMBERS: ReadonlySet<number> = new Set([20, 21, 23, 700, 701, 1700]);
const BOOLEAN = 16;
/** text, name, bpchar, varchar, and what the server calls unknown. */
const TEXTS: ReadonlySet<number> = new Set([25, 19, 1042, 1043, 705]);
/** timestamp, timestamptz. */
const TIMES: ReadonlySet<number> = new Set([1114, 1184]);

/**
 * What the columns of a query mean. `metric` and `value`: a number a row. All other columns are metrics of their own,
 * and then there is one row. With a column `step`, for the order of points, each row has a point instead of a value;
 * `time` beside it is when that was, a timestamp or Unix seconds. What a name means hangs on the columns alone, never on
 * how many rows there are. Throws PortError `invalid`.
 */
export function rowReader(columns: readonly Column[]): RowReader {
  const at = (name: string) => columns.findIndex((column) => column.name === name);
  const [metric, value, step, time] = [at('metric'), at('value'), at('step'), at('time')] as const;
  refuseDoubled(columns);
  const isLong = metric >= 0 && value >= 0;
  if (isLong && !TEXTS.has(columns[metric]!.type)) throw wanted(columns[metric]!, 'text');
  if (time >= 0 && step < 0) throw invalid('the column "time" goes only with a column "step"');
  const known = new Set([step, time, ...(isLong ? [metric, value] : [])]);
  const rest = columns.flatMap((_, index) => (known.has(index) ? [] : [index]));
  if (isLong && rest.length > 0) {
    const names = rest.map((index) => JSON.stringify(columns[index]!.name)).join(', ');
    throw invalid(`beside "metric" and "value" only "step" and "time" mean something; it has ${names}`);
  }
  const measured = isLong ? [value] : rest;
  for (const index of measured) requireNumber(columns[index]!);
  if (step >= 0) requireNumber(columns[step]!);
  if (time >= 0 && !TIMES.has(columns[time]!.type)) requireNumber(columns[time]!);
  return reader({ columns, metric: isLong ? metric : null, measured, step, time });
}

interface Layout {
  readonly columns: readonly Column[];
  /** Where the name of the metric is; null where columns are metrics. */
  readonly metric: number | null;
  readonly measured: readonly number[];
  /** Below 0: there is none. */
  readonly step: number;
  readonly time: number;
}

function reader({ columns, metric, measured, step, time }: Layout): RowReader {
  const values: SourceValue[] = [];
  const points: SourcePoint[] = [];
  const names = new Set<string>();
  const notes: string[] = [];
  let rows = 0;
  let empty = 0;
  const one = (row: Row, index: number) => {
    const name = metric === null ? columns[index]!.name : row[metric];
    const cell = row[index];
    if (name == null || cell == null) {
      empty += 1;
      return;
    }
    const number = numberOf(cell, columns[index]!);
    if (step < 0) {
      if (metric !== null && names.has(name))
        throw invalid(
          `${JSON.stringify(name.slice(0, 60))} comes more than once; a column "step" makes it a series`,
        );
      names.add(name);
      values.push({ name, value: number });
    } else
      points.push({
        name,
        step: stepOf(row[step], columns[step]!),
        wallTime: timeOf(row[time]),
        value: number,
      });
  };
  return {
    take(more) {
      for (const row of more) {
        rows += 1;
        if (metric === null && step < 0 && rows > 1)
          throw invalid(
            'it gives more than one row; aggregate them, or add a column "step" to make series of them',
          );
        for (const index of measured) one(row, index);
      }
    },
    reading() {
      if (rows === 0) notes.push('the query gave no row');
      if (empty > 0) notes.push(`${empty} ${empty === 1 ? 'number is' : 'numbers are'} NULL, so not there`);
      return { values, points, notes };
    },
  };
}

function refuseDoubled(columns: readonly Column[]): void {
  const names = columns.map(({ name }) => name);
  const doubled = names.find((name, index) => names.indexOf(name) !== index);
  if (doubled !== undefined) throw invalid(`two columns are called ${JSON.stringify(doubled)}`);
}

function requireNumber(column: Column): void {
  if (!NUMBERS.has(column.type) && column.type !== BOOLEAN) throw wanted(column, 'a number or boolean');
}

function wanted({ name }: Column, what: string): PortError {
  return invalid(`the column ${JSON.stringify(name)} is not ${what}; cast it in the query`);
}

function numberOf(cell: string, { name, type }: Column): number {
  if (type === BOOLEAN) return cell === 't' ? 1 : 0;
  const number = Number(cell);
  // Only a numeric can be that large, or not be a number at all while its type is one.
  const isWord = /^(?:NaN|-?Infinity)$/.test(cell);
  if (!isWord && !Number.isFinite(number))
    throw invalid(`${JSON.stringify(cell.slice(0, 40))} in the column ${JSON.stringify(name)} is too large`);
  return number;
}

function stepOf(cell: string | null | undefined, column: Column): number {
  const step = cell == null ? Number.NaN : numberOf(cell, column);
  if (Number.isFinite(step)) return step;
  throw invalid('a row has no "step"');
}

/** Unix seconds, or a timestamp as Postgres writes it for the zone UTC; NaN for none. */
function timeOf(cell: string | null | undefined): number {
  if (cell == null) return Number.NaN;
  const [, day, clock] = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d+)?)(?:\+00)?$/.exec(cell) ?? [];
  return day === undefined ? Number(cell) : Date.parse(`${day}T${clock}Z`) / 1000;
}

function invalid(why: string): PortError {
  return new PortError('invalid', why);
}
