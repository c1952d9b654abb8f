import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { problemText } from '../../shared/core/problem.ts';
import { renderTemplate } from '../../shared/core/templates/render.ts';
import { BROKEN, CASES, example } from './definitions.ts';
import { invalidities } from './schemas.ts';

const cases = CASES.flatMap(({ name, definition, kinds }) =>
  kinds.map((kind) => ({ name, definition, kind })),
);

describe.each(cases)('$name, as a $kind', ({ definition, kind }) => {
  const made = renderTemplate(definition, kind);

  test('is made without a mistake, of plain JSON', () => {
    expect(made).toMatchObject({ ok: true });
    expect(JSON.parse(JSON.stringify(made))).toEqual(made);
  });

  test('is an object that Kubernetes takes', () => {
    expect(invalidities(made.ok ? made.value : {})).toEqual([]);
  });

  test('is the same whatever the order of its fields', () => {
    const backwards = Object.fromEntries(Object.entries(definition).reverse());
    expect(renderTemplate(backwards, kind)).toEqual(made);
  });
});

test.each(BROKEN)('$name: every mistake is named', ({ definition, kind = 'cronJob', mistakes }) => {
  const made = renderTemplate(JSON.parse(JSON.stringify(definition)), kind);
  expect(made.ok ? [] : made.problems.map(problemText).sort()).toEqual([...mistakes].sort());
});

test.each([[null], [5], ['tf'], [[]], [[{}]]])('%j is no definition', (value) => {
  expect(renderTemplate(value, 'oneshotJob')).toMatchObject({ ok: false });
});

test.each([
  ['mnist-cpu.yaml', 'cronJob'],
  ['resnet-l4.yaml', 'cronJob'],
  ['resnet-l4.yaml', 'workflow'],
  ['gemma-v6e.yaml', 'jobSet'],
] as const)('%s as a %s is what it was', async (file, kind) => {
  const made = renderTemplate(example(file), kind);
  const text = stringify(made.ok ? made.value : null, { lineWidth: 0 });
  await expect(text).toMatchFileSnapshot(`../golden/templates/${file.replace('.yaml', '')}.${kind}.yaml`);
});

describe('the schemas can refuse', () => {
  const made = renderTemplate(CASES[0]?.definition, 'cronJob');
  const text = JSON.stringify(made.ok ? made.value : {});
  test.each([
    ['an unknown key', text.replace('"backoffLimit"', '"backofLimit"')],
    ['a number as text', text.replace('"backoffLimit":1', '"backoffLimit":"1"')],
    ['a policy without its action', text.replace('"action":"Ignore",', '')],
    ['a kind that is not known', text.replace('"CronJob"', '"CronTab"')],
  ])('%s', (_, changed) => {
    expect(changed).not.toBe(text);
    expect(invalidities(JSON.parse(changed))).not.toEqual([]);
  });
});
