import { isNeutral, type Verdict } from '../outcome.ts';
import { orderOf } from '../rows.ts';
import { compareRuns } from '../run.ts';
import { factOf, versionOf, withoutBlanks } from '../version.ts';
import { checkClauses, type ResolvedClause, resolveClauses } from './clauses.ts';
import type { GateAnswer, GateCheck, GateQuestion, GateRun, WaitingRun } from './question.ts';

/** As many runs of the baseline count as a judge looks back on. */
const BASELINE_RUNS = 30;

/** The label that says on which data a run was made. */
const DATASET = 'dataset';

/** An answer, or one sentence that says why the policy cannot be asked. */
export type Decided =
  | { readonly ok: true; readonly answer: GateAnswer }
  | { readonly ok: false; readonly problem: string };

/**
 * Whether a version may pass: one pure function behind every door. Of its newest runs (by start, `policy.runs` of them)
 * any that is not judged yet, or that is not there, makes it `pending`. One that did not end as success fails it, or
 * leaves it inconclusive if somebody stopped it. Then the policy counts, or without one the verdicts of those runs.
 */
export function decideGate(question: GateQuestion): Decided {
  const { policy, metricNames, subject } = question;
  const chosen = chooseRuns(question);
  const baseline = chooseBaseline(question, chosen.runs);
  const resolved = resolveClauses(policy.clauses, { metricNames, hasBaseline: subject.baseline !== null });
  if ('problem' in resolved) return { ok: false, problem: resolved.problem };
  const isSettled = chosen.pending === null && chosen.runs.every(({ job }) => job.outcome === 'success');
  // A metric that is unknown may still come with the run that is waited for, or would have with one that failed.
  if (isSettled && resolved.unknown !== null) return { ok: false, problem: resolved.unknown };
  const checks = allChecks(question, { chosen, baseline, clauses: resolved.clauses });
  return { ok: true, answer: answerOf(question, { chosen, baseline, checks }) };
}

interface Chosen {
  /** Newest first. */
  readonly runs: readonly GateRun[];
  /** Why nothing can be said yet. */
  readonly pending: 'no_run' | 'running' | 'runs' | null;
  readonly isNewestWaiting: boolean;
}

function chooseRuns({ judged, waiting, policy }: GateQuestion): Chosen {
  const runs = [...judged].sort(
    (a, b) => begunAt(b) - begunAt(a) || compareRuns(orderOf(b.job), orderOf(a.job)),
  );
  const newest = runs.slice(0, policy.runs);
  const counts = ({ begunAt: begun }: WaitingRun) =>
    newest.length < policy.runs || begun >= begunAt(newest.at(-1)!);
  const open = waiting.filter(counts);
  const isNewestWaiting = open.some(
    ({ begunAt: begun }) => newest.length === 0 || begun >= begunAt(newest[0]!),
  );
  if (open.length > 0) return { runs: newest, pending: 'running', isNewestWaiting };
  if (newest.length === 0) return { runs: newest, pending: 'no_run', isNewestWaiting };
  return { runs: newest, pending: newest.length < policy.runs ? 'runs' : null, isNewestWaiting };
}

function begunAt({ job }: GateRun): number {
  return job.startedAt ?? job.finishedAt;
}

interface Baseline {
  readonly runs: readonly GateRun[];
  /** Where there is none on the candidate's data: those on other data. */
  readonly passedOver: readonly GateRun[];
  /** Why there is none. */
  readonly lack: 'baseline' | 'dataset' | null;
}

/** The newest successful runs of the baseline on the data that the candidate had; never runs of the candidate. */
function chooseBaseline({ subject, baseline }: GateQuestion, candidate: readonly GateRun[]): Baseline {
  if (subject.baseline === null) return { runs: [], passedOver: [], lack: null };
  const own = withoutBlanks(subject.version);
  const usable = baseline.filter(({ job }) => job.outcome === 'success' && versionOf(job) !== own);
  const datasets = new Set(candidate.map(({ job }) => factOf(job, DATASET)));
  const alike =
    candidate.length === 0 ? usable : usable.filter(({ job }) => datasets.has(factOf(job, DATASET)));
  const lack = alike.length > 0 ? null : usable.length > 0 ? 'dataset' : 'baseline';
  const newest = (runs: readonly GateRun[]) =>
    runs.toSorted((a, b) => compareRuns(orderOf(b.job), orderOf(a.job))).slice(0, BASELINE_RUNS);
  return { runs: newest(alike), passedOver: lack === 'dataset' ? newest(usable) : [], lack };
}

interface Parts {
  readonly chosen: Chosen;
  readonly baseline: Baseline;
}

function allChecks(
  { policy }: GateQuestion,
  { chosen, baseline, clauses }: Parts & { readonly clauses: readonly ResolvedClause[] },
): GateCheck[] {
  if (chosen.pending !== null) {
    return [wholeCheck({ rule: 'runs', verdict: 'pending', reason: chosen.pending, n: chosen.runs.length })];
  }
  const ends = chosen.runs.flatMap(({ job }): GateCheck[] => {
    if (job.outcome === 'success') return [];
    const verdict = isNeutral(job.outcome) ? 'inconclusive' : 'fail';
    return [wholeCheck({ rule: 'outcome', verdict, reason: `outcome: ${job.outcome}`, n: 1 })];
  });
  const lack = baseline.lack === null ? [] : [lackCheck(baseline.lack)];
  if (ends.length > 0) return [...ends, ...lack];
  const demanded =
    policy.text === null
      ? chosen.runs.flatMap(conditionChecks)
      : checkClauses(clauses, { runs: chosen.runs, baseline: baseline.runs });
  return [...demanded, ...lack];
}

function lackCheck(lack: 'baseline' | 'dataset'): GateCheck {
  return wholeCheck({ rule: 'baseline', verdict: 'inconclusive', reason: lack, n: 0 });
}

function wholeCheck(check: Pick<GateCheck, 'rule' | 'verdict' | 'reason' | 'n'>): GateCheck {
  return { ...check, metric: null, value: null, lower: null, upper: null, baselineN: 0 };
}

/** What the run's own conditions said; a verdict that none of them gave is said of the run. */
function conditionChecks({ job, metrics }: GateRun): GateCheck[] {
  const checks = metrics.flatMap((row): GateCheck[] => {
    const { metricName: metric, verdict, reason, value, lower, upper, baselineN } = row;
    if (verdict === null) return [];
    return [{ metric, rule: 'condition', verdict, reason, value, lower, upper, n: 1, baselineN }];
  });
  if (worst(checks) === job.verdict) return checks;
  return [...checks, wholeCheck({ rule: 'run', verdict: job.verdict, reason: null, n: 1 })];
}

const WORST: readonly Verdict[] = ['pending', 'fail', 'inconclusive', 'pass'];

function worst(checks: readonly GateCheck[]): Verdict {
  return WORST.find((one) => checks.some(({ verdict }) => verdict === one)) ?? 'pass';
}

function answerOf(
  { policy }: GateQuestion,
  { chosen, baseline, checks }: Parts & { readonly checks: readonly GateCheck[] },
): GateAnswer {
  const said = worst(checks);
  return {
    verdict: said === 'inconclusive' ? (policy.onInconclusive ?? said) : said,
    outcome: chosen.isNewestWaiting ? 'running' : (chosen.runs[0]?.job.outcome ?? null),
    checks,
    runs: chosen.runs.map(({ job }) => job),
    baselineRuns: baseline.runs.map(({ job }) => job),
    passedOver: baseline.passedOver.map(({ job }) => job),
  };
}
