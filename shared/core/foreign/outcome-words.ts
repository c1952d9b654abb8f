import type { Outcome } from '../outcome.ts';

/**
 * How other systems say that a job has ended, and what it means here. The words are those of each system's own
 * documentation, compared without regard to case; a state in which a job is still open is none of them.
 */
export const OUTCOME_WORDS: Readonly<Record<string, Readonly<Record<string, Outcome>>>> = {
  // sacct's State, without what stands behind the word ("CANCELLED by 1000").
  slurm: {
    COMPLETED: 'success',
    FAILED: 'failure',
    BOOT_FAIL: 'failure',
    LAUNCH_FAILED: 'failure',
    NODE_FAIL: 'preempted',
    PREEMPTED: 'preempted',
    REVOKED: 'cancelled',
    CANCELLED: 'cancelled',
    TIMEOUT: 'timeout',
    DEADLINE: 'timeout',
    OUT_OF_MEMORY: 'oom',
  },
  airflow: { success: 'success', failed: 'failure', skipped: 'cancelled', upstream_failed: 'cancelled' },
  argo: { Succeeded: 'success', Failed: 'failure', Error: 'failure' },
  aurora: { FINISHED: 'success', FAILED: 'failure', KILLED: 'cancelled', LOST: 'lost' },
  github: {
    success: 'success',
    neutral: 'success',
    failure: 'failure',
    startup_failure: 'failure',
    timed_out: 'timeout',
    cancelled: 'cancelled',
    skipped: 'cancelled',
    stale: 'lost',
  },
  // The secondary status says what the first leaves open; a job that took too long is "Stopped".
  sagemaker: {
    Completed: 'success',
    Failed: 'failure',
    Stopped: 'cancelled',
    MaxRuntimeExceeded: 'timeout',
    MaxWaitTimeExceeded: 'timeout',
    Interrupted: 'preempted',
  },
  vertex: {
    JOB_STATE_SUCCEEDED: 'success',
    JOB_STATE_FAILED: 'failure',
    JOB_STATE_PARTIALLY_SUCCEEDED: 'failure',
    JOB_STATE_CANCELLED: 'cancelled',
    JOB_STATE_EXPIRED: 'timeout',
  },
};

/** The outcome that `SYSTEM:WORD` means; a sentence that names what would do where it means none. */
export function foreignOutcome(text: string): { readonly outcome: Outcome } | { readonly problem: string } {
  const colon = text.indexOf(':');
  const system = text.slice(0, colon).toLowerCase();
  const words = Object.hasOwn(OUTCOME_WORDS, system) ? OUTCOME_WORDS[system] : undefined;
  if (words === undefined) {
    return { problem: `the systems are ${Object.keys(OUTCOME_WORDS).join(', ')}` };
  }
  // Slurm puts who cancelled behind the word, and a plus where it cut it.
  const word = text
    .slice(colon + 1)
    .trim()
    .split(/[\s+]/)[0]!
    .toLowerCase();
  const known = Object.entries(words).find(([name]) => name.toLowerCase() === word);
  if (known !== undefined) return { outcome: known[1] };
  return { problem: `the ends of ${system} are ${Object.keys(words).join(', ')}` };
}
