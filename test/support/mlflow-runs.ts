import type { SourcePoint } from '../../shared/core/sources/reading.ts';
import { mlflowStandIn, uniqueName } from './stand-ins.ts';

/** An experiment of the tracking server. */
export interface Experiment {
  readonly id: string;
  readonly name: string;
}

/** Makes an experiment of its own for a test. */
export async function experiment(): Promise<Experiment> {
  const name = uniqueName('experiment');
  const { experiment_id: id } = await post<{ experiment_id: string }>('experiments/create', { name });
  return { id, name };
}

export interface RunToMake {
  readonly points: readonly SourcePoint[];
  readonly tags?: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly startedAt?: number;
}

/** Logs a run as training does, ends it, and gives its id. */
export async function finishedRun(
  { id }: Experiment,
  { points, tags = {}, startedAt = 1_700_000_000_000 }: RunToMake,
): Promise<string> {
  const { run } = await post<{ run: { info: { run_id: string } } }>('runs/create', {
    experiment_id: id,
    start_time: startedAt,
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  });
  const { run_id } = run.info;
  for (let from = 0; from < points.length; from += 1000) {
    const metrics = points.slice(from, from + 1000).map(({ name: key, step, wallTime, value }) => ({
      key,
      step,
      timestamp: Math.round(wallTime * 1000),
      value: Number.isFinite(value) ? value : String(value),
    }));
    await post('runs/log-batch', { run_id, metrics });
  }
  await post('runs/update', { run_id, status: 'FINISHED', end_time: startedAt + 1000 });
  return run_id;
}

async function post<T>(call: string, body: unknown): Promise<T> {
  const response = await fetch(`${mlflowStandIn().endpoint}/api/2.0/mlflow/${call}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`Cannot prepare a test: ${call} answered ${response.status}: ${text}`);
  return JSON.parse(text) as T;
}
