import { expect, test } from 'vitest';
import { type Clause, readPolicy } from './policy.ts';

function clauses(text: string): readonly Clause[] {
  const read = readPolicy(text);
  if (!read.ok) throw new Error(read.problem);
  return read.clauses;
}

const short = (text: string) =>
  clauses(text).map(({ metric, operator, number, of }) => [
    metric,
    operator,
    number,
    typeof of === 'string' ? of : of.word,
  ]);

test('the policy of a load test is three clauses', () => {
  expect(short('p95<=250ms,p95<=1.2x,failed<=0.01')).toStrictEqual([
    ['p95', '<=', 250, 'ms'],
    ['p95', '<=', 1.2, 'baseline'],
    ['failed', '<=', 0.01, 'value'],
  ]);
});

test.each([
  ['a<1', 'a', '<', 1, 'value'],
  ['a > -1.5e3', 'a', '>', -1500, 'value'],
  ['a>=.5', 'a', '>=', 0.5, 'value'],
  ['a=1', 'a', '==', 1, 'value'],
  ['a==1', 'a', '==', 1, 'value'],
  [' a <= 1 % ', 'a', '<=', 0.01, 'value'],
  ['a<=16 KiB', 'a', '<=', 16, 'KiB'],
  ['a<=2h', 'a', '<=', 2, 'h'],
  ['http_req_duration{status:200}/p95<=1s', 'http_req_duration{status:200}/p95', '<=', 1, 's'],
  ['"odd, <name>" <= 1', 'odd, <name>', '<=', 1, 'value'],
  ['loss final<1\n', 'loss final', '<', 1, 'value'],
] as const)('%j is read', (text, ...parts) => {
  expect(short(text)).toStrictEqual([parts]);
});

test('a clause keeps what was written', () => {
  expect(clauses(' a <= 1 , "b" > 2x ').map(({ text }) => text)).toStrictEqual(['a <= 1', '"b" > 2x']);
});

test.each([
  ['', 'at its end wanted the name of a metric'],
  ['a<=1,', 'at its end wanted the name of a metric'],
  ['a<=1,,b<=2', 'at character 6 wanted the name of a metric'],
  ['<=1', 'at character 1 wanted the name of a metric'],
  ['a', 'at its end wanted one of <= < >= > ='],
  ['a,b<=1', 'at character 2 wanted one of <= < >= > = behind the metric "a"'],
  ['a<=', 'at its end wanted a number'],
  ['a<=b', 'at character 4 wanted a number such as 250, 250ms, 1.2x or 1%, found "b"'],
  ['a<=1,2x', 'at its end wanted one of'],
  ['a<=1e999', 'at character 4 wanted a number such as 250, 250ms, 1.2x or 1%; 1e999 is too large'],
  ['a<=1 parsec', '"parsec" is no unit'],
  ['a<=1constructor', '"constructor" is no unit'],
  ['a=>1', 'at character 3 wanted a number'],
  ['"a<=1', 'at character 1 the quote is not closed'],
  ['"a"b<=1', 'at character 4 wanted one of'],
  ['a<=NaN', 'wanted a number'],
  ['a<=Infinity', 'wanted a number'],
])('the policy %j is refused with the place', (text, problem) => {
  const read = readPolicy(text);
  expect(read).toMatchObject({ ok: false });
  expect(!read.ok && read.problem).toContain(`Cannot read policy: `);
  expect(!read.ok && read.problem).toContain(problem);
});

test('a policy may be long, but not without end', () => {
  const many = (count: number) => Array.from({ length: count }, () => 'a<1').join(',');
  expect(clauses(many(64))).toHaveLength(64);
  expect(readPolicy(many(65))).toMatchObject({ ok: false, problem: expect.stringContaining('64 clauses') });
  expect(readPolicy(`${'a'.repeat(5000)}<1`)).toMatchObject({ ok: false });
});
