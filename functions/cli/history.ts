import { toJsonNumber } from '../../shared/core/json.ts';
import { numberOf } from '../../shared/core/metric.ts';
import type { SeriesPoint } from '../../shared/core/rows.ts';
import { formatTime } from '../../shared/core/time.ts';
import type { History } from '../../shared/ports/history.ts';
import { colors } from '../../shared/render/color.ts';
import { formatValue } from '../../shared/render/number.ts';
import { sparkline } from '../../shared/render/sparkline.ts';
import { renderTable } from '../../shared/render/table.ts';
import type { GlobalFlags } from '../config.ts';
import { UsageError } from '../errors.ts';
import { withHistory } from '../ports.ts';
import { csvLine } from './csv.ts';
import { oneLine, type Terminal } from './io.ts';
import { requireTest } from './known-test.ts';
import { begin } from './open-ports.ts';
import { shortTime, verdictColumn } from './summary.ts';

export interface HistoryFlags {
  readonly metric?: string;
  readonly last?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

interface Series {
  readonly metric: string;
  readonly points: readonly SeriesPoint[];
}

const DEFAULT_LAST = 30;
const MOST = 100_000;

/** Shows the series of a test: one metric point by point, or all metrics a line each. */
export async function historyCommand(
  testName: string,
  flags: HistoryFlags & GlobalFlags,
  terminal: Terminal,
): Promise<number> {
  const { setup } = await begin(flags, terminal);
  const last = readLast(flags.last);
  const series = await withHistory(setup, terminal.env, async (history) => {
    await requireTest(testName, history, setup);
    return readSeries(history, testName, { metric: flags.metric, last });
  });
  if (flags.json) terminal.out(`${JSON.stringify(seriesJson(testName, series))}\n`);
  else if (flags.csv) terminal.out(seriesCsv(series));
  else if (flags.metric === undefined) terminal.out(overview(testName, series, terminal));
  else terminal.out(points(series[0]!, terminal));
  return 0;
}

function readLast(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LAST;
  const last = Number(text);
  if (Number.isInteger(last) && last > 0 && last <= MOST) return last;
  throw new UsageError(`Cannot read --last "${text}": wanted a whole number from 1 to ${MOST}`);
}

async function readSeries(
  history: History,
  testName: string,
  { metric, last }: { readonly metric: string | undefined; readonly last: number },
): Promise<Series[]> {
  const names = await history.metricNames(testName);
  const wanted = metric === undefined ? names : [metric];
  const series: Series[] = [];
  for (const name of wanted)
    series.push({ metric: name, points: await history.series(testName, name, last) });
  if (metric !== undefined && series[0]!.points.length === 0) {
    throw new UsageError(
      `Test "${testName}" has no metric "${metric}"; it has ${names.join(', ') || 'none yet'}`,
    );
  }
  return series;
}

function seriesJson(testName: string, series: readonly Series[]): object {
  return {
    test_name: testName,
    series: series.map(({ metric, points: of }) => ({ metric, points: of.map(pointJson) })),
  };
}

function pointJson(point: SeriesPoint) {
  const number = numberOf(point.kind, point.value);
  return {
    run_id: point.runId,
    uuid: point.uuid,
    finished_at: formatTime(point.finishedAt),
    outcome: point.outcome,
    value: number === null ? null : toJsonNumber(number),
    lower: point.lower,
    upper: point.upper,
    verdict: point.verdict,
    reason: point.reason,
    baseline_n: point.baselineN,
  };
}

function seriesCsv(series: readonly Series[]): string {
  const header = [
    'metric',
    'run_id',
    'uuid',
    'finished_at',
    'outcome',
    'value',
    'lower',
    'upper',
    'verdict',
    'reason',
    'baseline_n',
  ];
  const rows = series.flatMap(({ metric, points: of }) =>
    of.map((point) => [metric, ...Object.values(pointJson(point))]),
  );
  return [header, ...rows].map(csvLine).join('');
}

/** Columns of a line of the overview that are not its sparkline. */
const BESIDE_SPARK = 60;
const WIDEST_SPARK = 40;
const NARROWEST_SPARK = 10;

function overview(testName: string, series: readonly Series[], { width, color }: Terminal): string {
  if (series.length === 0) return `${oneLine(testName)} has no metrics yet.\n`;
  // Chosen before the table is laid out: what the table cuts off is the newest end.
  const room = Math.min(WIDEST_SPARK, Math.max(NARROWEST_SPARK, width - BESIDE_SPARK));
  const rows = series.map(({ metric, points: of }) => {
    const newest = of.at(-1)!;
    return [
      metric,
      spark(of, { color: false, room }),
      formatValue(newest.value, newest.kind),
      bounds(newest),
      newest.verdict ?? '',
    ];
  });
  const columns = [
    { title: 'METRIC', min: 16 },
    { title: 'OLDEST TO NEWEST', min: 10 },
    { title: 'NEWEST', align: 'right' as const, min: 9 },
    { title: 'BOUNDS', min: 9 },
    verdictColumn('VERDICT'),
  ];
  return `${renderTable(columns, rows, { width, color })}\n`;
}

function spark(of: readonly SeriesPoint[], { color, room }: { color: boolean; room: number }): string {
  const newest = of.at(-1);
  return sparkline(
    of.map(({ value }) => value),
    { width: room, lower: newest?.lower ?? null, upper: newest?.upper ?? null, outside: colors(color).red },
  );
}

function points({ metric, points: of }: Series, { width, color }: Terminal): string {
  const rows = of.map((point) => [
    point.runId,
    shortTime(point.finishedAt),
    point.outcome,
    formatValue(point.value, point.kind),
    bounds(point),
    point.baselineN === 0 ? '' : String(point.baselineN),
    point.verdict ?? '',
    point.reason ?? '',
  ]);
  const columns = [
    { title: 'RUN', min: 12 },
    { title: 'FINISHED (UTC)', min: 16 },
    { title: 'OUTCOME', min: 7 },
    { title: 'VALUE', align: 'right' as const, min: 9 },
    { title: 'BOUNDS', min: 9 },
    { title: 'RUNS', align: 'right' as const },
    verdictColumn('VERDICT'),
    { title: 'REASON', min: 6 },
  ];
  const line = `${oneLine(metric)}  ${spark(of, { color, room: Math.max(10, width - metric.length - 2) })}`;
  return `${line}\n\n${renderTable(columns, rows, { width, color })}\n`;
}

function bounds({ lower, upper }: SeriesPoint): string {
  if (lower === null && upper === null) return '';
  const side = (value: number | null) => (value === null ? '…' : formatValue(value, 'finite'));
  return `${side(lower)} to ${side(upper)}`;
}
