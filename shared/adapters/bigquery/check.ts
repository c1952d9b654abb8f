import type { Check } from '../../ports/check.ts';
import { PortError } from '../../ports/error.ts';
import { type Client, type ClientOptions, openClient } from './client.ts';
import { failureOf, type Place, portError } from './errors.ts';
import { remediesOf, statesOf, type TableState } from './schema.ts';

export interface BigQueryCheckOptions extends ClientOptions {
  readonly dataset: string;
  /** Where the dataset lies, as the setting says. */
  readonly location: string | undefined;
  /** Opens the calls; by default over Google's client. */
  readonly connect?: (options: ClientOptions) => Promise<Client>;
}

/**
 * What a history needs in BigQuery: a dataset, tables of the right shape, the right to run statements and to change
 * rows. Makes nothing, runs nothing that costs; never throws for what BigQuery says.
 */
export async function bigQueryChecks(options: BigQueryCheckOptions): Promise<Check[]> {
  const { projectId, dataset, connect = openClient } = options;
  const what = `dataset ${projectId}.${dataset}`;
  const place = { projectId, dataset };
  try {
    const client = await connect(options);
    if (!(await client.hasDataset(dataset))) {
      const detail =
        'is not there; the next tick makes it if it has bigquery.datasets.create (roles/bigquery.user)';
      return [{ what, state: 'note', detail }, await statementCheck(client, options, null)];
    }
    const states = await statesOf(client, place);
    const known = states.find(({ missing }) => !missing)?.table.name ?? null;
    const rest = [
      statementCheck(client, options, known),
      ...(known === null ? [] : [rightsCheck(client, place, known)]),
    ];
    return [...shapeChecks(states, { what, place }), ...(await Promise.all(rest))];
  } catch (error) {
    return [{ what, ...failed(error, place) }];
  }
}

function shapeChecks(
  states: readonly TableState[],
  { what, place }: { what: string; place: Place },
): Check[] {
  const wrong = states.flatMap((state) => state.wrong);
  if (wrong.length > 0) {
    const todo = `name another dataset, or run: ${remediesOf(states, place)}`;
    return wrong.map((sentence, index) => {
      const detail = index === wrong.length - 1 ? `${sentence}; ${todo}` : sentence;
      return { what, state: 'bad', detail };
    });
  }
  const missing = states.filter((state) => state.missing).map(({ table }) => table.name);
  const columns = states.flatMap(({ table, add }) => add.map(({ name }) => `${table.name}.${name}`));
  if (missing.length === states.length)
    return [{ what, state: 'note', detail: 'is there, without tables; the next tick makes them' }];
  const lacking = [
    ...(missing.length === 0 ? [] : [`lacks ${missing.join(', ')}; the next tick makes them`]),
    ...(columns.length === 0 ? [] : [`lacks the columns ${columns.join(', ')}; the next tick adds them`]),
  ];
  if (lacking.length === 0) return [{ what, state: 'ok', detail: `has all ${states.length} tables` }];
  return lacking.map((detail) => ({ what, state: 'note', detail }));
}

/** A dry run costs nothing and takes the right to run; on a table it also takes the right location. */
async function statementCheck(
  client: Client,
  { projectId, dataset, location }: BigQueryCheckOptions,
  table: string | null,
): Promise<Check> {
  const what = `statements in project ${projectId}`;
  const query = {
    query: table === null ? 'SELECT 1' : `SELECT COUNT(*) FROM \`${dataset}.${table}\``,
    useLegacySql: false,
    defaultDataset: { projectId, datasetId: dataset },
  };
  try {
    await client.dryRun({ query }, location);
    return { what, state: 'ok', detail: 'may be run' };
  } catch (error) {
    if (table !== null && isMissing(error)) {
      const detail = `${dataset} does not lie in location ${location ?? 'by default'}; put the right one into the URL: ?location=…`;
      return { what, state: 'bad', detail };
    }
    return { what, ...failed(error, { projectId, dataset }) };
  }
}

const RIGHTS = ['bigquery.tables.getData', 'bigquery.tables.updateData'];

async function rightsCheck(client: Client, place: Place, table: string): Promise<Check> {
  const what = `tables of ${place.projectId}.${place.dataset}`;
  try {
    const granted = await client.allowed(place.dataset, table, RIGHTS);
    const missing = RIGHTS.filter((right) => !granted.includes(right));
    if (missing.length === 0) return { what, state: 'ok', detail: 'may be read and changed' };
    const todo = 'give the caller roles/bigquery.dataEditor on the dataset';
    return { what, state: 'bad', detail: `${missing.join(' and ')} missing; ${todo}` };
  } catch (error) {
    const { status } = failureOf(error);
    if (!isMissing(error) && status !== 501 && status !== 405) return { what, ...failed(error, place) };
    return {
      what,
      state: 'note',
      detail: 'whether they may be changed could not be asked: this server knows no rights',
    };
  }
}

function isMissing(error: unknown): boolean {
  const { status, reason } = failureOf(error);
  return status === 404 || reason === 'notFound';
}

function failed(error: unknown, place: Place): Omit<Check, 'what'> {
  const told = portError(error, place);
  // What is no failure of the port is a defect of ours, to be seen as one.
  if (!(told instanceof PortError)) throw told;
  return { state: 'bad', detail: told.message };
}
