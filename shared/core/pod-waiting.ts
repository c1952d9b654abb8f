import { isObject } from './json.ts';

const LONGEST = 400;

/** The kubelet's words for a container that does not start and will not by itself. */
const STUCK: ReadonlySet<string> = new Set([
  'ImagePullBackOff',
  'ErrImagePull',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'CrashLoopBackOff',
]);

/** Why a Pod waits, in the words of the cluster; null when it runs, or just begins. */
export function waitingWords(value: unknown): string | null {
  if (!isObject(value) || !isObject(value.metadata) || !isObject(value.status)) return null;
  const { status } = value;
  const pod = `Pod "${short(value.metadata.name)}"`;
  for (const each of [...list(status.initContainerStatuses), ...list(status.containerStatuses)]) {
    const waiting = isObject(each.state) ? each.state.waiting : undefined;
    if (!isObject(waiting) || typeof waiting.reason !== 'string' || !STUCK.has(waiting.reason)) continue;
    return `container "${short(each.name)}" of ${pod} waits: ${said(waiting.reason, waiting.message)}`;
  }
  const unscheduled = list(status.conditions).find(
    ({ type, status: holds, reason }) =>
      type === 'PodScheduled' && holds === 'False' && reason === 'Unschedulable',
  );
  return unscheduled === undefined ? null : `${pod} waits: ${said('Unschedulable', unscheduled.message)}`;
}

function said(reason: unknown, message: unknown): string {
  const words = short(message);
  return words === '' ? short(reason) : `${short(reason)}: ${words}`;
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function short(value: unknown): string {
  if (typeof value !== 'string') return '';
  return value
    .slice(0, LONGEST)
    .toWellFormed()
    .replace(/\p{Cc}+/gu, ' ');
}
