import type { Workspace } from './cli.ts';

/** A load test by k6 of a version, as the message of its end tells it; `day` is of August 2026. */
export interface LoadTest {
  readonly version: string;
  readonly day: number;
  readonly p95: number;
  readonly failed?: number;
  readonly outcome?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Puts the end of a load test in the spool. */
export function loadTest(workspace: Workspace, test: LoadTest): void {
  const { version, day, p95, failed = 0, outcome = 'success', labels = {} } = test;
  const at = (hour: number) => `2026-08-${String(day).padStart(2, '0')}T0${hour}:00:00Z`;
  workspace.message(
    message('finished', `r${day}`, {
      outcome,
      started_at: at(0),
      finished_at: at(1),
      labels: { version, ...labels },
      metrics: [
        { name: 'http_req_duration/p95', value: p95 },
        { name: 'http_req_blocked/p95', value: 1 },
        { name: 'http_req_failed/rate', value: failed },
      ],
    }),
  );
}

/** Puts the start of a load test in the spool. */
export function loadStarts(workspace: Workspace, { version, day }: Pick<LoadTest, 'version' | 'day'>): void {
  const started_at = `2026-08-${String(day).padStart(2, '0')}T00:00:00Z`;
  workspace.message(message('started', `r${day}`, { started_at, labels: { version } }));
}

function message(word: string, runId: string, data: object): object {
  return {
    specversion: '1.0',
    type: `io.tidemark.run.${word}.v1`,
    source: '//load',
    id: `${runId}/1/${word}`,
    subject: 'load',
    data: { run_id: runId, test_name: 'load', ...data },
  };
}
