import type { PodObject } from './job-object.ts';
import type { Outcome } from './outcome.ts';

/** Why the Pods of a Job failed, as far as they say. */
export interface PodCause {
  readonly outcome: Extract<Outcome, 'oom' | 'preempted' | 'failure'>;
  /** The cluster's word for it; null where a Pod just failed and the Job's own word says more. */
  readonly reason: string | null;
  /** Which Pod and container. */
  readonly message: string;
}

/** How clusters before Kubernetes 1.26 name what the condition `DisruptionTarget` says today. */
const DISRUPTED: ReadonlySet<string> = new Set(['Preempted', 'Preempting', 'NodeShutdown', 'Shutdown']);

/** The kubelet's words for a Pod that it chose because it used more memory than it had asked for. */
const OUT_OF_MEMORY = /\blow on resource: memory\b/;

/**
 * What brought the failed Pods down; null when none of them is left.
 *
 * One Pod out of memory makes the whole Job so: the others often fail because of it. Preempted is what counts
 * against nobody, so every failed Pod has to have been taken away: a Job that was evicted once and then
 * failed by itself has failed.
 */
export function podCause(pods: readonly PodObject[]): PodCause | null {
  const failed = pods.filter(({ phase }) => phase === 'Failed').sort(byEnd);
  const oom = failed.map(memoryCause).find((cause) => cause !== null);
  if (oom !== undefined) return oom;
  const taken = failed.map(disruption);
  const last = taken.at(-1);
  if (last !== undefined && last !== null && taken.every((cause) => cause !== null)) return last;
  return exitCause(failed);
}

/** Earliest first; Pods of the same second by name, so that every look gives the same words. */
function byEnd(a: PodObject, b: PodObject): number {
  const [first, second] = [a.endedAt ?? Infinity, b.endedAt ?? Infinity];
  if (first !== second) return first < second ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

function memoryCause(pod: PodObject): PodCause | null {
  const killed = pod.containers.find(({ reason }) => reason === 'OOMKilled');
  if (killed !== undefined) {
    const message = `container "${killed.name}" of Pod "${pod.name}" ran out of memory`;
    return { outcome: 'oom', reason: killed.reason, message };
  }
  if (pod.reason !== 'Evicted' || !OUT_OF_MEMORY.test(pod.message)) return null;
  return { outcome: 'oom', reason: pod.reason, message: `Pod "${pod.name}": ${pod.message.trim()}` };
}

function disruption(pod: PodObject): PodCause | null {
  const target = pod.conditions.find(({ type }) => type === 'DisruptionTarget');
  const reason = target?.reason ?? (DISRUPTED.has(pod.reason) ? pod.reason : null);
  if (reason === null) return null;
  const said = (target?.message || pod.message).trim();
  const message = `Pod "${pod.name}" was taken away${said === '' ? '' : `: ${said}`}`;
  return { outcome: 'preempted', reason: reason || 'DisruptionTarget', message };
}

/** What the last Pod that failed ended with. */
function exitCause(failed: readonly PodObject[]): PodCause | null {
  const pod = failed.at(-1);
  if (pod === undefined) return null;
  const container = pod.containers.find(({ exitCode }) => exitCode !== null && exitCode !== 0);
  const message =
    container === undefined
      ? `Pod "${pod.name}" failed${pod.message === '' ? '' : `: ${pod.message.trim()}`}`
      : `container "${container.name}" of Pod "${pod.name}" ended with exit code ${container.exitCode}`;
  return { outcome: 'failure', reason: null, message };
}
