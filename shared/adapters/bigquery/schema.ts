import { PortError } from '../../ports/error.ts';
import type { Client, Field } from './client.ts';
import { failureOf, type Place, portError } from './errors.ts';
import type { Jobs } from './jobs.ts';
import { addColumn } from './statements/schema.ts';
import { type Column, JOURNAL, TABLES, type Table, VIEWS } from './tables.ts';
import { misfits } from './takeover.ts';

/** Goes up when a table, a column or a view is added; nothing else may ever happen to them. */
export const SCHEMA_VERSION = 2;
/** The label of the journal, which no other tool has, that says which version its dataset is at. */
const VERSION_LABEL = 'tidemark_schema';

/** The metadata with which a table is made. */
export function tableMetadata({ columns, partition, cluster }: Table): object {
  return {
    schema: { fields: columns.map(fieldOf) },
    clustering: { fields: cluster },
    ...(partition === null ? {} : { timePartitioning: { type: 'MONTH', field: partition } }),
  };
}

function fieldOf({ name, type, required }: Column): Field {
  return { name, type, mode: required ? 'REQUIRED' : 'NULLABLE' };
}

/** What is to be done so that a table is as it is defined, or why that cannot be. */
export interface TableState {
  readonly table: Table;
  readonly missing: boolean;
  /** Columns to add, all of them nullable, since there are rows without them. */
  readonly add: readonly Column[];
  /** Sentences; nothing is changed where there is one. */
  readonly wrong: readonly string[];
  /** What would make it right, each what follows `ALTER TABLE name`. */
  readonly remedies: readonly string[];
}

/** Compares a table with its definition. Columns that others added do not matter. */
export function stateOf(table: Table, fields: readonly Field[] | null): TableState {
  if (fields === null) return { table, missing: true, add: [], wrong: [], remedies: [] };
  const found = new Set(fields.map(({ name }) => name.toLowerCase()));
  const add = table.columns.filter(({ name }) => !found.has(name));
  const misfit = misfits(table, fields);
  const wrong = misfit.map(({ sentence }) => sentence);
  return { table, missing: false, add, wrong, remedies: misfit.flatMap(({ remedies }) => remedies) };
}

/** Statements after which tables of another shape can be taken over. */
export function remediesOf(states: readonly TableState[], { projectId, dataset }: Place): string {
  const statements = states.flatMap(({ table, remedies }) =>
    remedies.map((remedy) => `ALTER TABLE \`${projectId}.${dataset}.${table.name}\` ${remedy};`),
  );
  return statements.join(' ');
}

export interface SchemaOptions {
  readonly place: Place;
  readonly location: string | undefined;
}

/**
 * Brings a dataset to the newest schema: makes it, its tables and views where they are missing, and adds columns.
 * Refuses, and changes nothing at all, where a table has another shape. One request when it is up to date.
 */
export async function migrate(client: Client, jobs: Jobs, options: SchemaOptions): Promise<void> {
  await translated(options.place, async () => {
    const version = await versionOf(client, options.place);
    if (version === SCHEMA_VERSION) return;
    if (version > SCHEMA_VERSION) throw newer(options.place, version);
    await ensureDataset(client, options);
    const states = await statesOf(client, options.place);
    const wrong = states.flatMap((state) => state.wrong);
    if (wrong.length > 0) throw incompatible(options.place, states);
    for (const state of states) await bring(state, { client, jobs, place: options.place });
    await makeViews(client, options.place);
    const labels = { [VERSION_LABEL]: String(SCHEMA_VERSION) };
    await client.changeTable(options.place.dataset, JOURNAL.name, { labels });
  });
}

/** Throws `not-found` where no history is, and `newer` where a newer Tidemark was. */
export async function requireSchema(client: Client, { place }: SchemaOptions): Promise<void> {
  await translated(place, async () => {
    const version = await versionOf(client, place);
    if (version > SCHEMA_VERSION) throw newer(place, version);
    if (version > 0) return;
    throw new PortError(
      'not-found',
      `There is no history in ${nameOf(place)} yet; run "tidemark tick" or "tidemark backfill" first`,
    );
  });
}

async function translated<T>(place: Place, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw portError(error, place);
  }
}

/** 0: no dataset, or one that is not ours yet. */
async function versionOf(client: Client, { dataset }: Place): Promise<number> {
  const journal = await client.table(dataset, JOURNAL.name);
  const labels = (journal?.labels ?? {}) as Readonly<Record<string, string>>;
  return Number(labels[VERSION_LABEL] ?? 0);
}

async function ensureDataset(client: Client, { place, location }: SchemaOptions): Promise<void> {
  if (await client.hasDataset(place.dataset)) return;
  await unlessThere(() => client.createDataset(place.dataset, location));
}

/** How each table stands against its definition. Throws what the client throws. */
export async function statesOf(client: Client, { dataset }: Place): Promise<TableState[]> {
  return Promise.all(
    [...TABLES, JOURNAL].map(async (table) => {
      const metadata = await client.table(dataset, table.name);
      const fields = (metadata?.schema as { readonly fields?: readonly Field[] } | undefined)?.fields;
      return stateOf(table, metadata === null ? null : (fields ?? []));
    }),
  );
}

async function bring(
  { table, missing, add }: TableState,
  { client, jobs, place }: { readonly client: Client; readonly jobs: Jobs; readonly place: Place },
): Promise<void> {
  if (missing) {
    await unlessThere(() => client.createTable(place.dataset, table.name, tableMetadata(table)));
    return;
  }
  for (const column of add) await jobs.run(addColumn(table, column));
}

async function makeViews(client: Client, { projectId, dataset }: Place): Promise<void> {
  for (const { name, sql } of VIEWS) {
    if ((await client.table(dataset, name)) !== null) continue;
    // A view knows no default dataset.
    const query = sql.replace(/`(\w+)`/, `\`${projectId}.${dataset}.$1\``);
    await unlessThere(() => client.createTable(dataset, name, { view: { query, useLegacySql: false } }));
  }
}

/** Somebody else may have made it in between. */
async function unlessThere(make: () => Promise<void>): Promise<void> {
  try {
    await make();
  } catch (error) {
    if (failureOf(error).status !== 409) throw error;
  }
}

function nameOf({ projectId, dataset }: Place): string {
  return `${projectId}.${dataset}`;
}

function newer(place: Place, version: number): PortError {
  const detail = `Cannot use history ${nameOf(place)}: its schema is version ${version} and this Tidemark knows up to ${SCHEMA_VERSION}; it was not changed. Install the newer Tidemark that wrote it`;
  return new PortError('newer', detail);
}

function incompatible(place: Place, states: readonly TableState[]): PortError {
  const wrong = states.flatMap((state) => state.wrong);
  const detail = `Cannot use dataset ${nameOf(place)} as history: ${wrong.join('; ')}. Nothing was changed; name another dataset, or run these statements, which touch no row, and try again: ${remediesOf(states, place)}`;
  return new PortError('invalid', detail);
}
