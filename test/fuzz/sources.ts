import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceConfig } from '../../shared/core/schema/source.ts';
import { fileSource } from '../../shared/core/sources/decoders.ts';
import type { SourceResult } from '../../shared/core/sources/reading.ts';
import { ROOT } from '../support/repository.ts';
import { concat } from '../support/tfevents-writer.ts';
import { type Choices, choices } from './random.ts';
import type { FuzzOptions } from './read.ts';

const FIXTURES = join(ROOT, 'test/fixtures/sources');
const FOUND = join(ROOT, 'test/fuzz/corpus-sources');
/** An input of this size takes milliseconds; even on a busy machine it takes no seconds. */
const HANG_MS = 10_000;
const LONGEST = 400_000;
const MOST_NOTES = 60;

/** What is fuzzed together: the files of a folder, ways to read them, and texts that mean something in them. */
interface Format {
  readonly folder: string;
  readonly sources: readonly SourceConfig[];
  readonly words: readonly string[];
}

const path = 'any';
const JSON_WORDS = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  '\\',
  'null',
  'NaN',
  '1e999',
  '-0',
  '"__proto__":',
  '\n',
  '\ud800',
];

/** Every format of files, by the folder of its fixtures. */
export const FORMATS: readonly Format[] = [
  {
    folder: 'csv',
    sources: [
      { csv: { path, preset: 'locust' } },
      { csv: { path, columns: ['Request Count', '95%'], where: { Type: 'GET' } } },
      {
        csv: {
          path,
          columns: { '95%': 'a' },
          delimiter: ';',
          decimal: ',',
          aggregate: ['sum', 'median', 'final'],
        },
      },
    ],
    words: [
      '"',
      '""',
      ',',
      ';',
      '\n',
      '\r\n',
      'N/A',
      'Aggregated',
      '0,5',
      '1,234.5',
      'Name',
      '95%',
      'nan',
      '\ufeff',
    ],
  },
  {
    folder: 'junit',
    sources: [{ junit: { path } }],
    words: [
      '<testsuite>',
      '</testsuite>',
      '<testcase name="a" time="1,5"/>',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '&amp;',
      '&#x41;',
      '<!DOCTYPE a>',
      ' time="0,5"',
      ' name="',
      '"',
      '/>',
      'constructor',
    ],
  },
  {
    folder: 'openmetrics',
    sources: [{ openmetrics: { path } }],
    words: [
      '{',
      '}',
      '"',
      '\\',
      '=',
      ',',
      '# TYPE a counter\n',
      '# EOF\n',
      'NaN',
      '+Inf',
      '\n',
      ' ',
      '\t',
      '{"x",a="b"} 1\n',
      '#',
      '__proto__ 1\n',
    ],
  },
  {
    folder: 'lines',
    sources: [{ lines: { path } }],
    words: [
      ':::MLLOG ',
      '{"key":"a","value":1}',
      '{',
      '}',
      '"',
      '=',
      'a=',
      'step=',
      '1,000',
      '\r',
      '\n',
      '\x1b[',
      '\x1b]',
      'nan',
      'run_stop',
      '__proto__=1 ',
    ],
  },
  {
    folder: 'k6',
    sources: [{ k6: { path } }],
    words: [...JSON_WORDS, '"metrics":', '"values":', '"results":', '"p(95)":'],
  },
  {
    folder: 'json',
    sources: [
      ...(['perfzero', 'lm-eval', 'trainer-state'] as const).map((preset) => ({ json: { path, preset } })),
      { json: { path, metrics: { a: '/results/0/value', b: '/__proto__' } } },
      { json_lines: { path, preset: 'metrics-lines', dimensions: ['split'] } },
      { json_lines: { path, names: { name: '/name', value: '/value' }, step: '/step', time: '/time' } },
    ],
    words: [...JSON_WORDS, '"metrics":', '"dimensions":', '"results":', '"log_history":'],
  },
  {
    folder: 'pytest-benchmark',
    sources: [{ json: { path, preset: 'pytest-benchmark' } }],
    words: [...JSON_WORDS, '"benchmarks":', '"stats":'],
  },
  {
    folder: 'google-benchmark',
    sources: [{ json: { path, preset: 'google-benchmark' } }],
    words: [...JSON_WORDS, '"benchmarks":', '"time_unit":', '"run_type":'],
  },
];

const isInput = (name: string) => !/\.(py|md|mjs|js|txt|cc|sh)$/.test(name);

/** The real files of a format, and what was found to be hard in it. */
export function filesOf({ folder }: Format): Uint8Array[] {
  return [join(FIXTURES, folder), join(FOUND, folder)]
    .filter((place) => existsSync(place))
    .flatMap((place) =>
      readdirSync(place)
        .filter(isInput)
        .map((name) => join(place, name)),
    )
    .map((file) => new Uint8Array(readFileSync(file)));
}

/** What is wrong with how a file is read by one way, in a sentence; null when nothing is. */
export function problemWith(file: Uint8Array, source: SourceConfig): string | null {
  const began = performance.now();
  let result: SourceResult;
  try {
    result = fileSource(source)!.decode(file);
  } catch (error) {
    return `it threw ${error instanceof Error ? error.stack : String(error)}`;
  }
  const ms = performance.now() - began;
  return ms > HANG_MS ? `it took ${ms} ms` : nonsense(result);
}

/** What cannot be in any reading. */
function nonsense(result: SourceResult): string | null {
  if ('problem' in result) return result.problem === '' ? 'its problem is empty' : null;
  const { values, points, notes } = result;
  const bad = [...values, ...points].find(
    ({ name, value }) => typeof name !== 'string' || typeof value !== 'number',
  );
  if (bad !== undefined) return `a value is ${JSON.stringify(bad)}`;
  const apart = points.find(({ step, wallTime }) => typeof step !== 'number' || typeof wallTime !== 'number');
  if (apart !== undefined) return `a point is ${JSON.stringify(apart)}`;
  return notes.length > MOST_NOTES ? `it has ${notes.length} notes` : null;
}

/** Reads mutants of all formats until told to stop or one is read wrongly; that one is kept. */
export async function fuzzSources({
  seed,
  goOn,
}: FuzzOptions): Promise<{ inputs: number; problem: string | null }> {
  const formats = FORMATS.map((format) => ({ ...format, files: filesOf(format) }));
  let inputs = 0;
  for (; goOn(inputs); inputs++) {
    const random = choices(seed + inputs);
    const format = formats[inputs % formats.length]!;
    const file = mutant(format, random);
    const source = random.one(format.sources);
    const problem = problemWith(file, source);
    if (problem !== null)
      return {
        inputs,
        problem: `${JSON.stringify(source)}: ${problem}\nkept as ${keep(format.folder, file)}`,
      };
  }
  return { inputs, problem: null };
}

function mutant(
  { files, words }: Format & { readonly files: readonly Uint8Array[] },
  random: Choices,
): Uint8Array {
  let file = random.one(files);
  for (let turn = random.below(6); turn >= 0; turn--)
    file = changed(file, { files, words, random }).subarray(0, LONGEST);
  return file;
}

interface Material {
  readonly files: readonly Uint8Array[];
  readonly words: readonly string[];
  readonly random: Choices;
}

function changed(file: Uint8Array, { files, words, random }: Material): Uint8Array {
  const at = random.below(file.length + 1);
  const [before, behind] = [file.subarray(0, at), file.subarray(at)];
  const word = new TextEncoder().encode(random.one(words));
  switch (random.below(8)) {
    case 0:
      return concat([before, Uint8Array.of(random.below(256)), behind.subarray(1)]);
    case 1:
      return concat([before, behind.subarray(random.below(60))]);
    case 2:
      return concat([before, behind.subarray(0, random.below(200)), behind]);
    case 3:
      return before;
    case 4: {
      const other = random.one(files);
      return concat([before, other.subarray(random.below(other.length + 1))]);
    }
    case 5: {
      const often = 1 + random.below(random.rarely(20) ? 20_000 : 50);
      return concat([before, ...Array<Uint8Array>(often).fill(word), behind]);
    }
    default:
      return concat([before, word, behind]);
  }
}

function keep(folder: string, file: Uint8Array): string {
  const name = `found-${createHash('sha256').update(file).digest('hex').slice(0, 12)}`;
  mkdirSync(join(FOUND, folder), { recursive: true });
  writeFileSync(join(FOUND, folder, name), file);
  return `test/fuzz/corpus-sources/${folder}/${name}`;
}
