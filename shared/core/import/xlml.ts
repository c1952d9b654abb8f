import { digestOf } from '../digest.ts';
import { canonicalJson, isObject } from '../json.ts';
import { parseMessage } from '../parse-message.ts';
import { IMPORT_SOURCE } from '../past-run.ts';
import { show } from '../problem.ts';
import type { RunEvent } from '../run-event.ts';
import { FinishedData } from '../schema/message.ts';
import { formatTime } from '../time.ts';
import { valueReader, type WrongValue } from './values.ts';

/** What the lines do not say themselves. */
export interface XlmlDefaults {
  readonly testName: string | null;
  /** Milliseconds since the epoch. */
  readonly finishedAt: number | null;
}

export type ReadXlml =
  | { readonly ok: true; readonly event: RunEvent }
  | { readonly ok: false; readonly problems: readonly WrongValue[] };

/** Dimensions that name the test, and that tell when its run ended; the first that is there counts. */
const TEST_KEYS = ['test_name', 'job_name', 'benchmark'];
const TIME_KEYS = ['finished_at', 'timestamp', 'date'];

const utf8 = new TextEncoder();

/**
 * One line of the benchmarks of ml-auto-solutions, `{"metrics": {name: number}, "dimensions": {name: text}}`, as the
 * `finished` event it stands for. Dimensions become labels. The run's id is the dimension `run_id`, else a digest of
 * the line, so that a line that comes twice is one run.
 */
export function readXlml(value: Readonly<Record<string, unknown>>, defaults: XlmlDefaults): ReadXlml {
  const { metrics, dimensions = {} } = value;
  if (!isObject(metrics))
    return refuse('metrics', `must be an object of numbers: current value is ${show(metrics)}`);
  if (!isObject(dimensions)) {
    return refuse('dimensions', `must be an object of texts: current value is ${show(dimensions)}`);
  }
  const said = valueReader(dimensions);
  const keyOf = (keys: readonly string[]) => keys.find((key) => Object.hasOwn(dimensions, key));
  const [testKey, timeKey] = [keyOf(TEST_KEYS), keyOf(TIME_KEYS)];
  const testName = testKey === undefined ? defaults.testName : said.text(testKey);
  const finishedAt = timeKey === undefined ? defaults.finishedAt : said.time(timeKey);
  const runId = said.text('run_id') ?? digestOf('xlml', canonicalJson(value));
  if (testName === null)
    said.wrong('dimensions', `names no test (${TEST_KEYS.join(', ')}): give --test-name`);
  if (finishedAt === null && said.problems.length === 0) {
    said.wrong('dimensions', `names no time (${TIME_KEYS.join(', ')}): give --finished-at`);
  }
  const numbers = valueReader(metrics);
  const read = Object.keys(metrics).map((name) => ({ name, value: jsonNumber(numbers.number(name)) }));
  const problems = [...said.problems, ...numbers.problems];
  if (problems.length > 0) return { ok: false, problems };
  const labels = Object.fromEntries(Object.keys(dimensions).map((key) => [key, said.text(key) ?? '']));
  return eventOf({ testName: testName!, finishedAt: finishedAt!, runId, labels, metrics: read });
}

function refuse(key: string, message: string): ReadXlml {
  return { ok: false, problems: [{ key, message }] };
}

function jsonNumber(value: number | null): number | string | null {
  return value === null || Number.isFinite(value) ? value : String(value);
}

function eventOf(run: {
  readonly testName: string;
  readonly finishedAt: number;
  readonly runId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly metrics: readonly object[];
}): ReadXlml {
  const { testName, runId, labels, metrics } = run;
  const time = formatTime(run.finishedAt);
  const given = (labels.outcome ?? labels.job_status ?? 'success').toLowerCase();
  const outcome = STATUS_WORDS[given] ?? given;
  const { accelerator = null, framework_version = null } = labels;
  const data = {
    run_id: runId,
    attempt: 1,
    test_name: testName,
    outcome,
    finished_at: time,
    metrics,
    labels,
  };
  const source = `${IMPORT_SOURCE}xlml/${testName}`;
  const id = `${runId}/1/finished`;
  if (!FinishedData.shape.outcome.safeParse(outcome).success) {
    return refuse('dimensions', `tells an end that nobody knows: current value is ${show(given)}`);
  }
  const message = {
    ...{ specversion: '1.0', type: 'io.tidemark.run.finished.v1', source, id, time },
    data: { ...data, accelerator, framework_version },
  };
  const body = utf8.encode(JSON.stringify(message));
  const parsed = parseMessage({ id: '', name: runId, publishTime: run.finishedAt, format: 'json', body });
  if (parsed.kind === 'event') return { ok: true, event: parsed.event };
  return refuse('metrics', parsed.rejected.detail);
}

/** The successor's tables number its statuses. */
const STATUS_WORDS: Readonly<Record<string, string>> = {
  0: 'success',
  1: 'failure',
  2: 'missed',
  failed: 'failure',
};
