import { type Decision, decisionOf } from '../decision-record.ts';
import { digestOf } from '../digest.ts';
import { canonicalJson, toJsonNumber } from '../json.ts';
import type { JobRow } from '../rows.ts';
import { formatTime } from '../time.ts';
import { withoutBlanks } from '../version.ts';
import type { GateAnswer, GateCheck, GatePolicy, GateQuestion } from './question.ts';

/** What `verdict --version` and the gate answer with; also what is kept of it. */
export interface VerdictBody extends Readonly<Record<string, unknown>> {
  readonly schema: 1;
  readonly verdict: GateAnswer['verdict'];
  readonly test_name: string;
  readonly version: string;
  readonly baseline: null | {
    /** `version`, a label, or what else tells runs apart. */
    readonly by: string;
    readonly value: string;
    readonly n: number;
    /** Ids of runs that counted. */
    readonly runs: readonly string[];
    /** Ids of runs that do not count, because they were made on other data and no others are there. */
    readonly passed_over: readonly string[];
  };
  readonly outcome: GateAnswer['outcome'];
  readonly runs: readonly RunOfVerdict[];
  readonly policy: {
    readonly text: string | null;
    readonly runs: number;
    readonly on_inconclusive: string | null;
  };
  readonly policy_digest: string;
  readonly checks: readonly CheckJson[];
  /** The checks that are no pass. */
  readonly reasons: readonly CheckJson[];
}

/** A run that counted. */
export interface RunOfVerdict {
  readonly uuid: string;
  readonly run_id: string;
  readonly outcome: JobRow['outcome'];
  readonly verdict: JobRow['verdict'];
  readonly finished_at: string;
}

/** One check, as JSON. */
export interface CheckJson {
  readonly metric: string | null;
  readonly rule: string;
  readonly verdict: GateCheck['verdict'];
  readonly reason: string | null;
  readonly value: number | string | null;
  readonly lower: number | string | null;
  readonly upper: number | string | null;
  readonly n: number;
  readonly baseline_n: number;
}

/**
 * The record of an answer: everything it was made from, and no clock, so that asking twice gives one. Its id is the
 * digest of all that; a pending answer has one, too, but is not kept. `at`: milliseconds since the epoch.
 */
export function verdictRecord(
  question: GateQuestion,
  answer: GateAnswer,
  { at }: { readonly at: number },
): Decision & { readonly data: VerdictBody } {
  const { subject, policy } = question;
  const checks = answer.checks.map(checkJson);
  const data: VerdictBody = {
    schema: 1,
    verdict: answer.verdict,
    test_name: subject.testName,
    version: withoutBlanks(subject.version),
    baseline:
      subject.baseline === null
        ? null
        : {
            by: subject.baseline.fact,
            value: withoutBlanks(subject.baseline.value),
            n: answer.baselineRuns.length,
            runs: answer.baselineRuns.map(({ uuid }) => uuid),
            passed_over: answer.passedOver.map(({ uuid }) => uuid),
          },
    outcome: answer.outcome,
    runs: answer.runs.map(runJson),
    policy: { text: policy.text, runs: policy.runs, on_inconclusive: policy.onInconclusive },
    policy_digest: policyDigest(policy),
    checks,
    reasons: checks.filter(({ verdict }) => verdict !== 'pass'),
  };
  const { id } = decisionOf({ kind: 'verdict', subject: subject.testName, at, data });
  return { kind: 'verdict', id, subject: subject.testName, at, data };
}

function policyDigest({ text, runs, onInconclusive }: GatePolicy): string {
  return digestOf('policy', canonicalJson({ text, runs, onInconclusive }));
}

function runJson({ uuid, runId, outcome, verdict, finishedAt }: JobRow): RunOfVerdict {
  return { uuid, run_id: runId, outcome, verdict, finished_at: formatTime(finishedAt) };
}

function checkJson({ metric, rule, verdict, reason, n, baselineN, ...numbers }: GateCheck): CheckJson {
  const number = (value: number | null) => (value === null ? null : toJsonNumber(value));
  const { value, lower, upper } = numbers;
  return {
    metric,
    rule,
    verdict,
    reason,
    value: number(value),
    lower: number(lower),
    upper: number(upper),
    n,
    baseline_n: baselineN,
  };
}
