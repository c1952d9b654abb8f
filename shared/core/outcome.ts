/** How a process ended (contracts §1). `running` is the one that is still open. */
export const OUTCOMES = [
  'success',
  'failure',
  'timeout',
  'cancelled',
  'preempted',
  'oom',
  'lost',
  'missed',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What the conditions of a run say (contracts §1); never mixed with how it ended. */
export type Verdict = 'pass' | 'fail' | 'inconclusive' | 'pending';

/** Of several reported ends of one attempt the first in this list wins: a cause refines a plain failure. */
const RANK: readonly Outcome[] = [
  'oom',
  'preempted',
  'timeout',
  'cancelled',
  'failure',
  'success',
  'missed',
  'lost',
];

export function outcomeRank(outcome: Outcome): number {
  return RANK.indexOf(outcome);
}

/** Ends that say nothing about the test itself: somebody or something else stopped it. */
export function isNeutral(outcome: Outcome): boolean {
  return outcome === 'cancelled' || outcome === 'preempted';
}
