import type { Statement } from '../statement.ts';
import type { Column, Table } from '../tables.ts';

/** Adds a column to a table that has rows, which is why it may be null. One at a time is what everybody takes. */
export function addColumn({ name: table }: Table, { name, type }: Column): Statement {
  return {
    name: `add ${name} to ${table}`,
    sql: `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS \`${name}\` ${type}`,
    parameters: {},
    columns: [],
  };
}
