import { kindOf } from '../../core/baseline/label.ts';
import { type JobRow, type MetricRow, orderOf } from '../../core/rows.ts';
import type { RunRecord, RunRecorder } from '../../ports/history.ts';
import type { Connection } from './database.ts';
import { putChanges } from './episodes.ts';
import { putEvent } from './events.ts';
import { insertJob, insertMetric, jobOf } from './rows.ts';
import { cascadeAfter } from './run-index.ts';
import { numberOf, textOf, timeText } from './values.ts';

export function runRecorder(connection: Connection): RunRecorder {
  return {
    async record(entry) {
      // A run whose rows a power cut takes back is still to be judged, and gets the same rows again. Nothing
      // was told of it: alerts go out by mails, and these wait for the disk.
      connection.atomicallySoon(() => recordRun(connection, entry));
    },

    async recordTick(row) {
      connection.run(
        `INSERT OR REPLACE INTO ticks (tick_id, command, started_at, finished_at, runs, waiting, rejected, mails)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        row.tickId,
        row.command,
        timeText(row.startedAt),
        timeText(row.finishedAt),
        row.runs,
        row.waiting,
        row.rejected,
        row.mails,
      );
    },
  };
}

function recordRun(connection: Connection, entry: RunRecord): void {
  const { job, metrics, learnt, told, ingestedAt } = entry;
  const before = contribution(connection, job.uuid);
  for (const event of learnt) putEvent(connection, event, ingestedAt);
  connection.run('DELETE FROM metric_history WHERE uuid = ?', job.uuid);
  connection.run('DELETE FROM job_history WHERE uuid = ?', job.uuid);
  for (const row of metrics) insertMetric(connection, job, { ...row, at: ingestedAt });
  insertJob(connection, job, ingestedAt);
  putChanges(connection, told, ingestedAt);
  connection.run('UPDATE runs SET to_judge = 0, judged = 1 WHERE uuid = ?', job.uuid);
  if (before !== contributionOf(job, metrics)) cascadeAfter(connection, job.testName, orderOf(job));
}

const NOTHING = '[]';

/** What later runs look back on in this run, as text that can be compared. */
function contributionOf(job: JobRow, metrics: readonly MetricRow[]): string {
  if (job.outcome !== 'success') return NOTHING;
  const finite = metrics.flatMap(({ metricName, value }): [string, number][] =>
    value === null ? [] : [[metricName, value]],
  );
  return comparable(job, finite);
}

function contribution(connection: Connection, uuid: string): string {
  const job = connection.first('SELECT * FROM job_history WHERE uuid = ?', uuid);
  if (job?.job_status !== 'success') return NOTHING;
  const rows = connection.all(
    `SELECT metric_name, metric_value FROM metric_history WHERE uuid = ? AND value_kind = 'finite'`,
    uuid,
  );
  const finite = rows.map((row): [string, number] => [
    textOf(row, 'metric_name'),
    numberOf(row, 'metric_value'),
  ]);
  return comparable(jobOf(job), finite);
}

function comparable(job: JobRow, finite: readonly [string, number][]): string {
  if (finite.length === 0) return NOTHING;
  return JSON.stringify([kindOf(job), finite.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}
