import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, readAll, sourceFiles } from './support/repository.ts';

/** Packages that a source loads when it needs them, with the statement that takes something out of them. */
function loaded(source: string): { name: string; statement: string }[] {
  return [...source.matchAll(/^.*import\('((?:@[^/']+\/)?[^./'][^/']*)[^']*'\).*(?:\n.*)?/gm)].flatMap(
    ([statement, name = '']) => (name.startsWith('node:') ? [] : [{ name, statement }]),
  );
}

function isCommonJs(name: string): boolean {
  const text = readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(text) as { type?: string }).type !== 'module';
}

const takesTheWhole = (statement: string) => /\)\)\.default\b|\bdefault:/.test(statement);

// esbuild gives a CommonJS package that is loaded on demand as `default` and nothing else, so that names which
// Node finds from the sources are undefined in what is published.
test('packages loaded on demand are used in a way that a bundle knows too', () => {
  const all = [...readAll(sourceFiles())].flatMap(([path, source]) =>
    loaded(source).map((one) => ({ path, ...one })),
  );
  expect(all.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['@google-cloud/pubsub', 'nodemailer', 'yaml']),
  );
  const wrong = all.filter(({ name, statement }) => isCommonJs(name) && !takesTheWhole(statement));
  expect(wrong.map(({ path, name }) => `${path}: ${name}`)).toEqual([]);
});

test('one that takes a name out of a CommonJS package is found', () => {
  const [one] = loaded("  const { parse } = await import('yaml');\n  parse();\n");
  expect(one).toMatchObject({ name: 'yaml' });
  expect([isCommonJs('yaml'), takesTheWhole(one!.statement)]).toEqual([true, false]);
});
