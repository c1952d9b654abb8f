import { type KubernetesObject, type Recording, recording } from '../../support/kubernetes-recordings.ts';
import { eventFile, scalars } from '../../support/tfevents-writer.ts';
import { numbers } from '../lcg.ts';
import { series, TESTS } from '../runs.ts';

export const CLUSTER = 'bench-cluster';
export const LOCATION = 'us-central1-b';
/** Runs of a namespace that end; as many others in it go on. */
const A_NAMESPACE = 250;
/** Scalars of each tag in an event file. */
const STEPS = 20;
const HOUR_MS = 3_600_000;

/** One Job, its message and its event files. */
export interface CloudRun {
  readonly isOver: boolean;
  readonly namespace: string;
  readonly message: Readonly<Record<string, unknown>>;
  /** By path below the folder of models. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly jobs: readonly KubernetesObject[];
  readonly pods: readonly KubernetesObject[];
}

/**
 * `count` runs that are over and as many that are not, of 20 tests, with a minute between two ends; one or two event
 * files each. Every fiftieth Job that is over has failed, and its Pod is left. `until`: when the last one ended.
 */
export function cloudRuns(
  count: number,
  at: { readonly bucket: string; readonly until: number },
): CloudRun[] {
  const random = numbers(11);
  return Array.from({ length: 2 * count }, (_, index) => {
    const isOver = index % 2 === 0;
    const number = Math.floor(index / 2);
    const runId = `${isOver ? 'over' : 'open'}-${String(number).padStart(6, '0')}`;
    const namespace = `team-${Math.floor(number / A_NAMESPACE)}`;
    const end = at.until - (count - number) * secondsApart(count) * 1000;
    const begin = end - HOUR_MS;
    const folder = `bench/${runId}`;
    const of: Copied = { name: runId, uid: `uid-of-${runId}`, namespace, begin, end };
    const source = recording(isOver ? (number % 50 === 49 ? 'failure' : 'success') : 'running');
    return {
      isOver,
      namespace,
      message: messageOf(of, { testName: testName(number), modelDir: `gs://${at.bucket}/models/${folder}` }),
      files: filesOf(folder, { parts: 1 + (number % 2), begin, random }),
      jobs: copied(source.jobs.items, source, of),
      pods: copied(source.pods.items, source, of),
    };
  });
}

/** A minute, or less where so many runs would reach back to before their messages count as lost (48 hours). */
function secondsApart(count: number): number {
  return Math.min(60, Math.floor((24 * 3600) / count));
}

function testName(number: number): string {
  return `bench-${String(number % TESTS).padStart(2, '0')}`;
}

interface Copied {
  readonly name: string;
  readonly uid: string;
  readonly namespace: string;
  readonly begin: number;
  readonly end: number;
}

function messageOf(
  { name, uid, namespace, begin }: Copied,
  { testName: test_name, modelDir: model_dir }: { testName: string; modelDir: string },
) {
  return {
    model_dir,
    logs_link: `https://console.example.com/logs/${name}`,
    job_name: name,
    job_uid: uid,
    job_namespace: namespace,
    cluster_name: CLUSTER,
    zone: LOCATION,
    test_name,
    accelerator: 'cpu',
    publish_time: begin / 1000,
    metric_collection_config: { write_to_bigquery: true, default_aggregation_strategies: ['final', 'min'] },
  };
}

function filesOf(
  folder: string,
  { parts, begin, random }: { parts: number; begin: number; random: ReturnType<typeof numbers> },
): Record<string, Uint8Array> {
  const curves = series(STEPS * parts, random);
  return Object.fromEntries(
    Array.from({ length: parts }, (_, part) => {
      const mine = Object.entries(curves).map(
        ([tag, values]) => [tag, values.slice(part * STEPS, (part + 1) * STEPS)] as const,
      );
      const wallTime = begin / 1000 + part * STEPS;
      return [
        `${folder}/events.out.tfevents.${Math.floor(wallTime)}.host-${part}`,
        eventFile(scalars(Object.fromEntries(mine), { wallTime })),
      ];
    }),
  );
}

/** Recorded objects under another name, with other times: what was when the Job was made is its begin now. */
function copied(
  objects: readonly KubernetesObject[],
  { jobName, jobUid, jobs }: Recording,
  { name, uid, namespace, begin, end }: Copied,
): KubernetesObject[] {
  const made = JSON.stringify(jobs.items[0]!.metadata.creationTimestamp);
  return objects.map((object) => {
    const text = JSON.stringify(object)
      .replaceAll(jobUid, uid)
      .replaceAll(`"${jobName}"`, `"${name}"`)
      .replaceAll(`"${jobName}-`, `"${name}-`)
      .replaceAll(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/g, (time) => clockTime(time === made ? begin : end));
    const copy = JSON.parse(text) as KubernetesObject;
    return { ...copy, metadata: { ...copy.metadata, namespace } };
  });
}

function clockTime(ms: number): string {
  return JSON.stringify(new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z'));
}
