import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, openClient, type Patience } from '../shared/adapters/kubernetes/client.ts';
import type { Access } from '../shared/adapters/kubernetes/kubeconfig.ts';
import { pages } from '../shared/adapters/kubernetes/list.ts';
import { isUid, podsOf } from '../shared/adapters/kubernetes/pods.ts';
import { type JobObject, type PodObject, readJob } from '../shared/core/job-object.ts';
import { needsPods } from '../shared/core/job-status.ts';
import { JOB_SET_UID_LABEL, readWatched } from '../shared/core/watched-object.ts';
import { PortError } from '../shared/ports/error.ts';
import { endOf, type KnownEnd, type Watched } from './ends.ts';
import type { PodMemory } from './pod-memory.ts';

/** What learning why something failed needs. */
export interface CausesDeps {
  readonly cluster: string;
  readonly connect: () => Promise<Access>;
  readonly patience: Patience;
  readonly memory: PodMemory;
  /** Told of every failure once, in the end; false: it was postponed, and will be asked for again. */
  readonly tell: (watched: Watched, known: KnownEnd) => boolean;
  /** How long the watch of Pods may be behind that of Jobs, milliseconds. */
  readonly settleMs: number;
  /** After a failed question; it doubles. */
  readonly pauseMs: number;
}

/** Finds out why Jobs failed. */
export interface Causes {
  ask(watched: Watched): void;
  /** It was deleted: nobody will see it again. */
  gone(uid: string): void;
  readonly waiting: number;
  /** Whether the cause of this one is not known yet. */
  isAsked(uid: string): boolean;
  /**
   * Asks nobody any more. Of what was deleted tells what is known now; the others are left to whoever watches next,
   * who finds them as they are.
   */
  flush(): void;
}

interface Question {
  readonly watched: Watched;
  tries: number;
  isGone: boolean;
}

/** With pauses that double, from half a second to a minute, three minutes: a server that is started anew is back. */
const MOST_TRIES = 10;
const LONGEST_PAUSE_MS = 60_000;
/** As many as one list of Pods may select. */
const TOGETHER = 40;

/** A Job of a JobSet. */
interface Child {
  readonly set: string;
  readonly job: JobObject;
}

interface Found {
  readonly children: readonly Child[];
  readonly pods: readonly PodObject[];
  readonly problem: PortError | null;
}

const NOTHING = { children: [], pods: [] };
const NOT_ASKED = new PortError('denied', 'the watcher was told to end');

/** Asks for the Pods of failed Jobs, those of a namespace together; what a cluster does not answer is asked again. */
export function askCauses(deps: CausesDeps): Causes {
  let waiting: Question[] = [];
  let isAtWork = false;
  const flushing = new AbortController();

  return {
    ask(watched) {
      waiting.push({ watched, tries: 0, isGone: false });
      if (flushing.signal.aborted) flush();
      else if (!isAtWork) void work();
    },
    gone(uid) {
      for (const question of waiting) if (question.watched.who.uid === uid) question.isGone = true;
    },
    get waiting() {
      return waiting.length;
    },
    isAsked: (uid) => waiting.some(({ watched }) => watched.who.uid === uid),
    flush,
  };

  function flush(): void {
    flushing.abort();
    const gone = waiting.filter(({ isGone }) => isGone);
    waiting = [];
    for (const { watched } of gone) conclude(watched, { ...NOTHING, problem: NOT_ASKED });
  }

  async function work(): Promise<void> {
    isAtWork = true;
    await pause(deps.settleMs);
    while (waiting.length > 0) {
      const [first] = waiting;
      const isAlike = ({ watched }: Question) =>
        watched.kind === first!.watched.kind && watched.who.namespace === first!.watched.who.namespace;
      const batch = waiting.filter(isAlike).slice(0, TOGETHER);
      const found = await find(batch.map(({ watched }) => watched));
      if (flushing.signal.aborted) break;
      waiting = waiting.filter((one) => !batch.includes(one));
      const isPassing = found.problem?.retryable ?? false;
      for (const question of batch) {
        question.tries++;
        if (isPassing && question.tries < MOST_TRIES) waiting.push(question);
        else conclude(question.watched, found);
      }
      if (isPassing) await pause(Math.min(deps.pauseMs * 2 ** (batch[0]!.tries - 1), LONGEST_PAUSE_MS));
    }
    isAtWork = false;
  }

  async function pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: flushing.signal }).catch(() => {});
  }

  function conclude(watched: Watched, { children, pods, problem }: Found): void {
    const { uid } = watched.who;
    const own = children.filter(({ set }) => set === uid).map(({ job }) => job);
    // Those of the others were asked for together with these.
    const jobs = new Set([uid, ...own.map((job) => job.uid)]);
    const known = endOf(watched, {
      jobs: own,
      listed: pods.filter(({ jobUid }) => jobUid !== null && jobs.has(jobUid)),
      remembered: deps.memory.failed(uid),
      waiting: deps.memory.waiting(uid),
      // What is not told by now is told without.
      problem: problem === null ? null : new PortError('denied', problem.message),
    });
    // What is told later needs it then: by that time its Pods may be gone.
    if (known === null || deps.tell(watched, known)) deps.memory.forget(uid);
  }

  async function find(batch: readonly Watched[]): Promise<Found> {
    const { namespace } = batch[0]!.who;
    const jobs = batch.flatMap((one) => (one.kind === 'job' && needsPods(one.job) ? [one.job] : []));
    const sets = batch.flatMap((one) => (one.kind === 'job-set' ? [one.who.uid] : []));
    if (jobs.length + sets.length === 0) return { ...NOTHING, problem: null };
    try {
      const client = openClient(deps.cluster, await deps.connect(), deps.patience);
      try {
        const children = await childrenOf(sets, client, namespace);
        const { pods, problem } = await podsOf(
          [...jobs, ...children.map(({ job }) => job)],
          client,
          namespace,
        );
        return { children, pods, problem };
      } finally {
        client.close();
      }
    } catch (error) {
      const problem = error instanceof PortError ? error : new PortError('invalid', String(error));
      return { ...NOTHING, problem };
    }
  }
}

/** The failed Jobs of JobSets of one namespace. */
async function childrenOf(sets: readonly string[], client: Client, namespace: string): Promise<Child[]> {
  const uids = sets.filter(isUid);
  if (uids.length === 0) return [];
  const listing = {
    path: `/apis/batch/v1/namespaces/${namespace}/jobs`,
    query: new URLSearchParams({ labelSelector: `${JOB_SET_UID_LABEL} in (${uids.join(',')})` }),
    kind: 'JobList',
    right: `list on jobs of batch in namespace "${namespace}"`,
  };
  const children: Child[] = [];
  for await (const items of pages(client, listing)) {
    for (const item of items) {
      const set = readWatched(item)?.jobSet ?? null;
      const job = readJob(item);
      if (job !== null && needsPods(job) && set !== null) children.push({ set, job });
    }
  }
  return children;
}
