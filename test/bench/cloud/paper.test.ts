import { describe, expect, test } from 'vitest';
import { tableOf } from '../../../shared/adapters/bigquery/tables.ts';
import { billedBytes, type Sizes, sizeOfRows } from './paper.ts';

// The expected figures are products worked out by hand beside each case; 10 MiB is 10,485,760 bytes.

const MONTHS = { all: 10, lookback: 4 };
const LEAST = 10_485_760;

/** A million rows of a table, each column of it eight bytes. */
function million(...names: readonly Parameters<typeof tableOf>[0][]): Sizes {
  return new Map(
    names.map((name) => {
      const { columns } = tableOf(name);
      return [name, { rows: 1e6, bytes: new Map(columns.map((column) => [column.name, 8])) }];
    }),
  );
}

describe('bytes billed for a statement', () => {
  const sizes = million('run_events', 'metric_history', 'runs');
  const billed = (sql: string) => billedBytes(sql, sizes, MONTHS);

  test('only columns that it names are read: two of eight bytes', () => {
    expect(billed('SELECT e.thread FROM run_events AS e WHERE e.event_key IN UNNEST(@keys)')).toBe(16e6);
  });

  test('a bound by @earliest leaves the partitions of the lookback: four of ten', () => {
    const sql =
      'SELECT m.run_id, m.test_name, m.uuid FROM metric_history AS m WHERE m.timestamp >= @earliest';
    expect(billed(sql)).toBe(32e6 * 0.4);
    expect(billed('SELECT m.test_name, m.uuid, m.run_id FROM metric_history AS m')).toBe(24e6);
  });

  test('a small table costs ten MiB, each of two does', () => {
    expect(billed('SELECT t.thread FROM threads AS t JOIN alerts AS a ON a.uuid = t.thread')).toBe(2 * LEAST);
  });

  test('a MERGE pays for what it reads and for the partitions that it may change', () => {
    // Two months of ten: three columns to find rows, and all 14.
    const range = "T.timestamp BETWEEN TIMESTAMP '2026-10-30T00:00:00Z' AND TIMESTAMP '2026-11-02T00:00:00Z'";
    const sql = `MERGE metric_history AS T USING (SELECT 1 FROM UNNEST(@changes)) AS S ON T.uuid = S.uuid AND T.metric_name = S.metric_name AND ${range}
WHEN MATCHED THEN UPDATE SET reason = S.reason`;
    expect(billed(sql)).toBeCloseTo(0.2 * 1e6 * 8 * (3 + 14), 3);
    // No partitions: key and all of ten columns.
    expect(billed('MERGE run_events AS T USING x AS S ON T.event_key = S.event_key')).toBe(8e6 * (1 + 10));
  });

  test('the statements of a script are paid one by one', () => {
    const step = 'SELECT e.body, e.thread FROM run_events AS e';
    expect(billed(`BEGIN TRANSACTION;\n${step};\n${step};\nCOMMIT TRANSACTION;`)).toBe(2 * 16e6);
  });
});

test('a text counts its bytes and two more, a number and a time eight, nothing for a missing value', () => {
  const row = { thread: 'ü-1', unsettled: 1 };
  expect([...sizeOfRows(tableOf('threads'), [row, { thread: null, unsettled: 0 }])]).toEqual([
    ['thread', (2 + 4) / 2],
    ['unsettled', 8],
  ]);
});
