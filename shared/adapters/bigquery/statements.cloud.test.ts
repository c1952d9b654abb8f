import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWith } from '../../../test/support/stand-ins.ts';
import { analyse, type ZetaSqlStatement } from '../../../test/support/zetasql.ts';
import { MESSAGE_KINDS } from '../../core/run-event.ts';
import { typeText } from './parameters.ts';
import type { Statement } from './statement.ts';
import { rebuildIndex } from './statements/rebuild.ts';
import { addColumn } from './statements/schema.ts';
import { allRows } from './statements/whole-table.ts';
import { applyBatch, mergeChanges, type Spans } from './statements/writing.ts';
import { JOURNAL, TABLES, VIEWS } from './tables.ts';

const SPANS: Spans = [
  ['1970-01-01T00:00:00.000Z', '1970-01-01T00:00:00.000Z'],
  ['2026-08-01T00:00:00.000Z', '2026-09-01T00:00:00.000Z'],
];

/** What the statement files export as data. */
async function constants(): Promise<Statement[]> {
  const folder = join(import.meta.dirname, 'statements');
  const modules = await Promise.all(
    readdirSync(folder).map((file) => import(join(folder, file)) as Promise<Record<string, unknown>>),
  );
  const exported = modules.flatMap((module) => Object.values(module));
  const within = exported.flatMap((value) => (isStatement(value) ? [value] : Object.values(value ?? {})));
  return within.filter(isStatement);
}

function isStatement(value: unknown): value is Statement {
  return typeof value === 'object' && value !== null && 'sql' in value && 'parameters' in value;
}

/** What they make of tables. */
function made(): Statement[] {
  const partitioned = TABLES.filter(({ partition }) => partition !== null);
  return [
    ...TABLES.map((table) => mergeChanges(table, null)),
    ...partitioned.map((table) => ({ ...mergeChanges(table, SPANS), name: `merge ${table.name} between` })),
    ...TABLES.map(allRows),
    ...TABLES.map((table) => addColumn(table, { name: 'new', type: 'JSON', required: false })),
    rebuildIndex(MESSAGE_KINDS),
    applyBatch(
      '000-abc',
      TABLES.map((table) => ({ table, spans: table.partition === null ? null : SPANS })),
    ),
    ...VIEWS.map(({ name, sql }) => ({ name, sql, parameters: {}, columns: [] })),
  ];
}

function asked({ name, sql, parameters }: Statement): ZetaSqlStatement {
  const types = Object.entries(parameters).map(([parameter, type]) => [parameter, typeText(type)] as const);
  return { name, sql, parameters: Object.fromEntries(types) };
}

describeWith(['zetasql'], 'statements for BigQuery', () => {
  test('Google’s own analyser takes every one of them', async () => {
    const statements = [...(await constants()), ...made()].map(asked);
    expect(statements.length).toBeGreaterThan(50);
    const tables = [...TABLES, JOURNAL].map(({ name, columns }) => ({
      name,
      columns: columns.map((column) => ({ name: column.name, type: column.type })),
    }));
    const results = await analyse(tables, statements);
    expect(results).toHaveLength(statements.length);
    expect(results.filter(({ ok }) => !ok)).toStrictEqual([]);
  });

  test('and refuses a column that is not there', async () => {
    const [first] = TABLES;
    const [result] = await analyse(
      [{ name: first!.name, columns: [{ name: 'other', type: 'STRING' }] }],
      [asked(allRows(first!))],
    );
    expect(result).toMatchObject({ ok: false, error: expect.stringMatching(/event_key/) });
  });
});
