import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type ReadOptions, type RunReading, readRuns } from '../../shared/tfevents/read.ts';
import { summarizeColumns } from '../../shared/tfevents/summary.ts';
import { chunked } from '../support/chunked.ts';
import { readPlainly } from '../support/plain-reader.ts';
import { ROOT } from '../support/repository.ts';
import { mutant } from './mutate.ts';
import { type Choices, choices } from './random.ts';

const CORPUS = join(ROOT, 'test/fuzz/corpus');
/** An input of this size takes a millisecond; even on a busy machine it takes no seconds. */
const HANG_MS = 10_000;
const MOST_MB = 500;

/** The real files of all writers, and what was found to be hard. */
export function corpus(): { readonly name: string; readonly bytes: Uint8Array }[] {
  return [join(ROOT, 'test/fixtures/writers'), CORPUS].flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && (folder === CORPUS || entry.name.includes('tfevents')))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => ({ name: path.slice(ROOT.length + 1), bytes: new Uint8Array(readFileSync(path)) })),
  );
}

/** What is wrong with how a file is read, in a sentence; null when nothing is. */
export async function problemWith(file: Uint8Array, random: Choices): Promise<string | null> {
  const began = performance.now();
  try {
    const problem = await compare(file, random);
    if (problem !== null) return problem;
  } catch (error) {
    return `it threw ${error instanceof Error ? error.stack : String(error)}`;
  }
  const ms = performance.now() - began;
  if (ms > HANG_MS) return `it took ${ms} ms`;
  const { arrayBuffers } = process.memoryUsage();
  return arrayBuffers > MOST_MB * 1e6 ? `it holds ${arrayBuffers} bytes` : null;
}

async function compare(file: Uint8Array, random: Choices): Promise<string | null> {
  const sizes = [1 + random.below(50), 1 + random.below(5000), 1 + random.below(300_000)];
  const restart = random.one(['preempt', 'session', 'keep'] as const);
  const wholeRecordBytes = random.one([0, 20, 60, 1000, 2 ** 20]);
  const read = (options: ReadOptions) => {
    const one = { path: 'tfevents', run: '.', size: file.length, bytes: chunked(file, ...sizes) };
    return Array.fromAsync(readRuns([one], { restart, wholeRecordBytes, learnAfter: 0, ...options }));
  };
  const [given] = await read({});
  const wanted = readPlainly(file, restart);
  const points = given!.series.map(({ tag, columns }) => ({ tag, ...columns.copy() }));
  if (!isDeepStrictEqual(points, wanted.series))
    return `its points are not those of the plain way (${restart}, ${sizes})`;
  if (given!.files[0]!.records !== wanted.records) return 'its records are not those of the plain way';
  const [found] = await read({
    resync: random.one([100, 10_000, 2 ** 20]),
    duplicates: random.one(['all', 'first', 'last', 'mean'] as const),
    verify: random.one(['full', 'parsed'] as const),
    wallTimes: random.rarely(2),
  });
  if (found!.files[0]!.records < wanted.records)
    return 'fewer records are found when lost ones are looked for';
  return nonsense(found!) ?? nonsense(given!);
}

/** What cannot be in any reading. */
function nonsense({ series, files }: RunReading): string | null {
  const [report] = files;
  const { bytes, skipped, resumeAt, damage } = report!;
  if (resumeAt > bytes || skipped.bytes > bytes || skipped.bytes < 0)
    return `its report is ${JSON.stringify(report)}`;
  if (damage === null && (skipped.bytes > 0 || skipped.records > 0))
    return 'bytes are skipped without damage';
  for (const { columns } of series) {
    const { count, min, max, mean, median } = summarizeColumns(columns);
    if (count !== columns.length) return 'a count is not the length';
    if (min === null || max === null || mean === null || median === null) continue;
    const slack = 1e-12 * Math.max(Math.abs(min), Math.abs(max));
    if (median < min || median > max || mean < min - slack || mean > max + slack)
      return 'a mean is out of its range';
  }
  return null;
}

/** How long to go on, and where to begin. */
export interface FuzzOptions {
  readonly seed: number;
  /** Whether to go on after so many inputs. */
  readonly goOn: (inputs: number) => boolean;
}

/** Reads mutants of the corpus until told to stop or one is read wrongly; that one is kept in the corpus. */
export async function fuzz({ seed, goOn }: FuzzOptions): Promise<{ inputs: number; problem: string | null }> {
  const files = corpus().map(({ bytes }) => bytes);
  let inputs = 0;
  for (; goOn(inputs); inputs++) {
    const random = choices(seed + inputs);
    const file = mutant(files, random);
    const problem = await problemWith(file, random);
    if (problem !== null)
      return { inputs, problem: `${problem}\nseed ${seed + inputs}, kept as ${keep(file)}` };
  }
  return { inputs, problem: null };
}

function keep(file: Uint8Array): string {
  const name = `found-${createHash('sha256').update(file).digest('hex').slice(0, 12)}`;
  mkdirSync(CORPUS, { recursive: true });
  writeFileSync(join(CORPUS, name), file);
  return `test/fuzz/corpus/${name}`;
}
