import { globMatcher } from '../../shared/core/glob.ts';
import { type CurveVerdict, compareCurves } from '../../shared/core/judging/curves/compare-curves.ts';
import { guessGood } from '../../shared/core/judging/direction.ts';
import type { HealthFinding } from '../../shared/core/judging/health/curve.ts';
import { trainingHealth } from '../../shared/core/judging/health/health.ts';
import type { Series } from '../../shared/core/series.ts';
import type { EventFiles } from '../../shared/ports/event-files.ts';
import { formatNumber } from '../../shared/render/number.ts';
import { readScalars } from '../../shared/tfevents/read.ts';
import { clockAt } from '../clock.ts';
import type { GlobalFlags } from '../config.ts';
import { UsageError } from '../errors.ts';
import { openEventFiles } from '../event-files.ts';
import { oneLine, type Terminal } from './io.ts';

export interface HealthFlags {
  readonly against?: readonly string[];
  readonly coverage?: string;
  readonly tag?: string;
  readonly running?: boolean;
  readonly json?: boolean;
}

/** A curve held against those of earlier runs. */
interface Compared extends CurveVerdict {
  readonly run: string;
  readonly tag: string;
}

const COVERAGE = 0.99;

/** What went wrong inside a run, from its event files, and how its curves stand against earlier runs. */
export async function healthCommand(
  path: string,
  flags: HealthFlags & GlobalFlags,
  terminal: Terminal,
): Promise<number> {
  const coverage = readCoverage(flags.coverage);
  const store = await openEventFiles({ roots: undefined, onOneMachine: true }, terminal.env);
  const matches = flags.tag === undefined ? () => true : globMatcher(flags.tag);
  const curves = (await curvesOf(path, store)).filter(({ tag }) => matches(tag));
  if (curves.length === 0)
    throw new UsageError(
      `Cannot judge "${path}": it holds no scalars${flags.tag === undefined ? '' : ` called ${flags.tag}`}`,
    );
  const now = flags.running ? clockAt(flags.now ?? terminal.env.TIDEMARK_NOW).now() / 1000 : null;
  const findings = runsOf(curves).flatMap(({ run, series }) =>
    trainingHealth(series, { now }).map((found) => ({ run, ...found })),
  );
  const earlier: Series[][] = [];
  for (const folder of flags.against ?? []) earlier.push(await curvesOf(folder, store));
  const compared = earlier.length === 0 ? [] : curves.map((curve) => against(curve, earlier, coverage));
  if (flags.json)
    terminal.out(`${JSON.stringify({ findings: findings.map(findingJson), curves: compared })}\n`);
  else terminal.out(healthText(findings, compared));
  return 0;
}

async function curvesOf(path: string, store: EventFiles): Promise<Series[]> {
  const { files } = await store.list(path);
  const opened = files.map((file) => ({
    path: file.path,
    run: file.run,
    size: file.bytes,
    bytes: store.open(file),
  }));
  return [...(await readScalars(opened)).series];
}

/** The pace of a run is one thing, so its tags are judged together. */
function runsOf(curves: readonly Series[]): { run: string; series: Series[] }[] {
  const runs = new Map<string, Series[]>();
  for (const curve of curves) runs.set(curve.run, [...(runs.get(curve.run) ?? []), curve]);
  return [...runs].map(([run, series]) => ({ run, series }));
}

function against(curve: Series, earlier: readonly Series[][], coverage: number): Compared {
  const same = earlier.flatMap((series) =>
    series.filter(({ run, tag }) => run === curve.run && tag === curve.tag),
  );
  return {
    run: curve.run,
    tag: curve.tag,
    ...compareCurves(curve, same, { good: guessGood(curve.tag), coverage }),
  };
}

function readCoverage(text: string | undefined): number {
  const coverage = text === undefined ? COVERAGE : Number(text);
  if (coverage > 0.5 && coverage < 1) return coverage;
  throw new UsageError(`Cannot read --coverage "${text}": wanted a number above 0.5 and below 1`);
}

function findingJson({ run, kind, tag, step, wallTime, text }: HealthFinding & { run: string }): object {
  return { run, kind, tag, step, wall_time: wallTime, text };
}

function healthText(
  findings: readonly (HealthFinding & { run: string })[],
  compared: readonly Compared[],
): string {
  const found = findings.map(
    ({ run, kind, text }) => `${kind}  ${run === '.' ? '' : `${oneLine(run)}: `}${oneLine(text)}`,
  );
  const lines = found.length === 0 ? ['Nothing is wrong inside the run.'] : found;
  return `${[...lines, ...compared.map(comparedText)].join('\n')}\n`;
}

const OUT: Readonly<Record<string, string>> = {
  left: 'leaves the band',
  stretch: 'lies beside the band for a stretch',
  along: 'lies beside the band all along',
};

function comparedText({ tag, verdict, reason, worst, curves }: Compared): string {
  const name = oneLine(tag);
  if (verdict === 'inconclusive') return `inconclusive  ${name}: ${curves} earlier curves are too few`;
  if (reason === null) return `pass  ${name} stays inside the band of ${curves} earlier curves`;
  const { step, distance } = worst!;
  return `fail  ${name} ${OUT[reason]} of ${curves} earlier curves, furthest at step ${step} (${formatNumber(distance, { digits: 3 })} spreads)`;
}
