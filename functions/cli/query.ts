import { renderTable } from '../../shared/render/table.ts';
import { openHistory } from '../adapters.ts';
import type { GlobalFlags } from '../config.ts';
import { UsageError } from '../errors.ts';
import { csvLine, hex } from './csv.ts';
import type { Terminal } from './io.ts';
import { begin } from './open-ports.ts';
import { mostBytes, priceLine, requireCheap } from './query-price.ts';

export interface QueryFlags {
  readonly format?: string;
  /** The most that a statement may read where reading has a price. */
  readonly maxBytes?: string;
}

interface Answer {
  readonly columns: readonly string[];
  readonly rows: Iterable<readonly unknown[]>;
}

const FORMATS: Readonly<Record<string, (answer: Answer, terminal: Terminal) => void>> = {
  table: printTable,
  json: printJson,
  csv: printCsv,
};

/** Runs read-only SQL on the configured history; one that bills for reading is asked for the price first. */
export async function queryCommand(
  sql: string,
  flags: QueryFlags & GlobalFlags,
  terminal: Terminal,
): Promise<number> {
  const format = flags.format ?? 'table';
  const print = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (print === undefined) {
    throw new UsageError(`Cannot use --format "${format}": wanted ${Object.keys(FORMATS).join(', ')}`);
  }
  const most = mostBytes(flags.maxBytes);
  const { setup } = await begin(flags, terminal);
  const onPrice = ({ bytes }: { readonly bytes: number }) => {
    requireCheap(bytes, most);
    terminal.err(`${priceLine(bytes)}\n`);
  };
  const history = await openHistory(setup.history, { create: false, env: terminal.env, onPrice });
  try {
    print(await history.query(sql), terminal);
  } finally {
    await history.close();
  }
  return 0;
}

/** A table must be held whole to be laid out; beyond this the other formats serve better. */
const MOST_TABLE_ROWS = 10_000;

function printTable({ columns, rows }: Answer, { out, err, width, color }: Terminal): void {
  const shown: string[][] = [];
  let left = 0;
  for (const row of rows) {
    if (shown.length < MOST_TABLE_ROWS) shown.push(row.map(cell));
    else left += 1;
  }
  const layout = columns.map((title, index) => {
    const numeric = shown.every((row) => NUMBER.test(row[index]!));
    return { title, min: 6, align: numeric ? ('right' as const) : ('left' as const) };
  });
  out(
    `${renderTable(layout, shown, { width: process.stdout.isTTY ? width : Number.POSITIVE_INFINITY, color })}\n`,
  );
  const total = shown.length + left;
  err(`${total} row${total === 1 ? '' : 's'}${left > 0 ? `, ${left} not shown: use --format csv` : ''}\n`);
}

const NUMBER = /^(?:NULL|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

function cell(value: unknown): string {
  if (value === null) return 'NULL';
  return value instanceof Uint8Array ? hex(value) : String(value);
}

function printJson({ columns, rows }: Answer, { out }: Terminal): void {
  let before = '[';
  for (const row of rows) {
    const entries = columns.map((name, index) => [name, jsonValue(row[index])]);
    out(`${before}\n${JSON.stringify(Object.fromEntries(entries))}`);
    before = ',';
  }
  out(before === '[' ? '[]\n' : '\n]\n');
}

function jsonValue(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value instanceof Uint8Array ? hex(value) : value;
}

function printCsv({ columns, rows }: Answer, { out }: Terminal): void {
  out(csvLine(columns));
  for (const row of rows) out(csvLine(row));
}
