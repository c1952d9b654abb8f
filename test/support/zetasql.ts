import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, shellEnvironment } from './command.ts';
import { zetaSqlCommand } from './stand-ins.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A column as BigQuery's table definitions have it; `fields` belong to type RECORD or STRUCT. */
export interface ZetaSqlColumn {
  readonly name: string;
  /** `STRING`, `INT64` or `INTEGER`, `TIMESTAMP`, `ARRAY<STRUCT<a STRING, b FLOAT64>>`, … */
  readonly type: string;
  readonly mode?: string;
  readonly fields?: readonly ZetaSqlColumn[];
}

/** A table by the name that the statements call it by, such as `p1.history.runs`. */
export interface ZetaSqlTable {
  readonly name: string;
  readonly columns: readonly ZetaSqlColumn[];
}

/** One statement, or several with `;` between; `parameters` are types by name, without the `@`. */
export interface ZetaSqlStatement {
  readonly name: string;
  readonly sql: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** `error`: what the analyser says, with line and column; null for a legal statement. */
export interface ZetaSqlResult {
  readonly name: string;
  readonly ok: boolean;
  readonly error: string | null;
}

/**
 * Asks Google's own analyser whether statements are legal GoogleSQL; the answers are in the order of the
 * statements. One call costs seconds, so ask for all at once. A table that a statement creates is not known
 * to the next one: name it among the tables. Throws where the analyser itself fails.
 */
export async function analyse(
  tables: readonly ZetaSqlTable[],
  statements: readonly ZetaSqlStatement[],
): Promise<readonly ZetaSqlResult[]> {
  const folder = temporaryFolder();
  const question = join(folder, 'question.json');
  writeFileSync(question, JSON.stringify({ tables, statements }));
  const [program, ...rest] = zetaSqlCommand();
  const { code, stdout, stderr } = await run([program, ...rest, question], {
    cwd: folder,
    env: shellEnvironment(),
  });
  if (code !== 0)
    throw new Error(`Cannot analyse statements: the analyser ended with code ${code}: ${stderr}`);
  return JSON.parse(stdout) as ZetaSqlResult[];
}
