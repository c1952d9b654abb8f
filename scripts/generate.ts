// Writes the files of schemas/ from the schemas and tables in code; with --check only says which are not current.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { tableMetadata } from '../shared/adapters/bigquery/schema.ts';
import { JOURNAL, TABLES, VIEWS } from '../shared/adapters/bigquery/tables.ts';
import { GENERATED } from '../shared/core/schema/index.ts';
import { knownKeys } from '../shared/core/schema/known-keys.ts';
import { MessageConfig } from '../shared/core/schema/test-config.ts';

const FOLDER = resolve(import.meta.dirname, '../schemas');
const SUFFIX = '.schema.json';
/** Where the tables of BigQuery are; everything in there is generated. */
const TABLE_FOLDER = 'bigquery';
/** The keys of a config for the jsonnet library, which has no schemas to look at. */
const LIBRARY_KEYS = '../infra/jsonnet/templates/config-keys.json';

/** The text of a generated file: a JSON Schema of what may be written, 2020-12. */
export function schemaText(file: string, schema: z.ZodType): string {
  const name = file.slice(0, -SUFFIX.length);
  const { $schema, title, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: 'input',
    unrepresentable: 'any',
  });
  // The head first and in one order; below it the order of the code, which is the order people read in.
  const head = {
    $schema,
    $id: `urn:tidemark:schema:${name}`,
    title: title ?? `Tidemark ${name.replaceAll('-', ' ')}`,
  };
  return `${JSON.stringify({ ...head, ...rest }, null, 2)}\n`;
}

/** What every generated file should hold, by its name. */
export function expectedFiles(): Map<string, string> {
  return new Map([
    ...Object.entries(GENERATED).map(([file, schema]) => [file, schemaText(file, schema)] as const),
    ...tableTexts(),
    [LIBRARY_KEYS, `${JSON.stringify(libraryKeys(), null, 2)}\n`],
  ]);
}

function libraryKeys(): Record<string, readonly string[]> {
  const keysAt = (...path: string[]) => knownKeys(MessageConfig, path);
  const condition = ['regression_test_config', 'metric_success_conditions', 'any'];
  return {
    metricCollectionConfig: keysAt('metric_collection_config'),
    time_to_accuracy: keysAt('metric_collection_config', 'time_to_accuracy'),
    regressionTestConfig: keysAt('regression_test_config'),
    condition: keysAt(...condition),
    success_threshold: keysAt(...condition, 'success_threshold'),
  };
}

/** A file a table and a view, as the interface of BigQuery has them: whoever makes them by other means takes these. */
function tableTexts(): [string, string][] {
  const tables = [...TABLES, JOURNAL].map((table) => [table.name, tableMetadata(table)] as const);
  const views = VIEWS.map(({ name, sql }) => [name, { view: { query: sql, useLegacySql: false } }] as const);
  return [...tables, ...views].map(([name, metadata]) => [
    `${TABLE_FOLDER}/${name}.json`,
    `${JSON.stringify(metadata, null, 2)}\n`,
  ]);
}

/** Generated files in `folder` that no schema gives any more. */
function leftOver(expected: ReadonlyMap<string, string>, folder: string): string[] {
  const tables = join(folder, TABLE_FOLDER);
  const files = [
    ...readdirSync(folder).filter((file) => file.endsWith(SUFFIX)),
    ...(existsSync(tables) ? readdirSync(tables).map((file) => `${TABLE_FOLDER}/${file}`) : []),
  ];
  return files.filter((file) => !expected.has(file));
}

/** One sentence for each file in `folder` that is missing, differs or that no schema gives any more. */
export function stale(expected: ReadonlyMap<string, string>, folder: string): string[] {
  const differing = [...expected].flatMap(([file, text]) => {
    const path = join(folder, file);
    if (!existsSync(path)) return [`${file} is missing`];
    return readFileSync(path, 'utf8') === text ? [] : [`${file} is not current`];
  });
  return [...differing, ...leftOver(expected, folder).map((file) => `${file} belongs to no schema`)];
}

/** Makes `folder` hold what is expected, and no generated file besides. */
export function write(expected: ReadonlyMap<string, string>, folder: string): void {
  for (const [file, text] of expected) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  for (const file of leftOver(expected, folder)) rmSync(join(folder, file));
}

if (import.meta.main) {
  const expected = expectedFiles();
  if (!process.argv.includes('--check')) write(expected, FOLDER);
  const problems = stale(expected, FOLDER);
  for (const problem of problems) console.error(`schemas/${problem}; run "npm run generate"`);
  if (problems.length > 0) process.exitCode = 1;
  else console.log(`${expected.size} generated files are current`);
}
