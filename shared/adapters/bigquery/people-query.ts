import { formatTime } from '../../core/time.ts';
import { PortError } from '../../ports/error.ts';
import type { HistoryViews } from '../../ports/history.ts';
import type { Field } from './client.ts';
import { millisOf, type RawRow } from './decode.ts';
import { failureOf, ProgramError } from './errors.ts';
import type { Jobs } from './jobs.ts';
import { isOneStatement } from './one-statement.ts';

/** What a statement would read: bytes, of which the service bills at least 10 MB a table. */
export interface Price {
  readonly bytes: number;
}

/**
 * Runs SQL that a person wrote. A dry run comes first: it says what kind of statement it is, since only reading is
 * allowed, and what it would read. Bare table names and those qualified with the dataset both work.
 */
export async function peopleQuery(
  jobs: Jobs,
  sql: string,
  { onPrice }: { readonly onPrice: (price: Price) => void },
): ReturnType<HistoryViews['query']> {
  if (!isOneStatement(sql)) {
    throw new PortError('invalid', 'Cannot run the query: it must be one SQL statement');
  }
  const statement = { name: 'query', sql, parameters: {}, columns: [] };
  const { statementType, bytes } = await asked(() => jobs.dryRun(statement));
  if (statementType !== 'SELECT') {
    const kind = statementType === 'SCRIPT' ? 'several statements' : statementType || 'nothing';
    throw new PortError('invalid', `Cannot run the query: it may only be one SELECT, and it is ${kind}`);
  }
  onPrice({ bytes });
  return asked(async () => {
    let columns: readonly Field[] = [];
    const rows: (readonly unknown[])[] = [];
    for await (const page of jobs.pages(statement)) {
      if (page.fields.length > 0) columns = page.fields;
      for (const row of page.rows) rows.push(cellsOf(row, columns));
    }
    return { columns: columns.map(({ name }) => name), rows };
  });
}

/** What a statement of a person is refused for is wrong with the statement. */
async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isTheirs =
      error instanceof ProgramError || (error instanceof PortError && error.code === 'not-found');
    if (!isTheirs) throw error;
    const { message } = failureOf(error.cause);
    throw new PortError('invalid', `Cannot run the query: ${message}`, { cause: error });
  }
}

function cellsOf({ f }: RawRow, fields: readonly Field[]): unknown[] {
  return fields.map((field, index) => plain(f[index]?.v ?? null, field));
}

/** Numbers, texts, bytes and null as every store answers them; times as ISO 8601 text, lists and structs as JSON. */
function plain(value: unknown, field: Field): unknown {
  if (value === null) return null;
  if (field.mode === 'REPEATED' || field.fields !== undefined) return JSON.stringify(nested(value, field));
  return scalar(String(value), field.type.toUpperCase());
}

function nested(value: unknown, field: Field): unknown {
  if (value === null) return null;
  if (field.mode === 'REPEATED') {
    const one = { ...field, mode: 'NULLABLE' };
    return (value as readonly { readonly v: unknown }[]).map(({ v }) => nested(v, one));
  }
  if (field.fields === undefined) return scalar(String(value), field.type.toUpperCase());
  const cells = (value as RawRow).f;
  return Object.fromEntries(field.fields.map((of, index) => [of.name, nested(cells[index]?.v ?? null, of)]));
}

function scalar(text: string, type: string): unknown {
  switch (type) {
    case 'INTEGER':
    case 'INT64': {
      // What a number cannot hold stays exact as text.
      const number = Number(text);
      return Number.isSafeInteger(number) ? number : text;
    }
    case 'FLOAT':
    case 'FLOAT64':
      return floatOf(text);
    case 'BOOLEAN':
    case 'BOOL':
      return text === 'true' ? 1 : 0;
    case 'TIMESTAMP':
      return formatTime(millisOf(text));
    case 'BYTES':
      return new Uint8Array(Buffer.from(text, 'base64'));
    default:
      return text;
  }
}

/** The service writes `NaN` and `Infinity`, a stand-in `nan` and `inf`. */
function floatOf(text: string): number {
  const named = /^(-?)(nan|inf(?:inity)?)$/i.exec(text);
  if (named === null) return Number(text);
  if (named[2]!.toLowerCase() === 'nan') return Number.NaN;
  return named[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}
