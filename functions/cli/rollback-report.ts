import { type FailedTest, type RollbackReport, rollbackReport } from '../../shared/core/gate/rollback.ts';
import type { MetricRow } from '../../shared/core/rows.ts';
import { formatTime } from '../../shared/core/time.ts';
import type { History } from '../../shared/ports/history.ts';
import { renderTable } from '../../shared/render/table.ts';
import type { GlobalFlags } from '../config.ts';
import { UsageError } from '../errors.ts';
import { withHistory } from '../ports.ts';
import { oneLine, type Terminal } from './io.ts';
import { readLabels } from './labels.ts';
import { begin } from './open-ports.ts';
import { shortTime, whyText } from './summary.ts';

/** What `rollback-report` takes. */
export interface RollbackFlags {
  readonly label?: string;
  readonly json?: boolean;
}

/** Of each test; what lies before says nothing about something new. */
const MOST_RUNS = 1000;

/** Lists the tests that failed since a version or label appeared. Exits 0 whatever it finds. */
export async function rollbackCommand(
  value: string | undefined,
  flags: RollbackFlags & GlobalFlags,
  terminal: Terminal,
): Promise<number> {
  const marker = markerOf(value, flags.label);
  const { setup } = await begin(flags, terminal);
  const { report, metrics } = await withHistory(setup, terminal.env, async (history) => {
    const runs = await history.newestRuns({ since: 0, limit: MOST_RUNS });
    const found = rollbackReport(runs, marker);
    return { report: found, metrics: await metricsOf(history, found) };
  });
  const { since } = report;
  const name = `${marker.fact ?? 'version'} ${oneLine(marker.value)}`;
  if (since === null)
    throw new UsageError(`No run has ${name}; "tidemark query" on job_history shows labels`);
  const told = { name, since, metrics };
  terminal.out(flags.json ? reportJson(report, told) : reportText(report, told, terminal));
  return 0;
}

function markerOf(value: string | undefined, label: string | undefined) {
  if ((value === undefined) === (label === undefined)) {
    throw new UsageError('Cannot report: wanted a VERSION, or --label key=value');
  }
  if (value !== undefined) return { fact: null, value };
  const [[fact, labelled]] = Object.entries(readLabels([label!])) as [[string, string]];
  return { fact, value: labelled };
}

type MetricsByRun = ReadonlyMap<string, readonly MetricRow[]>;

async function metricsOf(history: History, { tests }: RollbackReport): Promise<MetricsByRun> {
  const views = await Promise.all(
    tests.map(async ({ testName, newest }) => {
      const view = await history.findRun(testName, newest.runId);
      return [newest.uuid, view?.metrics ?? []] as const;
    }),
  );
  return new Map(views);
}

interface Told {
  readonly name: string;
  readonly since: number;
  readonly metrics: MetricsByRun;
}

function whyOf({ newest }: FailedTest, metrics: MetricsByRun): string {
  return whyText(newest, metrics.get(newest.uuid) ?? []);
}

function reportText(report: RollbackReport, { name, since, metrics }: Told, terminal: Terminal): string {
  const { tests, looked } = report;
  const of = `${looked} ${looked === 1 ? 'test' : 'tests'} that ran since ${name} appeared, ${shortTime(since)} UTC`;
  if (tests.length === 0) return `None of the ${of}, failed.\n`;
  const rows = tests.map((one) => [
    one.testName,
    one.before ?? '-',
    `${one.failed} of ${one.runs}`,
    one.isMarked ? 'yes' : 'no',
    one.newest.runId,
    whyOf(one, metrics),
  ]);
  const columns = [
    { title: 'TEST', min: 12 },
    { title: 'BEFORE', min: 6 },
    { title: 'FAILED', min: 8 },
    { title: 'MARKED', min: 6 },
    { title: 'NEWEST', min: 10 },
    { title: 'WHY', min: 16 },
  ];
  return `Failed: ${tests.length} of the ${of}.\n${renderTable(columns, rows, terminal)}\n`;
}

function reportJson(report: RollbackReport, { since, metrics }: Told): string {
  const tests = report.tests.map((one) => ({
    test_name: one.testName,
    before: one.before,
    runs: one.runs,
    failed: one.failed,
    marked: one.isMarked,
    newest_failed_run: one.newest.runId,
    why: whyOf(one, metrics),
  }));
  return `${JSON.stringify({ since: formatTime(since), looked_at: report.looked, tests })}\n`;
}
