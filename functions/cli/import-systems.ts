import { type MtaJob, type MtaMetric, mtaTable, readMta } from '../../shared/core/import/mta.ts';
import { mtaEvent } from '../../shared/core/import/mta-event.ts';
import type { WrongValue } from '../../shared/core/import/values.ts';
import { readXlml, type XlmlDefaults } from '../../shared/core/import/xlml.ts';
import type { RunEvent } from '../../shared/core/run-event.ts';
import type { JoinedRun, Staged, Staging } from './import-staging.ts';

/** What an import came to, in the names of `--json`. */
export interface Told {
  readonly rows: number;
  readonly runs: number;
  readonly judged: number;
  readonly duplicates: number;
  readonly conflicts: number;
  readonly orphans: number;
  readonly orphan_runs: number;
  readonly rejected: number;
}

export type StagedRow = Staged | { readonly kind: 'wrong'; readonly problems: readonly WrongValue[] };

/** A system whose history can be taken over: from a row to what is staged, and from that to an event. */
export interface ImportSystem {
  stage(
    values: Readonly<Record<string, unknown>>,
    to: { readonly staging: Staging; readonly place: string },
  ): StagedRow;
  event(
    run: JoinedRun,
  ): { readonly ok: true; readonly event: RunEvent } | { readonly ok: false; readonly detail: string };
}

const NO_TABLE = 'is a row of neither job_history (job_status) nor metric_history (metric_name)';

/** ml-testing-accelerators, both versions: rows of two tables, joined by uuid. */
export const mtaSystem: ImportSystem = {
  stage(values, { staging, place }) {
    const table = mtaTable(Object.keys(values));
    if (table === null) return { kind: 'wrong', problems: [{ key: 'row', message: NO_TABLE }] };
    const read = readMta(table, values);
    if (!read.ok) return { kind: 'wrong', problems: read.problems };
    const row = JSON.stringify(read.value.row);
    if (read.value.table === 'metric_history') {
      const { uuid: key, name } = read.value.row;
      return staging.addMetric({ key, name, row, place });
    }
    const { uuid: key, testName, finishedAt, workloadLink, logsLink } = read.value.row;
    return staging.addRun({ key, testName, finishedAt, process: workloadLink ?? logsLink, row, place });
  },
  event: ({ row, metrics }) =>
    mtaEvent(
      JSON.parse(row) as MtaJob,
      metrics.map((metric) => JSON.parse(metric) as MtaMetric),
    ),
};

/** The JSON lines of ml-auto-solutions: a line is a run with its metrics. */
export function xlmlSystem(defaults: XlmlDefaults): ImportSystem {
  return {
    stage(values, { staging, place }) {
      const read = readXlml(values, defaults);
      if (!read.ok) return { kind: 'wrong', problems: read.problems };
      const { eventKey: key, testName, time: finishedAt } = read.event;
      return staging.addRun({
        key,
        testName,
        finishedAt,
        process: null,
        row: JSON.stringify(read.event),
        place,
      });
    },
    event: ({ row }) => ({ ok: true, event: JSON.parse(row) as RunEvent }),
  };
}
