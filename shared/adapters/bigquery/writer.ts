import { randomUUID } from 'node:crypto';
import { type RowChange, TABLE_NAMES, type TableChanges, type TableName } from '../../ports/tables.ts';
import type { Jobs } from './jobs.ts';
import { JOURNALED } from './statements/opening.ts';
import { applyBatch, type BatchPart, mergeChanges, type Spans, WRITE_JOURNAL } from './statements/writing.ts';
import { type Column, JOURNAL, tableOf } from './tables.ts';

/** Requests end at 10 MB; what stands around the rows is small. */
const MOST_BYTES = 9_000_000;
/** Above this a file to load is cheaper than parameters: it is free, and read once. */
const MOST_ROWS = 20_000;

/** Puts changes into BigQuery: all of them or none, and again without harm. */
export interface Writer {
  write(changes: TableChanges): Promise<void>;
  /** Finishes what a process that died has written to the journal and not applied. */
  recover(): Promise<void>;
}

/** A row of the journal before it has its place. */
interface Line {
  readonly tableName: string;
  readonly change: string;
}

export interface WriterLimits {
  readonly bytes?: number;
  readonly rows?: number;
}

export function writerOf(jobs: Jobs, { bytes = MOST_BYTES, rows = MOST_ROWS }: WriterLimits = {}): Writer {
  const apply = (batch: string, parts: Parts) =>
    jobs.run(
      applyBatch(
        batch,
        TABLE_NAMES.filter((name) => Object.hasOwn(parts, name)).map((name): BatchPart => {
          return { table: tableOf(name), spans: parts[name] ?? null };
        }),
      ),
    );
  return {
    async write(changes) {
      const lines = linesOf(changes);
      if (lines.length === 0) return;
      const [[only]] = [[...changes.keys()]];
      if (changes.size === 1 && lines.length <= rows && sizeOf(lines) <= bytes) {
        const table = tableOf(only!);
        const values = { changes: lines.map(({ change }) => change) };
        return jobs.run(mergeChanges(table, spansOf(changes.get(only!)!)), values);
      }
      const parts = partsOf(changes);
      const batch = newBatch();
      // One job writes the journal, so it is there as a whole or not at all; its last row says what to apply it to.
      const whole = [...lines, { tableName: '', change: JSON.stringify(parts) }];
      if (lines.length > rows || sizeOf(whole) > bytes) {
        await jobs.load(JOURNAL.name, journalLines(batch, whole));
      } else {
        const numbered = whole.map(({ tableName, change }, n) => ({ n, table_name: tableName, change }));
        await jobs.run(WRITE_JOURNAL, { batch, rows: numbered });
      }
      await apply(batch, parts);
    },

    async recover() {
      for (const { batch, change } of await jobs.rows(JOURNALED)) {
        await apply(String(batch), JSON.parse(String(change)) as Parts);
      }
    },
  };
}

type Parts = Readonly<Partial<Record<TableName, Spans | null>>>;

/** Names sort by time, so that batches are applied in the order in which they were written. */
function newBatch(): string {
  return `${String(Date.now()).padStart(15, '0')}-${randomUUID()}`;
}

function partsOf(changes: TableChanges): Parts {
  return Object.fromEntries([...changes].map(([name, rows]) => [name, spansOf(rows)]));
}

/** More spans than this would only make the statement long: then one takes in all. */
const MOST_SPANS = 20;

/** When the rows stand or stood, months that follow each other as one; null where the table has no time. */
function spansOf(rows: readonly RowChange[]): Spans | null {
  const spans: [string, string][] = [];
  for (const [low, high] of rows
    .flatMap(({ between }) => (between === null ? [] : [between]))
    .sort(byStart)) {
    const last = spans.at(-1);
    if (last === undefined || monthOf(low) > monthOf(last[1]) + 1) spans.push([low, high]);
    else if (high > last[1]) last[1] = high;
  }
  if (spans.length === 0) return null;
  const highest = spans.reduce((most, [, high]) => (high > most ? high : most), '');
  return spans.length > MOST_SPANS ? [[spans[0]![0], highest]] : spans;
}

function byStart([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Months since year 0 of a time of fixed width: a table has a partition a month. */
function monthOf(time: string): number {
  return Number(time.slice(0, 4)) * 12 + Number(time.slice(5, 7));
}

function linesOf(changes: TableChanges): Line[] {
  return [...changes].flatMap(([tableName, rows]) => {
    const { key, columns } = tableOf(tableName);
    return rows.map((row) => ({ tableName, change: changeText(row, key, columns) }));
  });
}

/** The columns in order as texts, and whether the row is gone: then only its key is there. */
function changeText(change: RowChange, key: readonly string[], columns: readonly Column[]): string {
  const { row } = change;
  const cells = columns.map(({ name }) => {
    const at = key.indexOf(name);
    const value = row === null ? (change.key[at] ?? null) : (row[name] ?? null);
    if (value === null || typeof value === 'string') return value;
    return typeof value === 'number' ? String(value) : Buffer.from(value).toString('base64');
  });
  return JSON.stringify([...cells, String(row === null)]);
}

/** What a row takes in a request: a text in JSON once more. */
function lineBytes({ tableName, change }: Line): number {
  return Buffer.byteLength(JSON.stringify(change)) + tableName.length + 120;
}

function sizeOf(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + lineBytes(line), 0);
}

function journalLines(batch: string, lines: readonly Line[]): string[] {
  return lines.map(({ tableName, change }, n) => JSON.stringify({ batch, n, table_name: tableName, change }));
}
