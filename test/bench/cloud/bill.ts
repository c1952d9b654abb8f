import { openHistory } from '../../../functions/adapters.ts';
import { JOURNAL, TABLES, type Table } from '../../../shared/adapters/bigquery/tables.ts';
import type { TableName, TableRow } from '../../../shared/ports/tables.ts';
import { renderMarkdown } from '../markdown.ts';
import type { Tally } from './counting-proxy.ts';
import { JOB, nameOfStatement } from './kinds.ts';
import { billedBytes, type Months, type Sizes, sizeOfRows, type TableSize } from './paper.ts';
import type { Passes } from './tick.ts';

/** Two years of history, of which judging looks back on 400 days and a part of a month at either end. */
const MONTHS: Months = { all: 24, lookback: 15 };
/** List price of the US multi-region, dollars per TiB on demand, as of 2026-11. */
const DOLLARS_A_TIB = 6.25;
const TICKS_A_MONTH = 4 * 24 * 30;
const MIB = 2 ** 20;

/**
 * How large every table is when `metric_history` has `rows` rows: the rows that the measured tick wrote, so many
 * times over. Rows of runs that are still open stay as few as they are.
 */
export async function sizesAt(
  rows: number,
  history: { readonly url: string; readonly env: Readonly<Record<string, string>> },
): Promise<Sizes> {
  const store = await openHistory(history.url, { create: false, env: history.env });
  try {
    const held = new Map<string, readonly TableRow[]>();
    for (const { name } of TABLES) {
      const pages = store.rowsOf(name as TableName);
      held.set(name, (await Array.fromAsync(pages)).flat());
    }
    const times = rows / (held.get('metric_history')?.length ?? Number.NaN);
    const open = new Set(
      held.get('runs')!.flatMap(({ outcome, thread }) => (outcome === null ? [String(thread)] : [])),
    );
    const sizes = TABLES.map((table): [string, TableSize] => {
      const all = held.get(table.name)!;
      const lasting = all.filter(({ thread }) => !open.has(String(thread)));
      const count = all.length - lasting.length + Math.round(lasting.length * times);
      return [table.name, { rows: count, bytes: sizeOfRows(table, all) }];
    });
    return new Map([...sizes, [JOURNAL.name, { rows: 0, bytes: new Map() }]]);
  } finally {
    await store.close();
  }
}

/** The bill of both ticks, statement by statement, and how large the tables were taken to be. */
export function billText({ first, second }: Passes, sizes: Sizes): string {
  const lines = [
    ['the tick that finds everything', first.bigquery] as const,
    ['the tick that finds nothing new', second.bigquery] as const,
  ].map(([title, tallies]) => {
    const bytes = totalOf(tallies, sizes);
    const month = ((bytes * TICKS_A_MONTH) / 2 ** 40) * DOLLARS_A_TIB;
    return `${title}: ${shown(bytes)} MiB billed, $${((bytes / 2 ** 40) * DOLLARS_A_TIB).toFixed(4)}; every 15 minutes for 30 days: $${month.toFixed(2)}`;
  });
  return [
    `Worked out on paper, not measured: bytes that BigQuery would bill at ${rowsOf(sizes, 'metric_history')} rows of metric_history over ${MONTHS.all} months, from each statement as it was sent, the columns it names, its partitions, and the mean size of the rows that the measured tick wrote. At least 10 MiB for each table of a statement; clusters are counted as no help. $${DOLLARS_A_TIB} a TiB (list price on demand, US, 2026-11), the first TiB of a month free.`,
    ...lines,
    '',
    tableOfSizes(sizes),
    '',
    tableOfStatements({ first, second }, sizes),
  ].join('\n');
}

function totalOf(tallies: ReadonlyMap<string, Tally>, sizes: Sizes): number {
  return statements(tallies).reduce(
    (sum, { sql, count }) => sum + count * billedBytes(sql, sizes, MONTHS),
    0,
  );
}

function statements(tallies: ReadonlyMap<string, Tally>) {
  return [...tallies].flatMap(([kind, { count, ms }]) =>
    kind.startsWith(JOB) ? [{ sql: kind.slice(JOB.length), count, ms }] : [],
  );
}

function tableOfSizes(sizes: Sizes): string {
  const filled = TABLES.filter(({ name }) => rowsOf(sizes, name) > 0);
  return renderMarkdown(
    [
      { title: 'Table' },
      { title: 'Rows', align: 'right' },
      { title: 'Bytes a row', align: 'right' },
      { title: 'MiB', align: 'right' },
    ],
    filled.map((table) => {
      const bytes = rowBytes(table, sizes);
      return [
        table.name,
        String(rowsOf(sizes, table.name)),
        bytes.toFixed(0),
        shown(bytes * rowsOf(sizes, table.name)),
      ];
    }),
  );
}

function rowBytes({ name }: Table, sizes: Sizes): number {
  return [...(sizes.get(name)?.bytes.values() ?? [])].reduce((sum, one) => sum + one, 0);
}

function rowsOf(sizes: Sizes, name: string): number {
  return sizes.get(name)?.rows ?? 0;
}

function tableOfStatements(passes: Passes, sizes: Sizes): string {
  const [first, second] = [passes.first, passes.second].map(({ bigquery }) => byName(bigquery, sizes));
  const names = [...new Set([...first!.keys(), ...second!.keys()])];
  const cells = (of: ReturnType<typeof byName>, name: string) => {
    const { count, bytes } = of.get(name) ?? { count: 0, bytes: 0 };
    return [String(count), shown(bytes)];
  };
  const total = (name: string) => (first!.get(name)?.bytes ?? 0) + (second!.get(name)?.bytes ?? 0);
  return renderMarkdown(
    [
      { title: 'Statement' },
      { title: 'Times', align: 'right' },
      { title: 'MiB', align: 'right' },
      { title: 'Times, nothing new', align: 'right' },
      { title: 'MiB, nothing new', align: 'right' },
    ],
    names
      .sort((a, b) => total(b) - total(a))
      .map((name) => [name, ...cells(first!, name), ...cells(second!, name)]),
  );
}

/** Statements under the same name, together. */
function byName(tallies: ReadonlyMap<string, Tally>, sizes: Sizes) {
  const named = Map.groupBy(statements(tallies), ({ sql }) => nameOfStatement(sql));
  return new Map(
    [...named].map(([name, of]) => {
      const bytes = of.reduce((sum, { sql, count }) => sum + count * billedBytes(sql, sizes, MONTHS), 0);
      return [name, { count: of.reduce((sum, { count }) => sum + count, 0), bytes }] as const;
    }),
  );
}

function shown(bytes: number): string {
  return (bytes / MIB).toFixed(bytes < 10 * MIB ? 1 : 0);
}
