import { type CsvTable, columnAt } from './csv-table.ts';
import { MOST_NAMES, TOO_MANY_NAMES } from './limits.ts';
import { joinedName } from './names.ts';
import type { Notes } from './notes.ts';
import { plainNumber } from './numbers.ts';
import type { SourceResult, SourceValue } from './reading.ts';

/** The columns of Locust since 1.0, and of the versions before it, in lower case. */
const MEASURES = new Map([
  ['request count', 'requests'],
  ['# requests', 'requests'],
  ['failure count', 'failures'],
  ['# failures', 'failures'],
  ['requests/s', 'requests_per_second'],
  ['median response time', 'median'],
  ['average response time', 'average'],
  ['min response time', 'min'],
  ['max response time', 'max'],
  ['average content size', 'content_size'],
]);
/** What is true of no request at all, too. */
const ALWAYS = new Set(['requests', 'failures', 'requests_per_second']);
/** 0.14 wrote `99.999` without its sign. */
const PERCENTILE = /^(\d{1,3}(?:\.\d{1,6})?)%?$/;

/**
 * Reads `<prefix>_stats.csv` of Locust: `<Name>/p95` and the like in milliseconds, of all requests together `total/…`,
 * and `failed`, the share of requests that failed. Where two methods have one name, `<Type> <Name>/…`. Of what was never
 * requested there are no times: Locust writes 0, which would be the best of all.
 */
export function decodeLocust(table: CsvTable, told: Notes): SourceResult {
  const [type, name] = [columnAt(table.columns, 'Type'), columnAt(table.columns, 'Name')];
  const measures = table.columns.map(measureOf);
  if (typeof type !== 'number') return type;
  if (typeof name !== 'number') return name;
  if (!measures.includes('requests'))
    return { problem: 'has no column "Request Count"; wanted the <prefix>_stats.csv of Locust' };
  const rows: Row[] = [];
  for (const { cells, line } of table.rows()) {
    const [kind, title] = [cells[type]?.trim() ?? '', cells[name]?.trim() ?? ''];
    const isTotal = (kind === '' || kind === 'None') && /^(?:Aggregated|Total)$/.test(title);
    if (rows.length * measures.length > MOST_NAMES) return { problem: TOO_MANY_NAMES };
    rows.push({ kind, title, isTotal, values: valuesOf({ cells, line, measures, told }) });
  }
  if (rows.length === 0) return { problem: 'has a header and no row; was Locust stopped?' };
  return { values: named(rows, told), points: [], notes: [...table.notes, ...told.all()] };
}

interface Row {
  readonly kind: string;
  readonly title: string;
  readonly isTotal: boolean;
  readonly values: ReadonlyMap<string, number>;
}

function measureOf(column: string): string | null {
  const percentile = PERCENTILE.exec(column)?.[1];
  return percentile === undefined ? (MEASURES.get(column.toLowerCase()) ?? null) : `p${percentile}`;
}

interface Reading {
  readonly cells: readonly (string | undefined)[];
  readonly line: number;
  readonly measures: readonly (string | null)[];
  readonly told: Notes;
}

function valuesOf({ cells, line, measures, told }: Reading): Map<string, number> {
  const values = new Map<string, number>();
  for (const [at, measure] of measures.entries()) {
    const text = cells[at]?.trim() ?? '';
    if (measure === null || text === '' || text === 'N/A') continue;
    const value = plainNumber(text);
    if (value !== null) values.set(measure, value);
    else {
      const shown = JSON.stringify(text.slice(0, 40));
      told.add('cells that are left out', `line ${line}: ${measure} is ${shown}, which is no number`);
    }
  }
  const [requests, failures] = [values.get('requests') ?? 0, values.get('failures')];
  if (requests > 0 && failures !== undefined) values.set('failed', failures / requests);
  if (requests === 0)
    for (const measure of [...values.keys()]) if (!ALWAYS.has(measure)) values.delete(measure);
  return values;
}

function named(rows: readonly Row[], told: Notes): SourceValue[] {
  const titles = new Map<string, number>();
  for (const { title, isTotal } of rows) if (!isTotal) titles.set(title, (titles.get(title) ?? 0) + 1);
  const all = new Map<string, number>();
  for (const { kind, title, isTotal, values } of rows) {
    const own = titles.get(title) === 1 ? title : `${kind} ${title}`;
    for (const [measure, value] of values) {
      const name = joinedName([isTotal ? 'total' : own, measure], { by: '/', told });
      if (name === null) continue;
      if (all.has(name)) told.add('names that come again', `${name} comes more than once; the last counts`);
      all.set(name, value);
    }
  }
  return [...all].map(([name, value]) => ({ name, value }));
}
