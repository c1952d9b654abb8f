import { beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/stand-ins.ts';
import { analyse, type ZetaSqlResult } from '../support/zetasql.ts';

const TABLES = [
  {
    name: 'p1.history.runs',
    columns: [
      { name: 'run', type: 'STRING', mode: 'REQUIRED' },
      { name: 'seconds', type: 'FLOAT' },
      { name: 'tags', type: 'STRING', mode: 'REPEATED' },
      {
        name: 'points',
        type: 'RECORD',
        mode: 'REPEATED',
        fields: [
          { name: 'step', type: 'INTEGER' },
          { name: 'value', type: 'FLOAT' },
        ],
      },
    ],
  },
];

const MERGE = `MERGE \`p1.history.runs\` T
USING (SELECT r.run AS run, r.seconds AS seconds FROM UNNEST(@rows) AS r) S
ON T.run = S.run
WHEN MATCHED THEN UPDATE SET seconds = S.seconds
WHEN NOT MATCHED THEN INSERT (run, seconds) VALUES (S.run, S.seconds)`;
const ROWS = { rows: 'ARRAY<STRUCT<run STRING, seconds FLOAT64>>' };

const CASES = [
  { name: 'a query with a parameter', sql: 'SELECT run FROM p1.history.runs WHERE run = @run', ok: true },
  { name: 'a MERGE from an array of structs', sql: MERGE, parameters: ROWS, ok: true },
  {
    name: 'a transaction',
    sql: `BEGIN TRANSACTION; ${MERGE}; COMMIT TRANSACTION;`,
    parameters: ROWS,
    ok: true,
  },
  { name: 'fields of a record', sql: 'SELECT p.step FROM p1.history.runs, UNNEST(points) AS p', ok: true },
  { name: 'an unknown column', sql: 'SELECT \n rum FROM p1.history.runs', error: /rum.*\[at 2:2\]/ },
  { name: 'an unknown table', sql: 'SELECT run FROM p1.history.jobs', error: /p1\.history\.jobs/ },
  { name: 'an unknown parameter', sql: 'SELECT @other', error: /other/ },
  { name: 'an unknown type', sql: 'SELECT @other', parameters: { other: 'TEXT' }, error: /TEXT/ },
  {
    name: 'no GROUP BY',
    sql: 'SELECT run, AVG(seconds) FROM p1.history.runs',
    error: /neither grouped nor aggregated/,
  },
  {
    name: 'a repeated column compared with one value',
    sql: "SELECT run FROM p1.history.runs WHERE tags = 'a'",
    error: /ARRAY<STRING>/,
  },
  {
    name: 'a mistake in the second statement of a script',
    sql: 'SELECT 1; SELECT run FROM nowhere;',
    error: /nowhere/,
  },
];

describeWith(['zetasql'], "Google's analyser", () => {
  let results: readonly ZetaSqlResult[] = [];

  beforeAll(async () => {
    results = await analyse(
      TABLES,
      CASES.map(({ name, sql, parameters = { run: 'STRING' } }) => ({ name, sql, parameters })),
    );
  });

  test('answers for each statement in their order', () => {
    expect(results.map(({ name }) => name)).toEqual(CASES.map(({ name }) => name));
  });

  test.each(CASES.filter(({ ok }) => ok).map(({ name }) => name))('accepts %s', (name) => {
    expect(results.find((result) => result.name === name)).toEqual({ name, ok: true, error: null });
  });

  test.each(CASES.flatMap(({ name, error }) => (error ? [[name, error] as const] : [])))(
    'refuses %s and says where',
    (name, error) => {
      const result = results.find((one) => one.name === name);
      expect(result?.ok).toBe(false);
      expect(result?.error).toMatch(error);
    },
  );
});
