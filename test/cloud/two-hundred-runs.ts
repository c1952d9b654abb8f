import type { TestConfig } from '../../shared/core/schema/test-config.ts';
import { formatTime } from '../../shared/core/time.ts';
import { recording } from '../support/kubernetes-recordings.ts';
import { day, finished, type Message, MINUTE, reported, text, v1 } from '../support/messages.ts';
import { eventFile, scalars } from '../support/tfevents-writer.ts';

/** How the runs of a test tell what they measured. */
export type Kind = 'files' | 'reported' | 'job';

const KINDS: readonly Kind[] = ['files', 'reported', 'job'];
const RUNS_OF_A_TEST = 10;
export const CLUSTER = 'main';
export const NAMESPACE = 'nightly';

interface Run {
  readonly test: string;
  readonly run: string;
  /** When it ended. */
  readonly at: number;
  readonly kind: Kind;
  /** It is the last of its test, and is bad. */
  readonly fails: boolean;
}

export interface ManyRuns {
  readonly tests: Readonly<Record<string, TestConfig>>;
  readonly messages: readonly Message[];
  /** Event files by the folder of their run. */
  readonly models: ReadonlyMap<string, Readonly<Record<string, Uint8Array>>>;
  readonly jobs: readonly Record<string, unknown>[];
  readonly runs: number;
}

/**
 * Ten runs of each of so many tests, which tell of themselves in three ways. Every test has an owner of its own, and
 * its last run alone may fail: so each mail is the same however the runs are spread over ticks.
 */
export function manyRuns(tests: number, bucket: string): ManyRuns {
  const all = Array.from({ length: tests }, (_, index) => runsOf(index)).flat();
  return {
    tests: Object.fromEntries(all.map(({ test, kind }) => [test, configOf(test, kind)])),
    messages: [...all.flatMap((run) => messagesOf(run, bucket)), text('poison', day(1), '{"job_name"')],
    models: new Map(all.filter(({ kind }) => kind === 'files').map((run) => [run.run, filesOf(run)])),
    jobs: all.filter(({ kind }) => kind === 'job').map(jobOf),
    runs: all.length,
  };
}

function runsOf(index: number): Run[] {
  const kind = KINDS[index % KINDS.length]!;
  const test = `t${String(index).padStart(2, '0')}-${kind}`;
  return Array.from({ length: RUNS_OF_A_TEST }, (_, n) => ({
    test,
    run: `${test}-${n}`,
    at: day(1 + n, 1) + index * MINUTE,
    kind,
    fails: n === RUNS_OF_A_TEST - 1 && index % 2 === 0,
  }));
}

function configOf(test: string, kind: Kind): TestConfig {
  const below = { comparison: 'less', success_threshold: { fixed_value: 1 } } as const;
  const metric = kind === 'files' ? 'loss_final' : 'loss';
  return {
    owner: [`${test}@example.com`],
    ...(kind === 'job' ? {} : { regression_test_config: { metric_success_conditions: { [metric]: below } } }),
  };
}

/** Below 1 unless the run fails; differs from run to run, so that bounds from history do, too. */
function lossOf({ at, fails }: Run): number {
  return fails ? 2 : 0.25 + ((at / MINUTE) % 7) / 16;
}

function messagesOf(run: Run, bucket: string): Message[] {
  const { test, run: id, at, kind } = run;
  const about = { test, run: id, at };
  const begun = { started_at: formatTime(at - 30 * MINUTE) };
  if (kind === 'files') {
    return [finished(about, 'success', { ...begun, model_dir: `gs://${bucket}/models/${id}` })];
  }
  if (kind === 'reported') {
    return [reported(about, { loss: lossOf(run) }), finished(about, 'success', begun)];
  }
  const where = { cluster_name: CLUSTER, zone: 'here', job_namespace: NAMESPACE };
  return [v1(id, at, { ...where, test_name: test, job_name: id, job_uid: uidOf(id) })];
}

function filesOf(run: Run): Readonly<Record<string, Uint8Array>> {
  const last = lossOf(run);
  return { 'events.out.tfevents.1.host': eventFile(scalars({ loss: [last + 0.5, last + 0.25, last] })) };
}

const uidOf = (id: string) => `uid-of-${id}`;

/** A recorded Job under another name, ended when its run did. */
function jobOf({ run, at, fails }: Run): Record<string, unknown> {
  const [job] = recording(fails ? 'failure' : 'success').jobs.items;
  const time = new Date(at).toISOString().replace('.000Z', 'Z');
  const status = job!.status as { readonly conditions: readonly object[] };
  const conditions = status.conditions.map((one) => ({ ...one, lastTransitionTime: time }));
  const ended = fails ? {} : { completionTime: time };
  return {
    ...job!,
    metadata: { ...job!.metadata, name: run, namespace: NAMESPACE, uid: uidOf(run), creationTimestamp: time },
    status: { ...status, ...ended, conditions },
  };
}
