import { isObject } from './json.ts';
import { parseTime } from './time.ts';

/** A condition that holds, of a Job or a Pod. */
export interface Condition {
  readonly type: string;
  /** One word of the cluster, empty when it gave none. */
  readonly reason: string;
  readonly message: string;
  /** When it came to hold, milliseconds since the epoch. */
  readonly since: number | null;
}

/** What is read of a `batch/v1` Job. Times are milliseconds since the epoch. */
export interface JobObject {
  readonly name: string;
  readonly uid: string;
  readonly createdAt: number | null;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  /** Pods that failed and were counted. */
  readonly failed: number;
  readonly conditions: readonly Condition[];
}

/** What is read of a container that ended, or whose last life did. */
export interface EndedContainer {
  readonly name: string;
  readonly reason: string;
  readonly exitCode: number | null;
}

/** What is read of a `v1` Pod. */
export interface PodObject {
  readonly name: string;
  /** The uid of the Job that it belongs to; null for a Pod of something else. */
  readonly jobUid: string | null;
  readonly phase: string;
  readonly reason: string;
  readonly message: string;
  /** When its last container ended; null when no container says. */
  readonly endedAt: number | null;
  readonly conditions: readonly Condition[];
  readonly containers: readonly EndedContainer[];
}

/** The label by which the Job controller marks the Pods of a Job, from Kubernetes 1.27. */
export const JOB_UID_LABEL = 'batch.kubernetes.io/controller-uid';

const LONGEST = 1_000;

/** Reads a Job as an API server gives it; null for anything that has no name and uid. Believes nothing else. */
export function readJob(value: unknown): JobObject | null {
  const { metadata, status } = parts(value);
  const [name, uid] = [text(metadata.name), text(metadata.uid)];
  if (name === '' || uid === '') return null;
  const failed = typeof status.failed === 'number' && status.failed > 0 ? Math.floor(status.failed) : 0;
  return {
    name,
    uid,
    createdAt: time(metadata.creationTimestamp),
    startedAt: time(status.startTime),
    completedAt: time(status.completionTime),
    failed: Number.isSafeInteger(failed) ? failed : 0,
    conditions: holding(status.conditions),
  };
}

/** Reads a Pod in the same way; null for what has no name. */
export function readPod(value: unknown): PodObject | null {
  const { metadata, status } = parts(value);
  const name = text(metadata.name);
  if (name === '') return null;
  const statuses = ['initContainerStatuses', 'containerStatuses'].flatMap((key) => list(status[key]));
  const ended = statuses.flatMap(endedStates);
  const ends = ended.map(({ finishedAt }) => time(finishedAt)).filter((end) => end !== null);
  return {
    name,
    jobUid: text(object(metadata.labels)[JOB_UID_LABEL]) || null,
    phase: text(status.phase),
    reason: text(status.reason),
    message: text(status.message),
    endedAt: ends.length === 0 ? null : Math.max(...ends),
    conditions: holding(status.conditions),
    containers: ended.map(({ name, state }) => ({
      name,
      reason: text(state.reason),
      exitCode: typeof state.exitCode === 'number' ? state.exitCode : null,
    })),
  };
}

/** By type and `status: "True"`: neither place nor number of conditions means anything. */
function holding(conditions: unknown): Condition[] {
  return list(conditions)
    .filter(({ status }) => status === 'True')
    .map((condition) => ({
      type: text(condition.type),
      reason: text(condition.reason),
      message: text(condition.message),
      since: time(condition.lastTransitionTime),
    }));
}

/** A container that was started again shows how its earlier life ended in `lastState` only. */
function endedStates(status: Record<string, unknown>) {
  return [status.state, status.lastState]
    .map((state) => object(state).terminated)
    .filter(isObject)
    .map((state) => ({ name: text(status.name), state, finishedAt: state.finishedAt }));
}

function parts(value: unknown) {
  const whole = object(value);
  return { metadata: object(whole.metadata), status: object(whole.status) };
}

function object(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** On one line, well-formed, and not so long that a row becomes a burden. */
function text(value: unknown): string {
  if (typeof value !== 'string') return '';
  return value
    .slice(0, LONGEST)
    .toWellFormed()
    .replace(/\p{Cc}/gu, ' ');
}

function time(value: unknown): number | null {
  return typeof value === 'string' ? parseTime(value) : null;
}
