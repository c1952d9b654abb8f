import { isObject } from './json.ts';

/** The label that a JobSet's controller puts on the Jobs and Pods of a JobSet, from JobSet 0.8. */
export const JOB_SET_UID_LABEL = 'jobset.sigs.k8s.io/jobset-uid';

/** Who an object of Kubernetes is. */
export interface WatchedObject {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, unknown>>;
  /**
   * The uid of the JobSet that made it, null when none did. That JobSet is the run then, since each restart of it makes
   * new Jobs. Of Pods it is null: their Job made them.
   */
  readonly jobSet: string | null;
}

/** One line of a watch (`meta/v1` WatchEvent). */
export type WatchLine =
  | {
      readonly kind: 'seen' | 'deleted' | 'bookmark';
      readonly object: unknown;
      /** Where a later watch goes on; null when the object does not say. */
      readonly version: string | null;
    }
  /** The server ends the watch; `code` as in HTTP, 410 when it does not remember so far back. */
  | { readonly kind: 'error'; readonly code: number; readonly message: string };

const KINDS: Readonly<Record<string, 'seen' | 'deleted' | 'bookmark'>> = {
  ADDED: 'seen',
  MODIFIED: 'seen',
  DELETED: 'deleted',
  BOOKMARK: 'bookmark',
};

const LONGEST = 300;

/** Reads one line of a watch; null for what is none, such as half a line or the page of a proxy. */
export function readWatchLine(text: string): WatchLine | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(value) || typeof value.type !== 'string' || !isObject(value.object)) return null;
  const { type, object } = value;
  if (type === 'ERROR') {
    const code = typeof object.code === 'number' ? object.code : 500;
    const message = typeof object.message === 'string' ? object.message : '';
    return { kind: 'error', code, message: message.slice(0, LONGEST).replace(/\p{Cc}+/gu, ' ') };
  }
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type] : undefined;
  return kind === undefined ? null : { kind, object, version: versionOf(object) };
}

/** `metadata.resourceVersion` of an object or a list; null when there is none. */
export function versionOf(value: unknown): string | null {
  const version = isObject(value) && isObject(value.metadata) ? value.metadata.resourceVersion : null;
  return typeof version === 'string' && version !== '' ? version : null;
}

/** Reads who an object is; null for what has no uid, name and namespace. */
export function readWatched(value: unknown): WatchedObject | null {
  if (!isObject(value) || !isObject(value.metadata)) return null;
  const { uid, name, namespace, labels, ownerReferences } = value.metadata;
  if (!isText(uid) || !isText(name) || !isText(namespace)) return null;
  const owners = Array.isArray(ownerReferences) ? ownerReferences.filter(isObject) : [];
  // Anybody may write a label; the cluster keeps who owns what.
  const set = owners.find(({ kind }) => kind === 'JobSet')?.uid;
  return { uid, name, namespace, labels: isObject(labels) ? labels : {}, jobSet: isText(set) ? set : null };
}

/** A name of Kubernetes has at most 253 characters. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST;
}
