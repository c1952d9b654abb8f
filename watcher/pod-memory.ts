import { JOB_UID_LABEL, type PodObject, readPod } from '../shared/core/job-object.ts';
import { isObject } from '../shared/core/json.ts';
import { waitingWords } from '../shared/core/pod-waiting.ts';
import { JOB_SET_UID_LABEL, readWatched, type WatchedObject } from '../shared/core/watched-object.ts';

/**
 * What Pods said before they were gone: Pods that are evicted, preempted or belong to a Job that gives up are deleted,
 * and with them why they failed, or why they never began.
 */
export interface PodMemory {
  seen(object: unknown): void;
  deleted(object: unknown): void;
  /** Pods of a Job, or of the Jobs of a JobSet, that failed. */
  failed(owner: string): readonly PodObject[];
  /** Why a Pod of it waited when it was last seen; null when none did. */
  waiting(owner: string): string | null;
  forget(owner: string): void;
  readonly size: number;
}

interface Remembered {
  readonly failed: Map<string, PodObject>;
  readonly waiting: Map<string, string>;
}

/** More say nothing new about one Job. */
const MOST_PODS = 16;
const MOST_OWNERS = 5_000;

/** Of whom a Pod speaks: `open`: how it ends is not told yet; `over`: it is; `unknown`: not seen, or gone. */
export type OwnerState = 'open' | 'over' | 'unknown';

export function makePodMemory(stateOf: (owner: string) => OwnerState): PodMemory {
  const owners = new Map<string, Remembered>();

  function of(owner: string): Remembered {
    const known = owners.get(owner) ?? { failed: new Map(), waiting: new Map() };
    owners.set(owner, known);
    // A Map keeps the order in which keys came: the first is the oldest.
    if (owners.size > MOST_OWNERS) owners.delete(owners.keys().next().value!);
    return known;
  }

  /** A Job that is told of by itself has its own Pods, whatever JobSet a label of theirs names. */
  function ownerOf({ labels }: WatchedObject): string | null {
    const [job, set] = [labels[JOB_UID_LABEL], labels[JOB_SET_UID_LABEL]];
    const isOwn = typeof job === 'string' && stateOf(job) !== 'unknown';
    const owner = isOwn ? job : (set ?? job);
    return typeof owner === 'string' ? owner : null;
  }

  function note(object: unknown, isDeleted: boolean): void {
    const who = readWatched(object);
    const owner = who === null ? null : ownerOf(who);
    if (who === null || owner === null) return;
    const state = stateOf(owner);
    // Pods of a Job that is gone go after it; those of one that is not seen yet may come before it.
    if (state === 'unknown' && isDeleted) owners.delete(owner);
    if (state === 'over' || (state === 'unknown' && (isDeleted || isLeaving(object)))) return;
    const pod = readPod(object);
    const words = waitingWords(object);
    const isWorth = pod !== null && (pod.phase === 'Failed' || (isDeleted && hasCause(pod)));
    if (words === null) owners.get(owner)?.waiting.delete(who.uid);
    if (words === null && !isWorth) return;
    const known = of(owner);
    if (words !== null && known.waiting.size < MOST_PODS) known.waiting.set(who.uid, words);
    // The cluster deletes what runs when a Job gives up, so a Pod that is gone has failed.
    if (isWorth && known.failed.size < MOST_PODS) known.failed.set(who.uid, { ...pod, phase: 'Failed' });
  }

  return {
    seen: (object) => note(object, false),
    deleted: (object) => note(object, true),
    failed: (owner) => [...(owners.get(owner)?.failed.values() ?? [])],
    waiting: (owner) => [...(owners.get(owner)?.waiting.values() ?? [])].at(-1) ?? null,
    forget: (owner) => void owners.delete(owner),
    get size() {
      return owners.size;
    },
  };
}

/** Whether somebody asked for its deletion. */
function isLeaving(object: unknown): boolean {
  return isObject(object) && isObject(object.metadata) && object.metadata.deletionTimestamp !== undefined;
}

/** A Pod that was just deleted, by hand or because its Job was suspended, says nothing of a failure. */
function hasCause({ phase, conditions, containers }: PodObject): boolean {
  if (phase === 'Succeeded') return false;
  return (
    conditions.some(({ type }) => type === 'DisruptionTarget') ||
    containers.some(({ reason }) => reason === 'OOMKilled')
  );
}
