import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import * as z from 'zod';
import { expectedFiles, schemaText, stale, write } from '../scripts/generate.ts';
import { ROOT } from './support/repository.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-schemas-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the schemas in the repository are those of the code', () => {
  expect(stale(expectedFiles(), join(ROOT, 'schemas'))).toEqual([]);
});

test('a missing, a changed and a forgotten file are told apart, and writing mends all three', () => {
  const expected = new Map(['a', 'b', 'c'].map((name) => [`${name}.schema.json`, `{"$id":"${name}"}\n`]));
  write(expected, folder);
  expect(stale(expected, folder)).toEqual([]);

  rmSync(join(folder, 'a.schema.json'));
  writeFileSync(join(folder, 'b.schema.json'), '{}\n');
  writeFileSync(join(folder, 'old.schema.json'), '{}\n');
  writeFileSync(join(folder, 'README.md'), 'Kept: no schema file.\n');
  expect(stale(expected, folder)).toEqual([
    'a.schema.json is missing',
    'b.schema.json is not current',
    'old.schema.json belongs to no schema',
  ]);

  write(expected, folder);
  expect(stale(expected, folder)).toEqual([]);
});

test('a schema file says what it is before what it holds, and ends in a newline', () => {
  const text = schemaText('night-run.schema.json', z.object({ b: z.string(), a: z.number().default(1) }));
  expect(text.endsWith('}\n')).toBe(true);
  expect(Object.keys(JSON.parse(text)).slice(0, 3)).toEqual(['$schema', '$id', 'title']);
  expect(JSON.parse(text)).toMatchObject({
    $id: 'urn:tidemark:schema:night-run',
    title: 'Tidemark night run',
    // What a person writes: a value with a default may be left out.
    required: ['b'],
  });
});
