import type { KeptComparison } from '../../shared/core/comparing/comparison-json.ts';
import { decideComparison } from '../../shared/core/comparing/decide.ts';
import { compareShares } from '../../shared/core/comparing/labels.ts';
import type { Share } from '../../shared/core/comparing/sample.ts';
import { compareValues } from '../../shared/core/comparing/values.ts';
import { goodOf } from '../../shared/core/judging/direction.ts';
import type { SeriesPoint } from '../../shared/core/rows.ts';
import type { History } from '../../shared/ports/history.ts';
import type { GlobalFlags, Setup } from '../config.ts';
import { UsageError } from '../errors.ts';
import { withHistory } from '../ports.ts';
import { type CompareFlags, settingsOf, statisticOf, wholeNumber } from './compare-flags.ts';
import type { Terminal } from './io.ts';
import { requireTest } from './known-test.ts';
import { begin } from './open-ports.ts';

const MOST = 100_000;

/** Holds the runs of a test with one value of a label against those with another. */
export async function compareRuns(
  testName: string,
  flags: CompareFlags & GlobalFlags,
  terminal: Terminal,
): Promise<KeptComparison> {
  const { by, a, b } = sidesOf(flags);
  const settings = settingsOf(flags);
  const statistic = statisticOf(flags.statistic);
  const { setup } = await begin(flags, terminal);
  const { sides, ends } = await withHistory(setup, terminal.env, async (history) => {
    await requireTest(testName, history, setup);
    const asked = { testName, by, a, b, flags };
    return { sides: await readSides(history, asked), ends: await readEnds(history, asked) };
  });
  const shares = [...succeeded(ends), ...sides.flatMap(answered)];
  const together = { ...settings, metrics: sides.length + shares.length };
  const evidence = sides.map(({ metric, a: left, b: right }) =>
    compareValues(
      { metric, good: goodFor(setup, { testName, metric }), a: left, b: right, statistic, arePairs: false },
      together,
    ),
  );
  const comparison = decideComparison(
    [...evidence, ...shares.map(({ metric, ...share }) => compareShares(metric, share, together))],
    together,
    sides.flatMap(({ notes }) => notes),
  );
  return { subject: { subject: testName, by, a, b }, comparison, settings };
}

/** By a label, or by version: then the label of that name counts, and where a run has none its framework_version. */
function sidesOf({ by, a, b, baseline, candidate }: CompareFlags) {
  const sides = by === undefined ? { by: VERSION, a: baseline, b: candidate } : { by, a, b };
  if (sides.a === undefined || sides.b === undefined) {
    throw new UsageError(
      'Cannot compare: wanted TEST --by LABEL --a VALUE --b VALUE, TEST --baseline VERSION --candidate VERSION, or --sql URL',
    );
  }
  const [one, other] = [sides.a.trim(), sides.b.trim()];
  if (one !== other) return { by: sides.by, a: one, b: other };
  const names = by === undefined ? '--baseline and --candidate' : '--a and --b';
  throw new UsageError(`Cannot compare: ${names} are both "${one}"`);
}

const VERSION = 'version';

function sideOf({ facts }: SeriesPoint, by: string): string | undefined {
  return facts[by] ?? (by === VERSION ? facts.framework_version : undefined);
}

interface Sides {
  readonly metric: string;
  readonly a: Float64Array;
  readonly b: Float64Array;
  /** What does not count, and why. */
  readonly notes: readonly string[];
  /** Runs that ended as success, and those of them that gave a finite number. */
  readonly finite: { readonly a: Share; readonly b: Share };
}

/** Something good that holds for some runs of each side. */
interface SharesOf {
  readonly metric: string;
  readonly a: Share;
  readonly b: Share;
  readonly estimates: string;
}

interface Asked {
  readonly testName: string;
  readonly by: string;
  readonly a: string;
  readonly b: string;
  readonly flags: CompareFlags;
}

async function readSides(history: History, asked: Asked): Promise<Sides[]> {
  const { testName, by, a, b, flags } = asked;
  const last = wholeNumber(flags.last, { name: '--last', usual: MOST, most: MOST });
  const names = await history.metricNames(testName);
  const unknown = flags.metric?.find((metric) => !names.includes(metric));
  if (unknown !== undefined) {
    throw new UsageError(
      `Test "${testName}" has no metric "${unknown}"; it has ${names.join(', ') || 'none yet'}`,
    );
  }
  const read: { metric: string; points: readonly SeriesPoint[] }[] = [];
  for (const metric of flags.metric ?? names) {
    read.push({ metric, points: await history.series(testName, metric, last) });
  }
  const judged = read.filter(({ points }) => points.some(({ verdict }) => verdict !== null));
  const wanted = flags.metric === undefined && judged.length > 0 ? judged : read;
  requireValues(
    wanted.flatMap(({ points }) => points),
    { testName, by, a, b },
  );
  const runs = (points: readonly SeriesPoint[], value: string) =>
    points.filter((point) => sideOf(point, by) === value);
  return wanted.map(({ metric, points }) => {
    const [left, right] = [counted(runs(points, a)), counted(runs(points, b))];
    const notes = [...notesOf(left, { metric, name: a }), ...notesOf(right, { metric, name: b })];
    return { metric, a: left.values, b: right.values, notes, finite: { a: left.finite, b: right.finite } };
  });
}

/** How the runs of both sides ended, whatever they told of metrics. */
async function readEnds(history: History, asked: Asked): Promise<{ readonly a: Share; readonly b: Share }> {
  const { testName, by, flags } = asked;
  const last = wholeNumber(flags.last, { name: '--last', usual: MOST, most: MOST });
  const share = async (value: string): Promise<Share> => {
    const runs = await history.runsWith(testName, { fact: by, value, limit: last, metrics: [] });
    return { n: runs.length, holds: runs.filter(({ job }) => job.outcome === 'success').length };
  };
  return { a: await share(asked.a), b: await share(asked.b) };
}

/** A version whose runs fail more often is worse, however good the others are; asked where any has failed. */
function succeeded({ a, b }: { readonly a: Share; readonly b: Share }): SharesOf[] {
  if (a.holds === a.n && b.holds === b.n) return [];
  return [{ metric: 'outcome', a, b, estimates: 'share that ended as success' }];
}

/** A version that gives a number less often is worse, however good its numbers are. */
function answered({ metric, finite: { a, b } }: Sides): SharesOf[] {
  if (a.holds === a.n && b.holds === b.n) return [];
  return [{ metric: `${metric}: a number`, a, b, estimates: 'share that is a number' }];
}

/** Values of the runs that count, and how many do not. */
function counted(points: readonly SeriesPoint[]) {
  const ended = points.filter(({ outcome }) => outcome === 'success');
  const values = Float64Array.from(ended.flatMap(({ value }) => value ?? []));
  return {
    values,
    finite: { n: ended.length, holds: values.length },
    failed: points.length - ended.length,
    without: ended.length - values.length,
  };
}

function notesOf(
  { failed, without }: ReturnType<typeof counted>,
  { metric, name }: { readonly metric: string; readonly name: string },
): string[] {
  const runs = (count: number) => `${count} ${count === 1 ? 'run' : 'runs'} of ${name}`;
  return [
    ...(failed > 0 ? [`${metric}: ${runs(failed)} did not end as success and do not count.`] : []),
    ...(without > 0 ? [`${metric}: ${runs(without)} gave no finite number and do not count.`] : []),
  ];
}

/** Throws unless some run has each of both values: nobody wants an answer about a misspelt label. */
function requireValues(
  points: readonly SeriesPoint[],
  { testName, by, a, b }: { testName: string; by: string; a: string; b: string },
): void {
  const known = new Set(points.flatMap((point) => sideOf(point, by) ?? []));
  if (known.size === 0) {
    const labels = [...new Set(points.flatMap(({ facts }) => Object.keys(facts)))];
    throw new UsageError(
      `No run of "${testName}" has the label "${by}"; its runs have ${labels.join(', ') || 'no labels'}`,
    );
  }
  const missing = [a, b].find((value) => !known.has(value));
  if (missing === undefined) return;
  const shown = [...known].slice(0, 10).join(', ');
  throw new UsageError(`No run of "${testName}" has ${by} "${missing}"; there is ${shown}`);
}

/** The good direction: what the config says, else what the name suggests. */
function goodFor({ tests }: Setup, { testName, metric }: { testName: string; metric: string }) {
  const conditions = tests.get(testName)?.regression_test_config?.metric_success_conditions;
  return goodOf(metric, conditions?.[metric]?.comparison);
}
