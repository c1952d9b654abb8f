import { check, problemText } from './problem.ts';
import { BackfillLine } from './schema/message.ts';
import { formatTime, parseTime } from './time.ts';

/** Sources of backfill lines begin so. */
export const PAST_SOURCE = '//tidemark/backfill/';
/** Sources of what other systems kept begin so. */
export const IMPORT_SOURCE = '//tidemark/import/';
/** Sources of runs that ml-testing-accelerators judged begin so. */
export const MTA_SOURCE = `${IMPORT_SOURCE}mta/`;

/** Whether who reports speaks of what is past: nobody is to be told of it now. */
export function isPastSource(source: string): boolean {
  return source.startsWith(PAST_SOURCE) || source.startsWith(IMPORT_SOURCE);
}

/** Whether who reports brings the bounds that its run was held against, which no config file here may change. */
export function isJudgedElsewhere(source: string): boolean {
  return source.startsWith(MTA_SOURCE);
}

const LINE_KEYS = new Set(Object.keys(BackfillLine.shape));

export type PastRunLine =
  | { readonly ok: true; readonly message: object; readonly identity: string }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * One line of a backfill file as the `finished` event it stands for. Keys it does not know become labels.
 * `resolve` turns a model directory, given relative to the file, into one that can be found later.
 */
export function pastRun(value: unknown, resolve: (modelDir: string) => string): PastRunLine {
  const checked = check(BackfillLine, value);
  if (!checked.ok) return { ok: false, problems: checked.problems.map(problemText) };
  const line = checked.value;
  const runId = line.run_id ?? line.job_name;
  if (runId === undefined) return { ok: false, problems: ['job_name: is missing, and so is run_id'] };
  const time = formatTime(parseTime(line.finished_at)!);
  const labels = { ...otherKeys(line), ...line.labels };
  const { test_name, uuid, outcome, test_type, accelerator, framework_version } = line;
  return {
    ok: true,
    identity: JSON.stringify([test_name, runId]),
    message: {
      specversion: '1.0',
      type: 'io.tidemark.run.finished.v1',
      // Run ids are unique within a test only.
      source: `${PAST_SOURCE}${test_name}`,
      id: `${runId}/1/finished`,
      time,
      subject: test_name,
      data: {
        run_id: runId,
        attempt: 1,
        test_name,
        ...(uuid === undefined ? {} : { uuid }),
        outcome,
        started_at: line.started_at ?? null,
        finished_at: time,
        model_dir: line.model_dir ? resolve(line.model_dir) : null,
        test_type: test_type ?? null,
        accelerator: accelerator ?? null,
        framework_version: framework_version ?? null,
        labels,
      },
    },
  };
}

function otherKeys(line: Record<string, unknown>): Record<string, string> {
  const others = Object.entries(line).filter(([key]) => !LINE_KEYS.has(key));
  return Object.fromEntries(
    others.map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}
