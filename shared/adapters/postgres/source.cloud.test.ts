import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { remoteSourceContract } from '../../../test/contracts/remote-source.ts';
import { describeWith, postgresStandIn, uniqueName } from '../../../test/support/stand-ins.ts';
import { postgresChecks } from './check.ts';
import { type PostgresSourceOptions, postgresSource } from './source.ts';

describeWith(['postgres'], 'metrics in Postgres', () => {
  const { url, password } = postgresStandIn();
  const options = (more: Partial<PostgresSourceOptions> = {}): PostgresSourceOptions => ({
    name: 'warehouse',
    url,
    password,
    timeout: 20_000,
    ...more,
  });
  const owner = new pg.Client({ connectionString: url.replace('@', `:${password}@`) });
  const sql = (query: string, ...parameters: string[]) =>
    ({ kind: 'sql', connection: 'warehouse', query, parameters }) as const;
  const read = (query: string, ...parameters: string[]) =>
    postgresSource(options()).read(sql(query, ...parameters));

  beforeAll(() => owner.connect());
  afterAll(() => owner.end());

  remoteSourceContract('Postgres', async (points) => {
    const table = uniqueName();
    await owner.query(
      `CREATE TABLE ${table} (run text, metric text, step int, at timestamptz, value float8)`,
    );
    for (const { name, step, wallTime, value } of points)
      await owner.query(`INSERT INTO ${table} VALUES ('r1', $1, $2, to_timestamp($3), $4)`, [
        name,
        step,
        wallTime,
        value,
      ]);
    const query = `SELECT metric, value, step, at AS time FROM ${table} WHERE run = $1 ORDER BY metric, step`;
    return {
      source: postgresSource(options()),
      connection: 'warehouse',
      request: sql(query, 'r1'),
      missing: sql(query.replace(table, `${table}_dropped`), 'r1'),
      refused: sql('SELECT metric FROM where', 'r1'),
      unreachable: postgresSource(options({ url: 'postgres://tidemark@127.0.0.1:1/postgres' })),
      stranger: { source: postgresSource(options({ password: 'geheim-77' })), secret: 'geheim-77' },
    };
  });

  test('a parameter is never more than a text, whatever is in it', async () => {
    const hostile = "b'; DROP TABLE x; -- \u{1f680} {label.v} $1 \\";
    expect((await read('SELECT 1 AS hit WHERE $1 = $2', hostile, hostile)).values).toEqual([
      { name: 'hit', value: 1 },
    ]);
  });

  test.each([
    ['a second statement', 'SELECT 1 AS a; COMMIT; DROP TABLE victim'],
    ['a deletion', 'DELETE FROM victim'],
    ['a deletion inside of WITH', 'WITH gone AS (DELETE FROM victim RETURNING 1) SELECT 1 AS a FROM gone'],
    ['the end of the transaction', 'SELECT 1 AS a FROM victim; COMMIT'],
    ['a function that writes', 'SELECT victim_write() AS a'],
  ])('%s changes nothing', async (_what, query) => {
    await owner.query(`CREATE TABLE IF NOT EXISTS victim (a int); TRUNCATE victim; INSERT INTO victim VALUES (1);
      CREATE OR REPLACE FUNCTION victim_write() RETURNS int AS 'DELETE FROM victim; SELECT 1' LANGUAGE sql`);
    await expect(read(query)).rejects.toMatchObject({ code: 'invalid' });
    expect((await owner.query('SELECT count(*)::int AS n FROM victim')).rows).toEqual([{ n: 1 }]);
  });

  test('a semicolon and a comment at the end do not matter', async () => {
    expect((await read('SELECT 2 AS a ; ')).values).toEqual([{ name: 'a', value: 2 }]);
    expect((await read('SELECT 2 AS a -- that is all')).values).toEqual([{ name: 'a', value: 2 }]);
  });

  test('every kind of number comes as it is, whatever the settings of the role', async () => {
    await owner.query(
      "ALTER ROLE tidemark SET DateStyle = 'SQL, DMY'; ALTER ROLE tidemark SET TimeZone = 'Asia/Tokyo'",
    );
    const { points } = await read(
      "SELECT 1 AS step, TIMESTAMPTZ '2026-11-23 09:40:00.5Z' AS time, 0.1::float8 + 0.2 AS f, 12345678901234567890.5 AS n, 7::int8 AS i",
    );
    await owner.query('ALTER ROLE tidemark RESET ALL');
    const wallTime = Date.UTC(2026, 10, 23, 9, 40) / 1000 + 0.5;
    expect(points).toEqual([
      { name: 'f', step: 1, wallTime, value: 0.1 + 0.2 },
      { name: 'n', step: 1, wallTime, value: 12345678901234567000 },
      { name: 'i', step: 1, wallTime, value: 7 },
    ]);
  });

  test('many rows are read in pages, too many are refused', async () => {
    const { points } = await read('SELECT g AS step, g * 0.5 AS v FROM generate_series(0, 2499) g');
    expect(points).toHaveLength(2500);
    expect(points.at(-1)).toMatchObject({ step: 2499, value: 1249.5 });
    await expect(read('SELECT g AS step, g AS v FROM generate_series(1, 200001) g')).rejects.toMatchObject({
      code: 'invalid',
      message:
        'Cannot read the query from the connection warehouse: it gives more than 200000 rows; aggregate them in the query',
    });
  });

  test('a statement that takes too long is ended', async () => {
    const slow = postgresSource(options({ timeout: 200 }));
    await expect(slow.read(sql('SELECT count(*) AS a FROM pg_sleep(60)'))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('took too long'),
    });
  });

  test('a server that says nothing of Postgres is told', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const other = postgresSource(options({ url: `postgres://tidemark@127.0.0.1:${port}/postgres` }));
    await expect(other.read(sql('SELECT 1 AS a'))).rejects.toMatchObject({ code: 'unavailable' });
    server.close();
  });

  test('too few and too many parameters are a mistake, and no trouble of the network', async () => {
    await expect(read('SELECT 1 AS a WHERE $1 = $2', 'x')).rejects.toMatchObject({ code: 'invalid' });
    await expect(read('SELECT 1 AS a', 'x')).rejects.toMatchObject({ code: 'invalid' });
  });

  test('a role without the right on a table is told so; doctor likes one that only reads', async () => {
    const role = uniqueName();
    await owner.query(`CREATE TABLE ${role} (a int); CREATE ROLE ${role}_r LOGIN PASSWORD 'lesen'`);
    const place = new URL(url);
    place.username = `${role}_r`;
    const reader = options({ url: place.href, password: 'lesen' });
    await expect(postgresSource(reader).read(sql(`SELECT a FROM ${role}`))).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringContaining('permission denied'),
    });
    expect(await postgresChecks(reader)).toMatchObject([{ what: 'connection warehouse', state: 'ok' }]);
    expect(await postgresChecks(options())).toMatchObject([{ state: 'note' }]);
    expect(await postgresChecks(options({ password: undefined }))).toMatchObject([
      { state: 'bad', detail: expect.stringContaining('asks for a password, and none is set') },
    ]);
  });
});
