import { expect, test } from 'vitest';
import { foreignOutcome } from './outcome-words.ts';

test.each([
  ['slurm:COMPLETED', 'success'],
  ['slurm:CANCELLED by 1000', 'cancelled'],
  ['slurm:CANCELLED+', 'cancelled'],
  ['slurm:PREEMPTED', 'preempted'],
  ['slurm:NODE_FAIL', 'preempted'],
  ['slurm:OUT_OF_MEMORY', 'oom'],
  ['Slurm: timeout', 'timeout'],
  ['airflow:upstream_failed', 'cancelled'],
  ['argo:Error', 'failure'],
  ['aurora:LOST', 'lost'],
  ['github:timed_out', 'timeout'],
  ['sagemaker:MaxRuntimeExceeded', 'timeout'],
  ['sagemaker:Interrupted', 'preempted'],
  ['vertex:JOB_STATE_EXPIRED', 'timeout'],
])('%s is %s', (text, outcome) => {
  expect(foreignOutcome(text)).toStrictEqual({ outcome });
});

test.each([
  ['slurm:RUNNING', 'the ends of slurm are COMPLETED,'],
  ['slurm:', 'the ends of slurm are'],
  ['github:constructor', 'the ends of github are'],
  ['jenkins:SUCCESS', 'the systems are slurm,'],
  ['constructor:name', 'the systems are'],
  ['success', 'the systems are'],
])('%s is none', (text, sentence) => {
  expect(foreignOutcome(text)).toMatchObject({ problem: expect.stringContaining(sentence) });
});
