// The jsonnet library against the builder in TypeScript, with the jsonnet command of others.
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { problemText } from '../../shared/core/problem.ts';
import type { TemplateKind } from '../../shared/core/templates/definition.ts';
import { renderTemplate } from '../../shared/core/templates/render.ts';
import { tidemark } from '../support/cli.ts';
import { type Finished, run } from '../support/command.ts';
import { ROOT } from '../support/repository.ts';
import { describeWith, jsonnetProgram } from '../support/stand-ins.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { BROKEN, CASES } from './definitions.ts';
import { badDefinition, goodDefinition } from './random-definitions.ts';

const LIBRARY = join(ROOT, 'infra/jsonnet');
const EXAMPLES = join(ROOT, 'examples/templates');

function jsonnet(...words: string[]): Promise<Finished> {
  return run([jsonnetProgram(), '-J', LIBRARY, ...words], { cwd: ROOT });
}

/** What the library makes of a definition, written as JSON, which is jsonnet. */
async function byLibrary(definition: unknown, kind: TemplateKind): Promise<Finished> {
  const file = join(mkdtempSync(join(temporaryFolder(), 'test-')), 'test.jsonnet');
  writeFileSync(
    file,
    `((import 'templates/base.libsonnet').BaseTest + ${JSON.stringify(definition)}).${kind}`,
  );
  return jsonnet(file);
}

const BASE = "(import 'templates/base.libsonnet').BaseTest";
const CHECK = "(import 'templates/lib/check.libsonnet')";

/** The values of many expressions, by one process. */
async function evaluate(expressions: readonly string[]): Promise<unknown[]> {
  const file = join(mkdtempSync(join(temporaryFolder(), 'many-')), 'many.jsonnet');
  writeFileSync(file, `[${expressions.map((expression) => `(${expression})`).join(',\n')}]`);
  const { stdout, stderr, code } = await jsonnet(file);
  expect(code, stderr.slice(0, 2000)).toBe(0);
  return JSON.parse(stdout);
}

describeWith(['jsonnet'], 'the jsonnet library', () => {
  const cases = CASES.flatMap(({ name, definition, kinds }) =>
    kinds.map((kind) => ({ name, definition, kind })),
  );

  test.each(cases)('makes what the builder makes: $name, as a $kind', async ({ definition, kind }) => {
    const made = await byLibrary(definition, kind);
    expect(made, made.stderr.slice(0, 2000)).toMatchObject({ code: 0 });
    const built = renderTemplate(definition, kind);
    expect(JSON.parse(made.stdout)).toEqual(built.ok ? built.value : null);
  });

  test.each(BROKEN)('names every mistake: $name', async ({ definition, kind = 'cronJob', ...expected }) => {
    const made = await byLibrary(definition, kind);
    const [, ...lines] = made.stderr.split('\n').filter((line) => line !== '' && !/^\s/.test(line));
    expect(made.stderr).toMatch(new RegExp(`^RUNTIME ERROR: Cannot make the ${kind} of a test:`));
    expect(lines.sort()).toEqual([...(expected.library ?? expected.mistakes)].sort());
  });

  test('makes what the builder makes of 400 definitions that nobody thought of', async () => {
    const definitions = fc.sample(goodDefinition, { numRuns: 400, seed: 20_260_801 });
    const kinds = ['cronJob', 'oneshotJob', 'jobSet'] as const;
    const made = await evaluate(
      definitions.map(
        (definition, index) =>
          `local check = ${CHECK}; local d = ${JSON.stringify(definition)}; local kind = '${kinds[index % 3]}';
          if check.problems(d, kind) == [] then (${BASE} + d)[kind] else check.problems(d, kind)`,
      ),
    );
    const built = definitions.map((definition, index) => {
      const one = renderTemplate(definition, kinds[index % 3] ?? 'cronJob');
      return one.ok ? one.value : one.problems.map(problemText).sort();
    });
    expect(made.map((one) => (Array.isArray(one) ? one.sort() : one))).toEqual(built);
    // Most of them have to be good for this to say anything.
    expect(built.filter((one) => !Array.isArray(one)).length).toBeGreaterThan(200);
  });

  test('names what the builder names in 400 definitions with anything anywhere', async () => {
    const definitions = fc.sample(badDefinition, { numRuns: 400, seed: 20_260_802 });
    const made = await evaluate(
      definitions.map((definition) => `${CHECK}.problems(${JSON.stringify(definition)}, 'cronJob')`),
    );
    const built = definitions.map((definition) => {
      const one = renderTemplate(definition, 'cronJob');
      return one.ok ? [] : one.problems.map(problemText).sort();
    });
    expect(made.map((problems) => (problems as string[]).sort())).toEqual(built);
    expect(built.filter((problems) => problems.length > 0).length).toBeGreaterThan(200);
  });

  test('renders the file of the tutorial to the CronJob of the same test in YAML', async () => {
    const made = await jsonnet('-S', join(EXAMPLES, 'mnist-cpu-nightly.jsonnet'));
    expect(made, made.stderr).toMatchObject({ code: 0 });
    const definition = parse(readFileSync(join(EXAMPLES, 'mnist-cpu.yaml'), 'utf8'));
    const built = renderTemplate(definition, 'cronJob');
    expect(parse(made.stdout)).toEqual(built.ok ? built.value : null);
  });

  test('takes the first file of the tutorial as it stands, and gives a Job that publishes nothing', async () => {
    const made = await jsonnet(join(EXAMPLES, 'mnist-cpu.jsonnet'));
    const job = JSON.parse(made.stdout);
    expect(job).toMatchObject({ kind: 'Job', metadata: { generateName: 'tf-mnist-example-cpu-' } });
    expect(job.spec.template.spec).not.toHaveProperty('initContainers');
  });

  test('is what "tidemark render" takes for a jsonnet file', async () => {
    const bin = mkdtempSync(join(temporaryFolder(), 'bin-'));
    symlinkSync(jsonnetProgram(), join(bin, 'jsonnet'));
    const env = { PATH: [bin, process.env.PATH].join(delimiter) };
    const file = join(EXAMPLES, 'mnist-cpu-nightly.jsonnet');
    const [fromJsonnet, fromYaml] = await Promise.all([
      tidemark(['render', file, '--yaml'], { env }),
      tidemark(['render', join(EXAMPLES, 'mnist-cpu.yaml'), '--yaml'], { env }),
    ]);
    expect(parse(fromJsonnet.stdout)).toEqual(parse(fromYaml.stdout));
    const wrong = join(bin, 'wrong.jsonnet');
    writeFileSync(wrong, "((import 'templates/base.libsonnet').BaseTest { modename: 'x' }).oneshotJob");
    const answer = await tidemark(['render', wrong], { env });
    expect(answer).toMatchObject({ status: 2, stdout: '' });
    expect(answer.stderr).toContain('modename: unknown key; did you mean "modelName"?');
    expect(answer.stderr).not.toContain('base.libsonnet:');
  });
});
