import type { Verdict } from '../../shared/core/outcome.ts';
import type { JobRow, MetricRow } from '../../shared/core/rows.ts';
import { runJson } from '../../shared/core/run-json.ts';
import { formatTime } from '../../shared/core/time.ts';
import type { RunReport } from '../../shared/pipeline/evaluate-run.ts';
import type { PassReport } from '../../shared/pipeline/tick.ts';
import { headline } from '../../shared/render/sentence.ts';
import { type Column, renderTable } from '../../shared/render/table.ts';
import type { Terminal } from './io.ts';

/** `tick --json` and `backfill --json` (contracts §6). */
export function tickJson(report: PassReport): object {
  return {
    tick_id: report.tickId,
    runs: report.runs.map(({ job, metrics }) => runJson(job, metrics)),
    waiting: report.waiting,
    rejected: report.rejected,
    mails: report.mails,
  };
}

const VERDICT_COLOR: Readonly<Record<Verdict, 'green' | 'red' | 'yellow' | 'blue'>> = {
  pass: 'green',
  fail: 'red',
  inconclusive: 'yellow',
  pending: 'blue',
};

/** A column of verdicts, coloured by what they say. */
export function verdictColumn(title: string): Column {
  return {
    title,
    min: 12,
    paint: (shown, { text, color }) => {
      const style = VERDICT_COLOR[text as Verdict];
      return style === undefined ? shown : color[style](shown);
    },
  };
}

/** What a pass did, for people: the runs that did not pass, then everything in one line. */
export function tickText(report: PassReport, { width, color }: Pick<Terminal, 'width' | 'color'>): string {
  const { runs, waiting, rejected, mails } = report;
  const rows = runs.map((run) => [
    run.job.testName,
    run.job.runId,
    shortTime(run.job.finishedAt),
    run.job.outcome,
    run.job.verdict,
    whyOf(run),
  ]);
  const columns: Column[] = [
    { title: 'TEST', min: 12 },
    { title: 'RUN', min: 10 },
    { title: 'FINISHED', min: 16 },
    { title: 'OUTCOME', min: 9 },
    verdictColumn('VERDICT'),
    { title: 'WHY', min: 20 },
  ];
  const shown = rows.slice(-MOST_ROWS);
  const left = rows.length - shown.length;
  const parts = [
    ...(left > 0 ? [`(${left} earlier runs not shown; --json has them all)`] : []),
    ...(rows.length > 0 ? [renderTable(columns, shown, { width, color })] : []),
    `${count(runs.length, 'run')} judged, ${waiting} still open, ${count(rejected, 'message')} rejected, ${count(mails, 'mail')} sent.`,
  ];
  return `${parts.join('\n')}\n`;
}

const MOST_ROWS = 40;

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

/** `2026-08-01 02:41` */
export function shortTime(ms: number): string {
  return formatTime(ms).slice(0, 16).replace('T', ' ');
}

function whyOf({ job, metrics }: RunReport): string {
  return whyText(job, metrics);
}

/** In a few words why a run did not pass; empty for one that did. */
export function whyText(job: Pick<JobRow, 'outcome' | 'verdict'>, metrics: readonly MetricRow[]): string {
  if (job.verdict === 'pass') return '';
  if (job.outcome !== 'success') return job.outcome;
  const failed = metrics.filter(({ verdict }) => verdict === 'fail');
  const [first] = failed;
  if (first === undefined) {
    const reasons = metrics.flatMap(({ verdict, reason }) =>
      verdict === 'inconclusive' ? (reason ?? []) : [],
    );
    return [...new Set(reasons)].join(', ');
  }
  return `${conditionText(first, job.outcome)}${failed.length > 1 ? ` and ${failed.length - 1} more` : ''}`;
}

/** `accuracy_final fell to 0.79 (below 0.96)` */
function conditionText(row: MetricRow, outcome: string): string {
  return headline({
    signal: `metric:${row.metricName}`,
    reason: row.reason ?? '',
    outcome,
    value: row.value,
    valueKind: row.kind,
    lower: row.lower,
    upper: row.upper,
    lastGood: null,
  });
}
