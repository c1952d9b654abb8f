import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { KnownJob } from '../contracts/outcomes.ts';

/** An object as the API server gave it. */
export type KubernetesObject = Record<string, unknown> & { readonly metadata: Record<string, unknown> };

interface List {
  readonly items: readonly KubernetesObject[];
}

/** One scenario as it was recorded; `test/fixtures/kubernetes/README.md` tells how. */
export interface Recording {
  readonly name: string;
  /** Version of the server, such as `v1.36.3`. */
  readonly kubernetes: string;
  readonly jobName: string;
  readonly jobUid: string;
  readonly knownAt: string;
  readonly jobs: List;
  readonly pods: List;
}

/** An answer that is no list. */
export interface RecordedAnswer {
  readonly status: number;
  readonly body: unknown;
}

const FOLDER = resolve(import.meta.dirname, '../fixtures/kubernetes');
const ANSWERS = 'answers.json';

const read = (file: string) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as unknown;

/** Every recorded scenario by its name, which is its namespace too. */
export const RECORDINGS: ReadonlyMap<string, Recording> = new Map(
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json') && file !== ANSWERS)
    .map((file) => {
      const name = file.slice(0, -'.json'.length);
      return [name, { name, ...(read(file) as Omit<Recording, 'name'>) }];
    }),
);

/** Recorded refusals by name. */
export function recordedAnswer(name: string): RecordedAnswer {
  const answer = (read(ANSWERS) as Record<string, RecordedAnswer>)[name];
  if (answer === undefined) throw new Error(`No answer "${name}" was recorded`);
  return answer;
}

export function recording(name: string): Recording {
  const found = RECORDINGS.get(name);
  if (found === undefined) throw new Error(`No scenario "${name}" was recorded`);
  return found;
}

/** The Job of a recording as a run knows it, in cluster `main`. */
export function knownJob({ name, jobName, jobUid, knownAt }: Recording): KnownJob {
  const place = { cluster: 'main', location: 'here', namespace: name };
  return { ...place, jobName, jobUid, knownAt: Date.parse(knownAt) };
}

/** Copies of a recorded Job under other names, as `fill` of the contract wants them. */
export function manyJobs(count: number): {
  readonly objects: KubernetesObject[];
  readonly known: KnownJob[];
} {
  const one = recording('running');
  const [job] = one.jobs.items;
  const names = Array.from({ length: count }, (_, index) => `job-${String(index).padStart(5, '0')}`);
  return {
    objects: names.map((name) => ({ ...job!, metadata: { ...job!.metadata, name, uid: `uid-of-${name}` } })),
    known: names.map((jobName) => ({
      ...knownJob(one),
      namespace: 'many',
      jobName,
      jobUid: `uid-of-${jobName}`,
    })),
  };
}
