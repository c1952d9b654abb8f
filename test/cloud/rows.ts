import { openHistory } from '../../functions/adapters.ts';
import { TIDEMARK_ITSELF } from '../../shared/core/episodes/tidemark-itself.ts';
import { compareText } from '../../shared/core/text-order.ts';
import type { Cell, TableName } from '../../shared/ports/tables.ts';

/** When a row was written is no part of what it says. */
const WHEN: ReadonlySet<string> = new Set(['ingested_at', 'created_at']);

export interface RowsOptions {
  /** The settings of whoever wrote the history, as environment variables. */
  readonly env: Readonly<Record<string, string>>;
  readonly tables: readonly TableName[];
  /** Columns to leave out, by table. */
  readonly without?: Readonly<Partial<Record<TableName, readonly string[]>>>;
}

type Row = Readonly<Record<string, unknown>>;

/** Rows of whole tables as they stand in a history, in an order that depends on nothing else. */
export async function rowsIn(
  history: string,
  { env, tables, without = {} }: RowsOptions,
): Promise<Record<string, readonly Row[]>> {
  const store = await openHistory(history, { create: false, env });
  const found: Record<string, readonly Row[]> = {};
  try {
    for (const table of tables) {
      const left = new Set([...WHEN, ...(without[table] ?? [])]);
      const rows: Row[] = [];
      for await (const page of store.rowsOf(table)) rows.push(...page.map((row) => plain(row, left)));
      found[table] = rows
        .map((row) => ({ row, text: JSON.stringify(row) }))
        .sort((a, b) => compareText(a.text, b.text))
        .map(({ row }) => row);
    }
  } finally {
    await store.close();
  }
  return found;
}

type Tables = Awaited<ReturnType<typeof rowsIn>>;

/** Rows about tests, and those about Tidemark itself: only the machine that had trouble has some. */
export function apart(tables: Tables): { readonly tests: Tables; readonly own: Tables } {
  const only = (own: boolean) =>
    Object.fromEntries(
      Object.entries(tables).map(([table, rows]) => [
        table,
        rows.filter(({ test_name }) => (test_name === TIDEMARK_ITSELF) === own),
      ]),
    );
  return { tests: only(false), own: only(true) };
}

/** Whether a mail is about Tidemark itself. */
export function isOwnMail(raw: Buffer | string): boolean {
  return /^x-tidemark-test: Tidemark\r?$/im.test(raw.toString());
}

/** A store may give columns, and the keys of JSON, in another order. */
function plain(row: Readonly<Record<string, Cell>>, left: ReadonlySet<string>): Row {
  const kept = Object.keys(row)
    .filter((column) => !left.has(column))
    .sort()
    .map((column) => [column, plainCell(column, row[column]!)]);
  return Object.fromEntries(kept) as Row;
}

function plainCell(column: string, cell: Cell): unknown {
  if (cell instanceof Uint8Array) return Buffer.from(cell).toString('hex');
  if (column !== 'labels' || typeof cell !== 'string') return cell;
  const labels = JSON.parse(cell) as Readonly<Record<string, unknown>>;
  return Object.entries(labels).sort(([a], [b]) => compareText(a, b));
}

/** The Message-ID of each mail, sorted; one that came twice is there twice. */
export function messageIds(mails: readonly (Buffer | string)[]): string[] {
  return mails
    .map((raw) => {
      const [, id] = /^message-id:\s*(<[^>]+>)/im.exec(raw.toString()) ?? [];
      if (id === undefined) throw new Error('A mail came without a Message-ID');
      return id;
    })
    .sort();
}
