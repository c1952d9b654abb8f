import { expect, test } from 'vitest';
import { filled, filledFilter, filterProblem, templateProblem } from './template.ts';

const facts = { testName: 't', runId: 'r-1', attempt: 2, labels: { version: 'v1', "a'b": "x' or '1'='1" } };

test('a template is filled with what the run says', () => {
  expect(filled('{test_name}/{run_id}/{attempt}: {label.version}', facts)).toEqual({ text: 't/r-1/2: v1' });
  expect(filled('a { alone', facts)).toEqual({ text: 'a { alone' });
});

test('what is filled in is not filled again', () => {
  expect(filled('{label.a}', { ...facts, labels: { a: '{run_id}' } })).toEqual({ text: '{run_id}' });
});

test.each(['toString', '__proto__', 'none'])('a run without a label "%s" is a problem', (name) => {
  expect(filled(`{label.${name}}`, facts)).toEqual({ problem: `the run has no label "${name}"` });
});

test.each(['{run}', '{label.}', '{toString}', '{}'])('%s is no placeholder', (text) => {
  expect(templateProblem(`a ${text}`)).toContain(`has "${text}"; wanted {label.NAME}`);
});

test('a filter keeps what it is filled with between its quotes', () => {
  const filter = `tags.a = '{label.version}' and tags.b = "{run_id}"`;
  expect(filterProblem(filter)).toBeNull();
  expect(filledFilter(filter, facts)).toEqual({ text: `tags.a = 'v1' and tags.b = "r-1"` });
  expect(filledFilter(`tags.a = '{label.a'b}'`, facts)).toEqual({
    problem: "label.a'b has a quote, backslash or control character, which no filter may have",
  });
});

test.each(["tags.a = '{run_id}", 'tags.a = {run_id}', "'a' {run_id} 'b'"])(
  'the filter %s is refused',
  (filter) => {
    expect(filterProblem(filter)).not.toBeNull();
  },
);
