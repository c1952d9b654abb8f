import {
  compareHistories,
  copyHistories,
  digestTable,
  type Stores,
  type TableComparison,
} from '../../shared/pipeline/copy-history.ts';
import { PortError } from '../../shared/ports/error.ts';
import type { History } from '../../shared/ports/history.ts';
import type { TableName, TableStore } from '../../shared/ports/tables.ts';
import { renderTable } from '../../shared/render/table.ts';
import { isEmbedded, openHistory } from '../adapters.ts';
import type { Environment, GlobalFlags } from '../config.ts';
import { UsageError } from '../errors.ts';
import { withLeases } from '../held-leases.ts';
import { type Terminal, terminalLog } from './io.ts';
import { begin } from './open-ports.ts';
import { progressBar } from './progress.ts';

export interface MigrateFlags {
  readonly dryRun?: boolean;
  readonly replace?: boolean;
  readonly json?: boolean;
}

/** The two histories, as URLs. */
interface Urls {
  readonly from: string;
  readonly to: string;
}

type Opened = History & TableStore;

/**
 * Copies all tables of one history into another that is empty or holds a part of the same rows. Killed and started
 * again it ends the same.
 */
export async function migrateCommand(
  urls: Urls,
  flags: MigrateFlags & GlobalFlags,
  terminal: Terminal,
): Promise<number> {
  if (urls.from === urls.to) throw new UsageError(`Cannot copy ${urls.from} to itself`);
  const { setup } = await begin(flags, terminal);
  const { env } = terminal;
  if (flags.dryRun) {
    // Nothing is written, so nobody has to be kept from writing.
    const compared = await withStores(urls, { env, create: false }, compareHistories);
    tell(compared, { urls, flags, digests: null }, terminal);
    refuse(compared, { urls, flags });
    return 0;
  }
  // A source is never made, nor is a lock for it.
  await (await openHistory(urls.from, { env, create: false })).close();
  const histories = [urls.from, urls.to];
  await withLeases({ setup, histories }, { env, log: terminalLog(terminal) }, (mayWrite) =>
    withStores(urls, { env, create: true }, async (stores) => {
      const compared = await compareHistories(stores);
      refuse(compared, { urls, flags });
      await copy(compared, { stores, mayWrite }, terminal);
      const digests = await verify(compared, { stores, urls }, terminal);
      tell(compared, { urls, flags, digests }, terminal);
    }),
  );
  return 0;
}

/** Opens both; without `create` a target that is not there is an empty one. */
async function withStores<T>(
  { from, to }: Urls,
  options: { readonly env: Environment; readonly create: boolean },
  work: (stores: Stores) => Promise<T>,
): Promise<T> {
  const opened: Opened[] = [];
  const open = async (url: string, create: boolean) => {
    const history = await openHistory(url, { ...options, create });
    opened.push(history);
    return history;
  };
  try {
    const source = await open(from, options.create);
    // The first question finishes what a tick that died had begun to write, as the next tick would.
    if (options.create && !isEmbedded(from)) await source.openRuns();
    const target = await open(to, options.create).catch((error: unknown) => {
      if (!options.create && error instanceof PortError && error.code === 'not-found') return null;
      throw error;
    });
    if (options.create && !isEmbedded(to)) await target?.openRuns();
    return await work({ from: source, to: target ?? EMPTY });
  } finally {
    for (const history of opened) await history.close();
  }
}

const EMPTY: TableStore = { rowsOf: async function* () {}, putRows: async () => {} };

/** A mixture of two histories would be neither: only rows of the source may be in the target. */
function refuse(
  compared: readonly TableComparison[],
  { urls, flags }: { readonly urls: Urls; readonly flags: MigrateFlags },
): void {
  const extra = compared.find((one) => one.extra > 0);
  if (extra !== undefined) {
    throw new UsageError(
      `Cannot copy into ${urls.to}: its ${extra.table} has ${rowCount(extra.extra)} that ${urls.from} does not have; nothing was copied. Name an empty target`,
    );
  }
  const different = compared.find((one) => one.different > 0);
  if (different === undefined || flags.replace) return;
  throw new UsageError(
    `Cannot copy into ${urls.to}: ${rowCount(different.different)} of its ${different.table} differ from those of ${urls.from} with the same key; nothing was copied. --replace writes over them`,
  );
}

interface Work {
  readonly stores: Stores;
  readonly mayWrite: () => void;
}

async function copy(
  compared: readonly TableComparison[],
  { stores, mayWrite }: Work,
  terminal: Terminal,
): Promise<void> {
  const total = compared.reduce((sum, { missing, different }) => sum + missing + different, 0);
  const progress = await progressBar('Copying rows', total, terminal);
  try {
    await copyHistories(compared, { ...stores, mayWrite, onRows: progress.advance });
  } finally {
    progress.stop();
  }
}

/** Reads both again, to the last row: what was written is compared, not what was sent. */
async function verify(
  compared: readonly TableComparison[],
  { stores, urls }: { readonly stores: Stores; readonly urls: Urls },
  terminal: Terminal,
): Promise<Map<TableName, string>> {
  const progress = await progressBar('Comparing tables', compared.length, terminal);
  const digests = new Map<TableName, string>();
  try {
    for (const { table } of compared) {
      const [from, to] = [await digestTable(stores.from, table), await digestTable(stores.to, table)];
      if (from.rows !== to.rows || from.digest !== to.digest) {
        throw new Error(
          `${table} of ${urls.to} is not what ${urls.from} has: ${rowCount(to.rows)} instead of ${rowCount(from.rows)}, digest ${to.digest} instead of ${from.digest}`,
        );
      }
      digests.set(table, from.digest);
      progress.step();
    }
  } finally {
    progress.stop();
  }
  return digests;
}

interface Told {
  readonly urls: Urls;
  readonly flags: MigrateFlags;
  /** Of both sides; null: nothing was copied. */
  readonly digests: ReadonlyMap<TableName, string> | null;
}

function tell(
  compared: readonly TableComparison[],
  { urls, flags, digests }: Told,
  { out, width, color }: Terminal,
): void {
  if (flags.json) {
    const tables = compared.map((one) => ({ ...one, digest: digests?.get(one.table) ?? null }));
    out(`${JSON.stringify({ ...urls, copied: digests !== null, tables })}\n`);
    return;
  }
  const numbers = ['rows', 'same', 'missing', 'different', 'extra'] as const;
  const columns = [
    { title: 'TABLE', min: 12, align: 'left' as const },
    ...['ROWS', 'THERE', 'MISSING', 'OTHER', 'ONLY THERE'].map((title) => ({
      title,
      min: 5,
      align: 'right' as const,
    })),
  ];
  const rows = compared.map((one) => [one.table, ...numbers.map((name) => String(one[name]))]);
  out(`${renderTable(columns, rows, { width, color })}\n${summary(compared, { urls, flags, digests })}\n`);
}

function summary(compared: readonly TableComparison[], { urls, digests }: Told): string {
  const written = compared.reduce((sum, { missing, different }) => sum + missing + different, 0);
  if (digests === null)
    return `${rowCount(written)} to copy from ${urls.from} to ${urls.to}; nothing was written.`;
  return `${rowCount(written)} copied from ${urls.from} to ${urls.to}; all ${digests.size} tables have the same rows, by count and digest.`;
}

function rowCount(count: number): string {
  return `${count} row${count === 1 ? '' : 's'}`;
}
