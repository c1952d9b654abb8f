import { JOB_UID_LABEL, type JobObject, type PodObject, readPod } from '../../core/job-object.ts';
import { jobStatus, needsPods } from '../../core/job-status.ts';
import { PortError } from '../../ports/error.ts';
import type { JobSighting } from '../../ports/outcomes.ts';
import type { Client } from './client.ts';
import { type Listing, pages } from './list.ts';

/** The Pods of Jobs that failed, as far as they are left and could be listed. */
export interface PodsSeen {
  readonly pods: readonly PodObject[];
  readonly problem: PortError | null;
}

/** Uids in one selector: with 36 characters each the address stays under 2 KB. */
const CHUNK = 40;

/** Whether a uid may stand in a selector. */
export const isUid = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text);

/** Lists the Pods of some Jobs of a namespace, by the uid of their Job: a name may have been used before. */
export async function podsOf(
  jobs: readonly JobObject[],
  client: Client,
  namespace: string,
): Promise<PodsSeen> {
  const uids = [...new Set(jobs.map(({ uid }) => uid))].filter(isUid);
  const pods: PodObject[] = [];
  try {
    for (let from = 0; from < uids.length; from += CHUNK) {
      for await (const items of pages(client, podListing(namespace, uids.slice(from, from + CHUNK)))) {
        pods.push(...items.map(readPod).filter((pod) => pod !== null));
      }
    }
    return { pods, problem: null };
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    return { pods, problem: error };
  }
}

/**
 * What is told of a Job. Where its Pods cannot be listed now, the next look may learn why it failed; where they
 * never will be, its own words have to do.
 */
export function sightingOf(job: JobObject | null, { pods, problem }: PodsSeen): JobSighting {
  if (job === null) return { kind: 'gone' };
  if (problem === null || !needsPods(job)) return jobStatus(job, pods);
  if (problem.retryable) return { kind: 'unknown', detail: problem.message };
  const status = jobStatus(job, null);
  if (status.kind !== 'ended') return status;
  const message = `${status.end.message}; what its Pods say is not known: ${problem.message}`;
  return { kind: 'ended', end: { ...status.end, message } };
}

function podListing(namespace: string, uids: readonly string[]): Listing {
  return {
    path: `/api/v1/namespaces/${namespace}/pods`,
    query: new URLSearchParams({ labelSelector: `${JOB_UID_LABEL} in (${uids.join(',')})` }),
    kind: 'PodList',
    right: `list on pods in namespace "${namespace}"`,
  };
}
