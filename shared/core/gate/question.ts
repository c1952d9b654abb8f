import type { Outcome, Verdict } from '../outcome.ts';
import type { JobRow, MetricRow } from '../rows.ts';
import type { Clause } from './policy.ts';

/** A judged run as a gate looks at it, with the metrics that it asks for. */
export interface GateRun {
  readonly job: JobRow;
  readonly metrics: readonly MetricRow[];
}

/** A run of the candidate that was never judged. */
export interface WaitingRun {
  readonly uuid: string;
  readonly runId: string;
  /** Milliseconds since the epoch, as far as it is known. */
  readonly begunAt: number;
}

/** Who wants to pass, and beside what he is held. */
export interface GateSubject {
  readonly testName: string;
  readonly version: string;
  /** What runs of the baseline say of themselves: `version`, a label or what else tells runs apart. */
  readonly baseline: { readonly fact: string; readonly value: string } | null;
}

/** What is demanded. */
export interface GatePolicy {
  /** As it was written; null: the verdicts of the candidate's own runs count. */
  readonly text: string | null;
  readonly clauses: readonly Clause[];
  /** So many of the newest runs count together, and as many there have to be. */
  readonly runs: number;
  /** What an inconclusive answer becomes; null: it stays one. */
  readonly onInconclusive: 'pass' | 'fail' | null;
}

/** All that an answer is made from. */
export interface GateQuestion {
  readonly subject: GateSubject;
  readonly policy: GatePolicy;
  readonly judged: readonly GateRun[];
  readonly waiting: readonly WaitingRun[];
  readonly baseline: readonly GateRun[];
  /** Names of all metrics that the test ever had. */
  readonly metricNames: readonly string[];
}

/** What one demand came to. */
export interface GateCheck {
  /** Null: it is about the run as a whole. */
  readonly metric: string | null;
  /** The clauses of the policy that decided, `condition`, or what was looked at. */
  readonly rule: string;
  readonly verdict: Verdict;
  /** Machine word; null where a value lies within its bounds. */
  readonly reason: string | null;
  /** NaN and infinite values are kept; null: there is none. */
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** Values that made `value`. */
  readonly n: number;
  /** Values of the baseline that made the bounds. */
  readonly baselineN: number;
}

/** The answer and all that it was made from. */
export interface GateAnswer {
  readonly verdict: Verdict;
  /** Of the newest run that counts; `running`: it is not judged yet; null: there is none. */
  readonly outcome: Outcome | 'running' | null;
  readonly checks: readonly GateCheck[];
  /** The runs that counted, newest first. */
  readonly runs: readonly JobRow[];
  readonly baselineRuns: readonly JobRow[];
  /** Where the baseline lacks runs on the candidate's data: the newest of those on other data. */
  readonly passedOver: readonly JobRow[];
}
