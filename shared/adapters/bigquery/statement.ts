import type { ParameterType } from './parameters.ts';
import type { Column, ColumnType } from './tables.ts';

/**
 * One statement as data, so that a test can have all of them analysed. Table names are bare: jobs run with the
 * dataset as their default one. Rules that hold on the service and on the stand-in alike: named columns, `ON`
 * instead of `USING`, no computed array offsets, times with `Z`, no `DECLARE`.
 */
export interface Statement {
  readonly name: string;
  readonly sql: string;
  readonly parameters: Readonly<Record<string, ParameterType>>;
  /** Of what it answers with, in order; empty when it answers with nothing. */
  readonly columns: readonly Column[];
}

/** Columns of a table as they are selected: JSON comes as text. */
export function selectList(columns: readonly Column[], alias: string): string {
  return columns
    .map(({ name, type }) =>
      type === 'JSON' ? `TO_JSON_STRING(${alias}.${name}) AS ${name}` : `${alias}.${name}`,
    )
    .join(', ');
}

/** A column of an answer that is no table's. */
export function column(name: string, type: ColumnType): Column {
  return { name, type, required: false };
}
