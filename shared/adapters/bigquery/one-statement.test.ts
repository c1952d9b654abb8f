import { expect, test } from 'vitest';
import { isOneStatement } from './one-statement.ts';

test.each([
  'SELECT 1',
  'SELECT 1;',
  ' SELECT 1 ; ; -- the end',
  "SELECT ';' AS a",
  "SELECT 'it\\'s; so' AS a",
  `SELECT """a;
b""" AS a`,
  "SELECT r'\\;' AS a",
  'SELECT `a;b` FROM t # ; c',
  '/* ; */ SELECT 1',
])('one statement: %s', (sql) => {
  expect(isOneStatement(sql)).toBe(true);
});

test.each([
  '',
  ';',
  '-- nothing',
  'SELECT 1; DELETE FROM t WHERE TRUE',
  "SELECT 'a'; DROP TABLE t",
  "SELECT '''a''' ;\nDROP TABLE t; SELECT '''b'''",
  'SELECT 1 -- ;\n; DROP TABLE t',
  'BEGIN TRANSACTION; COMMIT TRANSACTION;',
])('not one statement: %s', (sql) => {
  expect(isOneStatement(sql)).toBe(false);
});
