import { type Statement, selectList } from '../statement.ts';
import type { Table } from '../tables.ts';

/** All rows of a table in the order of their keys. */
export function allRows({ name, key, columns }: Table): Statement {
  return {
    name: `all of ${name}`,
    sql: `SELECT ${selectList(columns, 't')} FROM ${name} AS t ORDER BY ${key.map((part) => `t.${part}`).join(', ')}`,
    parameters: {},
    columns,
  };
}
