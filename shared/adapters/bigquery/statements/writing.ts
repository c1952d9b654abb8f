import type { Statement } from '../statement.ts';
import { type Column, JOURNAL, type Table } from '../tables.ts';

/** Spans of time, none of which touch, in which all rows of a change stand or stood; ISO 8601 text in UTC. */
export type Spans = readonly (readonly [string, string])[];

/**
 * Puts and removes rows by their keys, so that doing it again changes nothing. A change is a JSON list of texts and
 * nulls: the columns of the table in order, and behind them whether the row is gone (contents in JSON are the one
 * form that a parameter, a row of the journal and a file of a load job can all hold without loss).
 */
function mergeSql(table: Table, source: { readonly of: string; readonly spans: Spans | null }): string {
  const { name, key, columns, partition, kept } = table;
  const on = key.map((part) => `T.${part} = S.${part}`);
  // Constants: only they spare reading all partitions, a comparison with S would not.
  if (partition !== null && source.spans !== null) {
    const within = source.spans.map(
      ([low, high]) => `T.${partition} BETWEEN TIMESTAMP '${low}' AND TIMESTAMP '${high}'`,
    );
    on.push(`(${within.join(' OR ')})`);
  }
  const set = columns.filter((one) => !key.includes(one.name) && !kept.includes(one.name));
  return `MERGE ${name} AS T
USING (SELECT ${sourceList(columns)}
  ${source.of}) AS S
ON ${on.join(' AND ')}
WHEN MATCHED AND S.gone THEN DELETE
WHEN MATCHED THEN UPDATE SET ${set.map((one) => `${quoted(one)} = S.${quoted(one)}`).join(', ')}
WHEN NOT MATCHED AND NOT S.gone THEN INSERT (${columns.map(quoted).join(', ')})
  VALUES (${columns.map((one) => `S.${quoted(one)}`).join(', ')})`;
}

function sourceList(columns: readonly Column[]): string {
  const fields = columns.map((one, index) => `${valueSql(one.type, index)} AS ${quoted(one)}`);
  return [...fields, `${valueSql('BOOL', columns.length)} AS gone`].join(',\n    ');
}

/** `at` is a word of the language. */
function quoted({ name }: Column): string {
  return `\`${name}\``;
}

function valueSql(type: Column['type'], index: number): string {
  const text = `JSON_VALUE(c.change, '$[${index}]')`;
  if (type === 'STRING') return text;
  if (type === 'JSON') return `PARSE_JSON(${text})`;
  if (type === 'BYTES') return `FROM_BASE64(${text})`;
  return `CAST(${text} AS ${type})`;
}

/** Changes of one table, at once and without the journal: one MERGE is atomic by itself. */
export function mergeChanges(table: Table, spans: Spans | null): Statement {
  const of = 'FROM (SELECT change FROM UNNEST(@changes) AS change) AS c';
  return {
    name: `merge ${table.name}`,
    sql: mergeSql(table, { of, spans }),
    parameters: { changes: ['STRING'] },
    columns: [],
  };
}

/** Adds a batch to the journal. */
export const WRITE_JOURNAL: Statement = {
  name: 'write journal',
  sql: `INSERT INTO ${JOURNAL.name} (batch, n, table_name, change)
SELECT @batch, r.n, r.table_name, r.change FROM UNNEST(@rows) AS r`,
  parameters: {
    batch: 'STRING',
    rows: [{ n: 'INT64', table_name: 'STRING', change: 'STRING' }],
  },
  columns: [],
};

/** What a batch of the journal changes. */
export interface BatchPart {
  readonly table: Table;
  readonly spans: Spans | null;
}

/**
 * Applies a batch of the journal and takes it off, as one transaction. Its texts are ours, since a script takes no
 * parameters everywhere. A row of the journal that was written twice, by a job that was repeated, counts once.
 */
export function applyBatch(batch: string, parts: readonly BatchPart[]): Statement {
  if (!/^[\w-]+$/.test(batch)) throw new Error(`Cannot apply batch "${batch}": its name is none of ours`);
  const merges = parts.map(({ table, spans }) => {
    const of = `FROM ${JOURNAL.name} AS c WHERE c.batch = '${batch}' AND c.table_name = '${table.name}'
  QUALIFY ROW_NUMBER() OVER (PARTITION BY c.n ORDER BY c.change) = 1`;
    return mergeSql(table, { of, spans });
  });
  const steps = [...merges, `DELETE FROM ${JOURNAL.name} WHERE batch = '${batch}'`];
  return {
    name: 'apply batch',
    sql: `BEGIN TRANSACTION;\n${steps.join(';\n')};\nCOMMIT TRANSACTION;`,
    parameters: {},
    columns: [],
  };
}
