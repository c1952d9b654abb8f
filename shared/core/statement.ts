import type { Expectation, ReportedEnd, RunDetails } from './run.ts';
import type { RunEvent } from './run-event.ts';

/** A Job as a message names it. */
export interface NamedJob {
  readonly name: string;
  readonly uid: string | null;
  /** Zone or region of its cluster. */
  readonly location: string | null;
}

/** What one message says about a run, in one shape for all kinds of message. */
export interface Statement extends RunDetails {
  readonly kind: 'expected' | 'started' | 'finished' | 'heartbeat' | 'metrics' | 'observed';
  readonly event: RunEvent;
  readonly runId: string;
  readonly cluster: string;
  readonly namespace: string;
  /** The Kubernetes Job that can be asked how it ended. */
  readonly job: NamedJob | null;
  readonly attempt: number;
  readonly uuid: string | null;
  readonly startedAt: number | null;
  readonly deadline: number | null;
  /** Somebody waits for it to start. */
  readonly expected: Expectation | null;
  readonly end: ReportedEnd | null;
  /** When a tick first saw that the Job is not there any more. */
  readonly goneAt: number | null;
  /** Why its cluster was not asked. */
  readonly refusal: string | null;
  /** What it says to people: why it ended so; of one that is expected what to look at. */
  readonly message: string | null;
  /** False: the attempt ended, the run goes on. */
  readonly final: boolean;
  /** Seen in the cluster, by a tick or the watcher: it speaks of the whole Job, by the cluster's clock. */
  readonly isSeen: boolean;
  readonly numFailures: number | null;
  readonly metrics: readonly (readonly [string, number])[];
  readonly config: unknown;
  readonly configErrors: readonly string[];
}
