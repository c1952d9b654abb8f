import { expect, test } from 'vitest';
import { isOneStatement } from './one-statement.ts';

const TABLE: readonly (readonly [string, boolean])[] = [
  ['SELECT 1', true],
  ['SELECT 1;', true],
  ['SELECT 1 ; ;; \n', true],
  ['  \n\tSELECT 1', true],
  ['SELECT 1; -- the end', true],
  ['SELECT 1 -- no; end', true],
  ['-- first; this\nSELECT 1', true],
  ['/* a; b */ SELECT /* c; */ 1; /* d; */', true],
  ['SELECT 1; /* never closed', true],
  [`SELECT 'a;b'`, true],
  [`SELECT 'it''s; fine'`, true],
  [`SELECT "a;b", [c;d], \`e;f\` FROM t`, true],
  [`SELECT '--', ';' FROM t`, true],
  [`SELECT '/*'; -- */ SELECT 2`, true],
  ['', false],
  ['   \n', false],
  [';', false],
  ['-- only a comment', false],
  ['/* only a comment */', false],
  ['SELECT 1; SELECT 2', false],
  ['SELECT 1;SELECT 2;', false],
  ['; SELECT 1', false],
  ['-- comment; \n; SELECT 1', false],
  [`SELECT 'a'; DELETE FROM t -- '`, false],
  [`SELECT '--'; DELETE FROM t`, false],
  ['SELECT 1 -- comment\n; DELETE FROM t', false],
  ['SELECT 1 /* ; */; DELETE FROM t', false],
  ['SELECT 1; /* a */ DELETE /* b */ FROM t', false],
  [`SELECT ']'; DELETE FROM t`, false],
];

test.each(TABLE)('%j is one statement: %s', (sql, expected) => {
  expect(isOneStatement(sql)).toBe(expected);
});
