import { ALL_STATEMENTS } from './statements.ts';

/** What a request to Cloud Storage is. */
export function kindOfStorage(method: string, path: string): string {
  if (path.includes('locks') || path.startsWith('/upload/')) return 'lease';
  if (path.includes('alt=media')) return 'read';
  return path.includes('prefix=') ? 'list' : `${method} other`;
}

/** What a request to BigQuery is; a job with its statement, behind `JOB`. */
export function kindOfBigQuery(method: string, path: string, body: string): string {
  if (path.startsWith('/upload/')) return 'upload';
  if (/\/queries\/[^/]+/.test(path)) return 'results';
  if (method !== 'POST' || !/\/jobs(\?|$)/.test(path)) return 'schema';
  return `${JOB}${statementIn(body)}`;
}

/** Before the statement in the kind of a request that begins a job. */
export const JOB = 'job: ';

/** The SQL of a job that is begun. */
function statementIn(body: string): string {
  const [, text] = /"query":"((?:[^"\\]|\\.)*)/.exec(body) ?? [];
  return text === undefined ? '(load)' : (JSON.parse(`"${text}"`) as string);
}

/** What a statement is called: our own name of it, and of those that are put together what they write. */
export function nameOfStatement(sql: string): string {
  const known = ALL_STATEMENTS.find((statement) => statement.sql === sql);
  if (known !== undefined) return known.name;
  const tables = [...sql.matchAll(/\bMERGE (\w+) AS T\b/g)].map(([, table]) => table);
  return sql.startsWith('BEGIN TRANSACTION')
    ? `apply batch: ${tables.join(', ')}`
    : `merge ${tables.join(', ')}`;
}
