import { expect, test } from 'vitest';
import type { Check } from '../../ports/check.ts';
import { bigQueryChecks } from './check.ts';
import type { Client } from './client.ts';
import { tableMetadata } from './schema.ts';
import { JOURNAL, TABLES } from './tables.ts';

type Metadata = NonNullable<Awaited<ReturnType<Client['table']>>>;
const DEFINED = new Map([...TABLES, JOURNAL].map((table) => [table.name, tableMetadata(table) as Metadata]));

const refused = (code: number, reason: string, message = 'words of the service') =>
  Object.assign(new Error(message), { code, errors: [{ reason, message }] });
const never = () => Promise.reject(new Error('a check changes nothing'));

/** The checks of a dataset where all is well, but for what the test says. */
function checksOf(answers: Partial<Client>): Promise<Check[]> {
  const client = {
    begin: never,
    find: () => {
      throw new Error('a check runs nothing');
    },
    load: never,
    createTable: never,
    changeTable: never,
    createDataset: never,
    hasDataset: async () => true,
    table: async (_, name) => DEFINED.get(name) ?? null,
    dryRun: async () => ({ statementType: 'SELECT', bytes: 0 }),
    allowed: async (_, __, permissions) => permissions,
    ...answers,
  } satisfies Client;
  const place = { projectId: 'p', dataset: 'd', location: 'EU' };
  return bigQueryChecks({ ...place, connect: async () => client });
}

test('a dataset that is as it should be has only lines that say ok, and nothing ran', async () => {
  expect(await checksOf({})).toEqual([
    { what: 'dataset p.d', state: 'ok', detail: expect.stringContaining('tables') },
    { what: 'statements in project p', state: 'ok', detail: 'may be run' },
    { what: 'tables of p.d', state: 'ok', detail: 'may be read and changed' },
  ]);
});

test('a dataset that is not there, or empty, is a note: the next tick makes it', async () => {
  expect(await checksOf({ hasDataset: async () => false })).toMatchObject([
    { state: 'note', detail: expect.stringContaining('bigquery.datasets.create') },
    { state: 'ok' },
  ]);
  expect(await checksOf({ table: async () => null })).toMatchObject([
    { state: 'note', detail: expect.stringContaining('without tables') },
    { state: 'ok' },
  ]);
});

test('tables and columns that are missing are named', async () => {
  const checks = await checksOf({
    table: async (_, name) => {
      if (name === 'ticks') return null;
      const metadata = DEFINED.get(name)!;
      const { fields } = metadata.schema as { fields: { name: string }[] };
      if (name !== 'job_history') return metadata;
      return { ...metadata, schema: { fields: fields.filter((field) => field.name !== 'labels') } };
    },
  });
  expect(checks.slice(0, 2)).toMatchObject([
    { state: 'note', detail: expect.stringContaining('lacks ticks') },
    { state: 'note', detail: expect.stringContaining('job_history.labels') },
  ]);
});

test('a table of another shape is bad', async () => {
  const [first] = await checksOf({
    table: async (_, name) =>
      name === 'runs' ? { schema: { fields: [{ name: 'uuid', type: 'INTEGER' }] } } : DEFINED.get(name)!,
  });
  expect(first).toMatchObject({
    state: 'bad',
    detail: expect.stringMatching(/column uuid of table runs is INT64.*another dataset/),
  });
});

test('a dataset of another location is told from one that is missing', async () => {
  const checks = await checksOf({ dryRun: () => Promise.reject(refused(404, 'notFound')) });
  expect(checks[1]).toMatchObject({
    state: 'bad',
    detail: expect.stringMatching(/location EU.*\?location=/),
  });
});

test('rights that are missing are told with the role that brings them', async () => {
  const checks = await checksOf({
    dryRun: () => Promise.reject(refused(403, 'accessDenied')),
    allowed: async () => ['bigquery.tables.getData'],
  });
  expect(checks).toMatchObject([
    { state: 'ok' },
    { state: 'bad', detail: expect.stringContaining('roles/bigquery.jobUser') },
    { state: 'bad', detail: expect.stringMatching(/^bigquery\.tables\.updateData missing.*dataEditor/) },
  ]);
});

test('a server that knows no rights is a note', async () => {
  const checks = await checksOf({ allowed: () => Promise.reject(refused(404, 'notFound')) });
  expect(checks[2]).toMatchObject({ state: 'note' });
});

test('a service that is out of reach is one bad line', async () => {
  const down = () => Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));
  expect(await checksOf({ hasDataset: down })).toMatchObject([
    { what: 'dataset p.d', state: 'bad', detail: expect.stringContaining('Cannot reach BigQuery') },
  ]);
});
