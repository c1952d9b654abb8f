import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fileEventFiles } from '../shared/adapters/file/event-files.ts';
import { summarize } from '../shared/core/aggregate.ts';
import type { ScalarSet, Series } from '../shared/core/series.ts';
import { type ReadOptions, readRuns, readScalars } from '../shared/tfevents/read.ts';
import { chunked } from './support/chunked.ts';
import { readPlainly } from './support/plain-reader.ts';

// Event files of real writers, and what TensorFlow, NumPy and protobuf make of them; see the README there.
const ROOT = join(import.meta.dirname, 'fixtures/writers');

type Num = number | string | null;
type OraclePoint = [step: number | string, wallTime: Num, value: Num];
interface Aggregates {
  count: number;
  nan: number;
  posinf: number;
  neginf: number;
  first: Num;
  final: Num;
  min: Num;
  max: Num;
  mean: Num;
  mean_exact: Num;
  median: Num;
}
interface OracleTag {
  points: OraclePoint[];
  aggregates: Aggregates;
  want: 'preempt' | 'keep';
  policies?: Record<'preempt' | 'session' | 'keep', { aggregates: Aggregates; points?: OraclePoint[] }>;
}
interface OracleDamage {
  offset: number;
  kind: string;
  records_skipped: number;
}
interface OracleFile {
  path: string;
  bytes: number;
  records: number;
  damage: OracleDamage | null;
}
interface OracleRun {
  files: OracleFile[];
  tags: Record<string, OracleTag>;
  file_order_conflict?: unknown;
}
interface OracleCase {
  edit: string;
  file: OracleFile;
  tags: Record<string, { points_kept?: number[]; points?: OraclePoint[]; aggregates: Aggregates }>;
}

const oracle = <T>(fixture: string): T =>
  JSON.parse(readFileSync(join(ROOT, fixture, 'oracle.json'), 'utf8')) as T;

const store = fileEventFiles({ roots: [ROOT] });

async function read(folder: string, options: ReadOptions = {}): Promise<ScalarSet> {
  const { files } = await store.list(join(ROOT, folder));
  const opened = files.map((file) => ({ ...file, size: file.bytes, bytes: store.open(file) }));
  return readScalars(opened, options);
}

const find = (set: ScalarSet, run: string, tag: string): Series => {
  const found = set.series.find((series) => series.run === run && series.tag === tag);
  if (found === undefined) throw new Error(`no series ${JSON.stringify([run, tag])}`);
  return found;
};

const summaryOf = ({ values, steps, wallTimes }: Series) => summarize(values, steps, wallTimes);

/** Equal, or within 1e-12 of the size. */
function expectNumber(given: number | null | undefined, wanted: Num, what: string): void {
  const number = typeof wanted === 'string' ? Number(wanted) : wanted;
  const near =
    typeof number === 'number' &&
    typeof given === 'number' &&
    Math.abs(given - number) <= 1e-12 * Math.abs(number);
  if (!near) expect(given ?? null, what).toBe(number);
}

function expectAggregates(series: Series, wanted: Aggregates): void {
  const summary = summaryOf(series);
  const { count, nan, posinf, neginf } = wanted;
  expect(summary, series.tag).toMatchObject({ count, nan, posinf, neginf });
  expectNumber(summary.first?.value, wanted.first, `first of ${series.tag}`);
  expectNumber(summary.final?.value, wanted.final, `final of ${series.tag}`);
  expectNumber(summary.min, wanted.min, `min of ${series.tag}`);
  expectNumber(summary.max, wanted.max, `max of ${series.tag}`);
  // NumPy's own mean is off by 5e-9 where float32 extremes cancel; `mean_exact` is the rounded true one.
  expectNumber(summary.mean, wanted.mean_exact, `mean of ${series.tag}`);
  expectNumber(summary.median, wanted.median, `median of ${series.tag}`);
}

function expectPoints(series: Series, wanted: readonly OraclePoint[]): void {
  const given = [...series.values].map((value, at) => [series.steps[at], series.wallTimes[at], value]);
  expect(given, series.tag).toEqual(wanted.map((point) => point.map(Number)));
}

function expectFile(report: ScalarSet['files'][number] | undefined, wanted: OracleFile): void {
  const { path, bytes, records, damage } = wanted;
  const harm = damage && { offset: damage.offset, kind: damage.kind, recordsSkipped: damage.records_skipped };
  const name = report?.path.split('/').at(-1);
  expect({ ...report, path: name }).toEqual({ path, bytes, records, damage: harm });
}

const fixtures = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'damaged')
  .map((entry) => entry.name);

test('there are fixtures of every writer', () => {
  expect(fixtures).toHaveLength(26);
});

describe.each(fixtures)('%s', (fixture) => {
  const runs = Object.entries(oracle<{ runs: Record<string, OracleRun> }>(fixture).runs);

  test('files, runs and tags are those of the oracle', async () => {
    const set = await read(fixture);
    for (const [run, wanted] of runs) {
      const reports = set.files.filter(
        ({ path }) => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.') === run,
      );
      const { files } = wanted;
      expect(reports).toHaveLength(files.length);
      files.forEach((file, at) => {
        expectFile(reports[at], file);
      });
      expect(set.notes).toHaveLength(wanted.file_order_conflict ? 1 : 0);
    }
    const tags = runs.flatMap(([run, { tags }]) =>
      Object.keys(tags).map((tag) => JSON.stringify([run, tag])),
    );
    expect(set.series.map(({ run, tag }) => JSON.stringify([run, tag])).sort()).toEqual(tags.sort());
  });

  test('keep gives every point, and the wanted policy and each other one the wanted numbers', async () => {
    const sets = {
      keep: await read(fixture, { restart: 'keep' }),
      preempt: await read(fixture),
      session: await read(fixture, { restart: 'session' }),
    };
    for (const [run, { tags }] of runs) {
      for (const [tag, wanted] of Object.entries(tags)) {
        expectPoints(find(sets.keep, run, tag), wanted.points);
        const best = wanted.policies?.[wanted.want].aggregates ?? wanted.aggregates;
        expectAggregates(find(sets.preempt, run, tag), best);
        for (const policy of ['keep', 'session', 'preempt'] as const) {
          // Where every step is 0 the oracle's preempt is the plain rule, and it wants `keep`.
          if (policy === 'preempt' && wanted.want === 'keep') continue;
          const series = find(sets[policy], run, tag);
          const answer = wanted.policies?.[policy];
          expectAggregates(series, answer?.aggregates ?? wanted.aggregates);
          if (answer?.points) expectPoints(series, answer.points);
          expect(series.removed).toBe(wanted.points.length - series.values.length);
        }
      }
    }
  });

  test('records that are pruned as they stream by give the same as whole ones', async () => {
    expect(await read(fixture, { wholeRecordBytes: 0 })).toEqual(await read(fixture));
  });
});

/** Where the records of a sound file end. */
function ends(file: Uint8Array): number[] {
  const view = new DataView(file.buffer, file.byteOffset);
  const all: number[] = [];
  for (let at = 0; at < file.length; all.push(at)) at += 16 + view.getUint32(at, true);
  return all;
}

/** Of the few files above this every fifth cut inside a record is tried, for the time it takes. */
const LONG = 8000;

describe('cut at every byte', () => {
  const files = readdirSync(ROOT, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && entry.name.includes('tfevents') && !entry.parentPath.includes('damaged'),
    )
    .map((entry) => join(entry.parentPath, entry.name));

  test('there are files of all writers', () => {
    expect(files.length).toBeGreaterThan(40);
  });

  test.each(files.map((file) => file.slice(ROOT.length + 1)))(
    '%s gives the records before the cut',
    async (path) => {
      const file = new Uint8Array(readFileSync(join(ROOT, path)));
      const whole = ends(file);
      let wanted = readPlainly(file.subarray(0, 0), 'keep');
      for (let length = 0, records = 0; length <= file.length; length++) {
        if (whole[records] === length) {
          records++;
          wanted = readPlainly(file.subarray(0, length), 'keep');
        } else if (file.length > LONG && length % 5 !== 0) continue;
        const bytes = chunked(file.subarray(0, length), 10_000);
        const [run] = await Array.fromAsync(
          readRuns([{ path, run: '.', size: length, bytes }], { restart: 'keep' }),
        );
        const { damage, records: given } = run!.files[0]!;
        const isAtEnd = length === (whole[records - 1] ?? 0);
        // Compared by hand, as there are a hundred thousand of them; points one by one where a record ends.
        const isRight = (damage?.kind ?? null) === (isAtEnd ? null : 'truncated') && given === wanted.records;
        const counts = run!.series.every(
          ({ columns }, at) => columns.length === wanted.series[at]!.values.length,
        );
        if (!isRight || !counts || run!.series.length !== wanted.series.length)
          expect.fail(`wrong at byte ${length}`);
        if (isAtEnd)
          expect(run!.series.map(({ tag, columns }) => ({ tag, ...columns.copy() }))).toEqual(wanted.series);
      }
    },
  );
});

describe('damaged', () => {
  const { cases, sound } = oracle<{ cases: Record<string, OracleCase>; sound: Record<string, OracleTag> }>(
    'damaged',
  );

  test.each(Object.entries(cases))('%s', async (name, wanted) => {
    for (const options of [{}, { wholeRecordBytes: 0 }]) {
      const set = await read(`damaged/${name}`, options);
      expect(set.files).toHaveLength(1);
      expectFile(set.files[0], wanted.file);
      // A tag without points is one that only readers which check less than we do make up.
      const tags = Object.entries(wanted.tags).filter(([, { aggregates }]) => aggregates.count > 0);
      expect(set.series.map(({ tag }) => tag)).toEqual(tags.map(([tag]) => tag).sort());
      for (const [tag, { points_kept: kept, points, aggregates }] of tags) {
        const series = find(set, '.', tag);
        expectPoints(series, points ?? kept!.map((at) => sound[tag]!.points[at]!));
        expectAggregates(series, aggregates);
      }
    }
  });
});
