import type { SourcePoint, SourceReading } from '../../core/sources/reading.ts';
import { PortError } from '../../ports/error.ts';
import type { RemoteRequest, RemoteSource } from '../../ports/source.ts';
import { portError, RemoteFailure } from '../remote/failure.ts';
import { Retries, type RetryOptions } from '../remote/retry.ts';
import { experimentOf, foundRun, gotRun, historyOf, inOrder, type TrackedRun } from './answers.ts';
import { type MlflowConnection, MlflowHttp, type Question } from './http.ts';

export interface MlflowOptions extends MlflowConnection {
  /** By which name the config file knows it. */
  readonly name: string;
  readonly retry?: RetryOptions;
  /** Milliseconds since any fixed time. */
  readonly clock?: () => number;
}

type MlflowRequest = Extract<RemoteRequest, { kind: 'mlflow' }>;

/** Points in one answer. */
const PAGE = 10_000;
const MOST_METRICS = 2000;
const MOST_POINTS = 1_000_000;
/** Requests at once: a tracking server is often small. */
const AT_ONCE = 4;
const MOST_MS = 120_000;
const ATTEMPTS: RetryOptions = { attempts: 3 };

/** Runs of a tracking server: every metric of a run is a series, with all of its history. */
export function mlflowSource(options: MlflowOptions): RemoteSource {
  const http = new MlflowHttp(options);
  const retries = new Retries(options.retry ?? ATTEMPTS);
  const clock = options.clock ?? (() => performance.now());
  return {
    async read(request) {
      const cannot = `Cannot read ${wordsOf(request)} from the connection ${options.name}`;
      if (request.kind !== 'mlflow') throw new PortError('invalid', `${cannot}: it is a server of MLflow`);
      const end = clock() + MOST_MS;
      const ask = (question: Question) => {
        if (clock() > end) throw new RemoteFailure('transient', `it took longer than ${MOST_MS / 1000} s`);
        return retries.run(() => http.ask(question));
      };
      try {
        return await readRun(await runFor(request, ask), ask);
      } catch (error) {
        throw told(error, { cannot, isLoggedIn: options.authorization !== null });
      }
    },
    close: async () => {},
  };
}

type Ask = (question: Question) => Promise<unknown>;

function wordsOf(request: RemoteRequest): string {
  if (request.kind !== 'mlflow') return 'a query';
  return 'run' in request
    ? `the run ${JSON.stringify(request.run)}`
    : `the experiment ${JSON.stringify(request.experiment)}`;
}

async function runFor(request: MlflowRequest, ask: Ask): Promise<TrackedRun> {
  if ('run' in request) return gotRun(await ask({ call: 'runs/get', query: { run_id: request.run } }));
  const { experiment, filter } = request;
  const found = await ask({ call: 'experiments/get-by-name', query: { experiment_name: experiment } });
  const body = {
    experiment_ids: [experimentOf(found)],
    ...(filter === null ? {} : { filter }),
    order_by: ['attributes.start_time DESC'],
    max_results: 1,
  };
  const run = foundRun(await ask({ call: 'runs/search', body }));
  if (run !== null) return run;
  throw new RemoteFailure(
    'missing',
    filter === null ? 'it has no run' : 'it has no run that the filter lets through',
  );
}

async function readRun(run: TrackedRun, ask: Ask): Promise<SourceReading> {
  const { id, keys, status, isDeleted } = run;
  if (isDeleted) throw new RemoteFailure('missing', `run ${JSON.stringify(id)} was deleted`);
  if (keys.length > MOST_METRICS)
    throw new RemoteFailure('refused', `it has ${keys.length} metrics; ${MOST_METRICS} are the most`);
  const series: SourcePoint[][] = [];
  let room = MOST_POINTS;
  const waiting = keys.entries();
  const work = async () => {
    for (const [at, key] of waiting) {
      const points: SourcePoint[] = [];
      for await (const page of pages({ id, key }, ask)) {
        points.push(...page);
        room -= page.length;
        if (room < 0) throw new RemoteFailure('refused', `it has more than ${MOST_POINTS} points`);
      }
      series[at] = inOrder(points);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { values: [], points: series.flat(), notes: notesOf(id, status) };
}

async function* pages(
  { id, key }: { readonly id: string; readonly key: string },
  ask: Ask,
): AsyncGenerator<readonly SourcePoint[]> {
  let token: string | null = null;
  // An older server gives all of it at once; one that gives empty pages without end is left.
  for (let count = 0; count < MOST_POINTS / PAGE; count++) {
    const query: Record<string, string> = { run_id: id, metric_key: key, max_results: String(PAGE) };
    if (token !== null) query.page_token = token;
    const page = historyOf(await ask({ call: 'metrics/get-history', query }), key);
    yield page.points;
    if (page.next === null) return;
    token = page.next;
  }
  throw new RemoteFailure('refused', `the history of ${JSON.stringify(key)} does not end`);
}

function notesOf(id: string, status: string): string[] {
  if (status === 'FINISHED') return [];
  const run = `MLflow's run ${JSON.stringify(id.slice(0, 64))}`;
  if (status === 'RUNNING' || status === 'SCHEDULED')
    return [`${run} is ${status} still: what it logs from now on is not seen`];
  return [`${run} is ${JSON.stringify(status.slice(0, 20))}`];
}

function told(
  error: unknown,
  { cannot, isLoggedIn }: { readonly cannot: string; readonly isLoggedIn: boolean },
): unknown {
  const why = error instanceof RemoteFailure ? error.message : '';
  return portError(error, {
    cannot,
    right: 'whoever the token belongs to may not read it',
    missing: ['not-found', why],
    changed: ['unavailable', why],
    // A login that broke comes back; without one, waiting changes nothing.
    signedOut: isLoggedIn ? 'unavailable' : 'denied',
  });
}
