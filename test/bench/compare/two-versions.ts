import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { postgresStandIn } from '../../support/stand-ins.ts';
import { bundledCommandLine } from '../bundle.ts';
import { measure } from '../process.ts';
import type { Figure } from '../table.ts';

/** What is measured: how many rows a version has, and how often. */
export interface TwoVersionSizes {
  readonly rows: number;
  readonly repeat: number;
}

const SECONDS = 30;
const MEGABYTES = 200;

/** What is asked of the two versions, in the words of the command line. */
const QUESTIONS = [
  ['mean of a number', ['--value', 'latency']],
  ['p95 of a number', ['--value', 'latency', '--statistic', 'p95']],
  ['classes', ['--value', 'output']],
  ['classes with the truth', ['--value', 'output', '--truth', 'truth']],
] as const;

/**
 * `compare --sql` on two versions of so many rows each, which pair by two columns of a second table, as the study of story
 * S4 has them. Throws when an answer is not the one that the made rows have.
 */
export async function twoVersionFigures(
  folder: string,
  { rows, repeat }: TwoVersionSizes,
  tell: (line: string) => void,
): Promise<Figure[]> {
  const { url, password } = postgresStandIn();
  const db = new pg.Client({ connectionString: url.replace('@', `:${password}@`) });
  await db.connect();
  const schema = `bench${randomBytes(6).toString('hex')}`;
  try {
    await db.query(`CREATE SCHEMA ${schema}`);
    for (const version of ['a', 'b']) await makeVersion(db, schema, { version, rows });
    tell(`${rows} rows a version are there`);
    const script = bundledCommandLine(join(folder, 'dist'));
    process.env.PGPASSWORD = password;
    const figures: Figure[] = [];
    for (const [title, question] of QUESTIONS) {
      const passes = [];
      for (let pass = 0; pass < repeat; pass++) {
        const state = ['--state', join(folder, 'state')];
        const args = [...questionOf(url, schema), ...question, ...state];
        const measured = await measure({ script, args, codes: [1], peakFile: join(folder, 'peak') });
        const { findings } = JSON.parse(measured.stdout);
        if (findings[0].a.n !== rows)
          throw new Error(`${title}: compared ${findings[0].a.n} pairs of ${rows}`);
        passes.push(measured);
        tell(`${title}: ${(measured.ms / 1000).toFixed(1)} s, ${measured.peakMB.toFixed(0)} MB`);
      }
      const what = `compare, ${rows} pairs, ${title}`;
      const target = (value: number) => ({ kind: 'below', value }) as const;
      figures.push(
        { name: what, unit: 's', samples: passes.map(({ ms }) => ms / 1000), target: target(SECONDS) },
        {
          name: `${what}: peak memory`,
          unit: 'MB',
          samples: passes.map(({ peakMB }) => peakMB),
          target: target(MEGABYTES),
        },
      );
    }
    return figures;
  } finally {
    await db.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await db.end();
  }
}

function questionOf(url: string, schema: string): string[] {
  const tables = ['--outputs', `${schema}.outputs_{version}`, '--inputs', `${schema}.inputs_{version}`];
  const versions = [
    '--baseline',
    'a',
    '--candidate',
    'b',
    '--join',
    'run_id,id',
    '--pair',
    'id,request_time',
  ];
  return ['compare', '--sql', url, ...tables, ...versions, '--sql-timeout', '10m', '--json'];
}

/** Three classes in turn; b calls one versicolor of five virginica, and takes a tenth longer. */
async function makeVersion(
  db: pg.Client,
  schema: string,
  { version, rows }: { readonly version: string; readonly rows: number },
): Promise<void> {
  const known = `(ARRAY['setosa', 'versicolor', 'virginica'])[1 + id % 3]`;
  const said = version === 'b' ? `CASE WHEN id % 15 = 1 THEN 'virginica' ELSE ${known} END` : known;
  const factor = version === 'b' ? 1.1 : 1;
  const ids = `FROM generate_series(0, ${rows - 1}) AS id`;
  await db.query(
    `CREATE TABLE ${schema}.inputs_${version} AS SELECT 1 AS run_id, id, ${known} AS truth,
      timestamptz '2026-11-01' + id * interval '1 second' AS request_time ${ids}`,
  );
  await db.query(
    `CREATE TABLE ${schema}.outputs_${version} AS SELECT 1 AS run_id, id, ${said} AS output,
      ${factor} * (20 + (id::bigint * 7919) % 31 + (id % 7) / 7.0)::float8 AS latency ${ids}`,
  );
  await db.query(`ANALYZE ${schema}.inputs_${version}, ${schema}.outputs_${version}`);
}
