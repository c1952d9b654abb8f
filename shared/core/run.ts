import type { Outcome } from './outcome.ts';
import { outcomeRank } from './outcome.ts';
import { compareText } from './text-order.ts';

/** An end that somebody reported; inferred ends are decided in `status.ts`. */
export interface ReportedEnd {
  readonly outcome: Outcome;
  readonly finishedAt: number;
  /** When and by whom it was reported; they break ties. */
  readonly time: number;
  readonly source: string;
}

/** What a run says of itself beside how it went; null where it says nothing. */
export interface RunDetails {
  readonly modelDir: string | null;
  readonly testType: string | null;
  readonly accelerator: string | null;
  readonly frameworkVersion: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly logsLink: string | null;
  readonly logsDownloadCommand: string | null;
  readonly workloadLink: string | null;
}

/** Until when a run has to start. */
export interface Expectation {
  readonly startBy: number;
  /** Any run of the test that begins in time will do. */
  readonly anyRun: boolean;
}

/** Where the Job of a run is to be found. */
export interface RunJob {
  readonly cluster: string;
  /** Zone or region. */
  readonly location: string | null;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | null;
}

/** What the messages of one run say, whatever order they came in. Times are milliseconds since the epoch. */
export interface Run extends RunDetails {
  /** The one a message brought, else `ownUuid`. */
  readonly uuid: string;
  /** Derived from the identity. */
  readonly ownUuid: string;
  readonly thread: string;
  /** Only a backfill or an import told of it. */
  readonly isPast: boolean;
  /** Another system judged it; it brings the bounds of its day, and no config file has a say. */
  readonly isJudgedElsewhere: boolean;
  readonly testName: string;
  readonly runId: string;
  /** Where it ran, as far as its messages name that; it is part of its identity. */
  readonly cluster: string | null;
  /** The newest attempt that any message names, from 1. */
  readonly attempt: number;
  readonly numFailures: number | null;
  readonly startedAt: number | null;
  /** The smallest publish time of its messages. */
  readonly publishTime: number;
  /** Past this the run is `deadlineOutcome`: declared, else 48 hours after it began. */
  readonly deadline: number;
  readonly deadlineOutcome: 'timeout' | 'lost' | 'missed';
  /** Not null: nothing is known of it but that somebody waits for it to start. */
  readonly expected: (Expectation & { readonly since: number }) | null;
  readonly lastHeartbeat: number | null;
  /** The Kubernetes Job to ask, when a message names its cluster. */
  readonly job: RunJob | null;
  /** When a tick first saw that the Job is not there any more. */
  readonly jobGoneAt: number | null;
  /** Why its cluster could not be asked: nobody allows it. */
  readonly jobRefusal: string | null;
  readonly end: ReportedEnd | null;
  /** What is said of its end to people; of one that never started what to look at. */
  readonly message: string | null;
  /** Metrics that the run reported itself, names used as written; values may be NaN or infinite. */
  readonly reportedMetrics: ReadonlyMap<string, number>;
  /** The config its newest message brought, unchecked; undefined when none did. */
  readonly messageConfig: unknown;
  /** Mistakes outside of the config proper that make it unusable, one sentence each. */
  readonly configErrors: readonly string[];
}

/** Without a declared deadline a run that never says how it ended is given up after this. */
export const DEFAULT_DEADLINE_MS = 48 * 3_600_000;

/** Of several reported ends the higher rank counts; ties by the earliest report, then the source. */
export function chooseEnd(ends: readonly ReportedEnd[]): ReportedEnd | null {
  const [best] = [...ends].sort(
    (a, b) =>
      outcomeRank(a.outcome) - outcomeRank(b.outcome) || a.time - b.time || compareText(a.source, b.source),
  );
  return best ?? null;
}

/** Place of a run among the runs of its test (contracts §5): by end, then run id, then uuid. */
export interface RunOrder {
  readonly finishedAt: number;
  readonly runId: string;
  readonly uuid: string;
}

export function compareRuns(a: RunOrder, b: RunOrder): number {
  return a.finishedAt - b.finishedAt || compareText(a.runId, b.runId) || compareText(a.uuid, b.uuid);
}
