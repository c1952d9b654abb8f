import type { Field } from './client.ts';
import type { Column, Table } from './tables.ts';

/** Why a column that is there cannot be used, and what would help. */
export interface Misfit {
  /** A sentence without its end. */
  readonly sentence: string;
  /** What follows `ALTER TABLE name`; in order. None of it reads or writes a row. */
  readonly remedies: readonly string[];
}

/** How a table that somebody else made, or whom others changed, stands against its definition; empty: it fits. */
export function misfits(table: Table, fields: readonly Field[]): Misfit[] {
  const defined = new Map(table.columns.map((column) => [column.name, column]));
  return fields.flatMap((field) => {
    const column = defined.get(field.name.toLowerCase());
    const found = column === undefined ? misfitOfOthers(table, field) : misfitOf(column, { table, field });
    return found ?? [];
  });
}

function misfitOf(
  { name, type, required }: Column,
  { table, field }: { readonly table: Table; readonly field: Field },
): Misfit | null {
  const where = `column ${name} of table ${table.name}`;
  const isType = nameOfType(field.type);
  const relax = field.mode === 'REQUIRED' && !required ? [dropNotNull(name)] : [];
  if (isType === type && field.mode !== 'REPEATED') {
    if (relax.length === 0) return null;
    return { sentence: `${where} is REQUIRED and has to be NULLABLE`, remedies: relax };
  }
  const is = `${field.mode === 'REPEATED' ? 'REPEATED ' : ''}${isType}`;
  const sentence = `${where} is ${is} and has to be ${type}`;
  // The one change of type between those we use that the service makes in place.
  const widens = isType === 'INT64' && type === 'FLOAT64' && field.mode !== 'REPEATED';
  if (widens) return { sentence, remedies: [...relax, `ALTER COLUMN \`${name}\` SET DATA TYPE FLOAT64`] };
  const free = field.mode === 'REQUIRED' ? [dropNotNull(name)] : [];
  return { sentence, remedies: [...free, `RENAME COLUMN \`${name}\` TO \`${name}_before\``] };
}

function misfitOfOthers(table: Table, { name, mode }: Field): Misfit | null {
  if (mode !== 'REQUIRED') return null;
  const sentence = `column ${name} of table ${table.name} is REQUIRED and none of ours: relax it to NULLABLE`;
  return { sentence, remedies: [dropNotNull(name)] };
}

function dropNotNull(name: string): string {
  return `ALTER COLUMN \`${name}\` DROP NOT NULL`;
}

/** The service answers with the older names of types. */
function nameOfType(type: string): string {
  const names: Readonly<Record<string, string>> = { INTEGER: 'INT64', FLOAT: 'FLOAT64', BOOLEAN: 'BOOL' };
  return names[type.toUpperCase()] ?? type.toUpperCase();
}
