import type { Figure, Target } from '../table.ts';
import type { Tally } from './counting-proxy.ts';
import { type Serving, serve } from './function.ts';
import type { CountedStage } from './stage.ts';

/** One call of the function, as it was seen from outside. */
export interface Pass {
  readonly seconds: number;
  /** Processor time of the function's process alone. */
  readonly cpuSeconds: number;
  /** Most memory of the function's process until its end, MB of 10⁶ bytes. */
  readonly peakMB: number;
  readonly bigquery: ReadonlyMap<string, Tally>;
  readonly storage: ReadonlyMap<string, Tally>;
  /** Calls by method. */
  readonly pubsub: ReadonlyMap<string, number>;
  readonly kubernetes: number;
  readonly mails: number;
}

/** The pass that finds everything, and the next one in the same process, which finds nothing new. */
export interface Passes {
  readonly first: Pass;
  readonly second: Pass;
}

/** Two ticks of a new process; throws unless the first judged `count` runs and as many others wait after each. */
export async function twoPasses(stage: CountedStage, module: string, count: number): Promise<Passes> {
  const serving = await serve({ module }, stage.env);
  try {
    const first = await pass(stage, serving, { runs: count, waiting: count });
    return { first, second: await pass(stage, serving, { runs: 0, waiting: count }) };
  } finally {
    await serving.stop();
  }
}

async function pass(
  stage: CountedStage,
  serving: Serving,
  wanted: { readonly runs: number; readonly waiting: number },
): Promise<Pass> {
  stage.reset();
  const [begun, cpuBefore] = [performance.now(), serving.cpuSeconds()];
  const { status, body } = await serving.call();
  const seconds = (performance.now() - begun) / 1000;
  // A fast answer of a pass that did nothing would be no figure.
  if (status !== 200 || body.runs !== wanted.runs || body.waiting !== wanted.waiting) {
    const said = [JSON.stringify(body), ...serving.complaints.slice(0, 5)].join('\n');
    throw new Error(`Wanted ${JSON.stringify(wanted)} of a tick, got ${status}: ${said}`);
  }
  const { bigquery, storage, pubsub, kubernetes, mails } = stage.services;
  const methods = Map.groupBy(pubsub.calls, ({ path }) => path.slice(path.lastIndexOf('/') + 1));
  return {
    seconds,
    cpuSeconds: serving.cpuSeconds() - cpuBefore,
    peakMB: serving.peakMB(),
    // Copies: what is asked afterwards is no part of the tick.
    bigquery: new Map(bigquery.tallies()),
    storage: new Map(storage.tallies()),
    pubsub: new Map([...methods].map(([method, calls]) => [method, calls.length])),
    kubernetes: kubernetes(),
    mails: mails(),
  };
}

/** How many requests, of the kinds that fit. */
export function countOf(tallies: ReadonlyMap<string, Tally>, kinds = /(?:)/): number {
  return [...tallies].reduce((sum, [kind, { count }]) => (kinds.test(kind) ? sum + count : sum), 0);
}

const GOALS: Readonly<Record<string, Target>> = {
  memory: { kind: 'below', value: 512 },
  storage: { kind: 'at most', value: 3 },
  kubernetes: { kind: 'at most', value: 1 },
  bigquery: { kind: 'at most', value: 0.1 },
};

/** The figures of all ticks. Requests are counted per run that is over; those of the others come on top. */
export function tickFigures(measured: readonly Passes[], count: number): Figure[] {
  const figure = (name: string, unit: string, of: (passes: Passes) => number, goal?: Target): Figure => ({
    name,
    unit,
    samples: measured.map(of),
    ...(goal === undefined ? {} : { target: goal }),
  });
  // Of few runs most requests are those that every tick makes.
  const perRun = (name: string, of: (first: Pass) => number, goal?: Target) =>
    figure(
      `${name} a finished run`,
      'requests',
      ({ first }) => of(first) / count,
      count < 1000 ? undefined : goal,
    );
  const calls = ({ pubsub }: Pass) => [...pubsub.values()].reduce((sum, one) => sum + one, 0);
  const title = `tick, ${count} runs over and ${count} open`;
  const idle = `tick, nothing new and ${count} runs open`;
  return [
    figure(title, 's', ({ first }) => first.seconds),
    figure(`${title}: processor time of the function`, 's', ({ first }) => first.cpuSeconds),
    figure(`${title}: peak memory`, 'MB', ({ first }) => first.peakMB, GOALS.memory),
    perRun('Cloud Storage', ({ storage }) => countOf(storage), GOALS.storage),
    perRun('Kubernetes', ({ kubernetes }) => kubernetes, GOALS.kubernetes),
    perRun('BigQuery', ({ bigquery }) => countOf(bigquery), GOALS.bigquery),
    perRun('Pub/Sub', calls),
    figure(`${title}: mails`, 'mails', ({ first }) => first.mails),
    figure(idle, 's', ({ second }) => second.seconds),
    figure(`${idle}: processor time of the function`, 's', ({ second }) => second.cpuSeconds),
    figure(`${idle}: Cloud Storage`, 'requests', ({ second }) => countOf(second.storage)),
    figure(`${idle}: Kubernetes`, 'requests', ({ second }) => second.kubernetes),
    figure(`${idle}: BigQuery`, 'requests', ({ second }) => countOf(second.bigquery)),
    figure(`${idle}: Pub/Sub`, 'requests', ({ second }) => calls(second)),
    figure('both ticks in one process: peak memory', 'MB', ({ second }) => second.peakMB, GOALS.memory),
  ];
}
