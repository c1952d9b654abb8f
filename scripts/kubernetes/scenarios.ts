import type { Stage } from './stage.ts';

/** The Job that a run would ask for once a scenario is played. */
export interface Played {
  readonly jobName: string;
  readonly jobUid: string;
}

/** One way in which a Job can stand. */
export interface Scenario {
  readonly name: string;
  readonly play: (stage: Stage) => Promise<Played>;
}

const JOB = 'train';
const KUBELET = 'TerminationByKubelet';
const SHUTDOWN = {
  pod: { reason: 'Terminated', message: 'Pod was terminated in response to imminent node shutdown.' },
  disruption: { reason: KUBELET, message: 'Pod was terminated in response to imminent node shutdown.' },
};
const LOW_MEMORY =
  'The node was low on resource: memory. Threshold quantity: 100Mi, available: 52Mi. Container main was using 6Gi, request is 0, has larger consumption of memory. ';

const has =
  (...types: string[]) =>
  ({ conditions }: { conditions: readonly string[] }) =>
    types.every((type) => conditions.includes(type));

/** Plays a Job whose Pods end one after the other as told, until it has this condition. */
function sequence(
  spec: Record<string, unknown>,
  ends: readonly Parameters<Stage['endPod']>[1][],
  last: string,
): Scenario['play'] {
  return async (stage) => {
    const jobUid = await stage.job(JOB, spec);
    for (const end of ends) await stage.endPod(await stage.runningPod(), end);
    await stage.until(JOB, has(last));
    return { jobName: JOB, jobUid };
  };
}

/** Plays Pods of an Indexed Job, each to its own end, until it has this condition. */
function indexed(
  spec: Record<string, unknown>,
  exits: readonly (number | 'runs')[],
  last: string,
): Scenario['play'] {
  return async (stage) => {
    const size = { completionMode: 'Indexed', completions: exits.length, parallelism: exits.length };
    const jobUid = await stage.job(JOB, { ...size, ...spec });
    const pods = [];
    for (const index of exits.keys()) pods.push(await stage.runningPod({ index }));
    for (const [index, exitCode] of exits.entries()) {
      if (exitCode !== 'runs') await stage.endPod(pods[index]!, { exitCode });
    }
    await stage.until(JOB, has(last));
    return { jobName: JOB, jobUid };
  };
}

const SUCCESS_POLICY = { successPolicy: { rules: [{ succeededIndexes: '0' }] } };
/** The Job's own limit is left to its default, which is none then. */
const PER_INDEX = { backoffLimitPerIndex: 0, backoffLimit: undefined };
const FAIL_AT_42 = {
  podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] },
};

/** Everything that is recorded, and played again by the live tests. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'success', play: sequence({}, [{ exitCode: 0 }], 'Complete') },
  { name: 'failure', play: sequence({}, [{ exitCode: 3 }], 'Failed') },
  {
    name: 'success-after-retry',
    play: sequence({ backoffLimit: 2 }, [{ exitCode: 1 }, { exitCode: 0 }], 'Complete'),
  },
  { name: 'pod-failure-policy', play: sequence(FAIL_AT_42, [{ exitCode: 42 }], 'Failed') },
  {
    name: 'out-of-memory',
    play: sequence({}, [{ exitCode: 137, reason: 'OOMKilled' }], 'Failed'),
  },
  {
    name: 'out-of-memory-of-node',
    play: sequence(
      {},
      [
        {
          exitCode: 137,
          pod: { reason: 'Evicted', message: LOW_MEMORY },
          disruption: { reason: KUBELET, message: LOW_MEMORY },
        },
      ],
      'Failed',
    ),
  },
  { name: 'node-shutdown', play: sequence({}, [{ exitCode: 143, ...SHUTDOWN }], 'Failed') },
  {
    name: 'node-shutdown-then-failure',
    play: sequence({ backoffLimit: 1 }, [{ exitCode: 143, ...SHUTDOWN }, { exitCode: 1 }], 'Failed'),
  },
  { name: 'failed-indexes', play: indexed(PER_INDEX, [0, 1], 'Failed') },
  {
    name: 'max-failed-indexes',
    play: indexed({ ...PER_INDEX, maxFailedIndexes: 1 }, [1, 1, 0], 'Failed'),
  },
  { name: 'success-criteria-met', play: indexed(SUCCESS_POLICY, [0, 'runs'], 'SuccessCriteriaMet') },
  {
    name: 'success-policy',
    async play(stage) {
      const played = await indexed(SUCCESS_POLICY, [0, 'runs'], 'SuccessCriteriaMet')(stage);
      await stage.removePod(await stage.terminatingPod());
      await stage.until(JOB, has('Complete'));
      return played;
    },
  },
  {
    name: 'failure-target',
    play: indexed({ ...FAIL_AT_42, backoffLimit: 5 }, [42, 'runs'], 'FailureTarget'),
  },
  {
    name: 'running',
    async play(stage) {
      const jobUid = await stage.job(JOB);
      await stage.runningPod();
      await stage.until(JOB, ({ ready }) => ready === 1);
      return { jobName: JOB, jobUid };
    },
  },
  {
    name: 'between-retries',
    async play(stage) {
      const jobUid = await stage.job(JOB, { backoffLimit: 3 });
      await stage.endPod(await stage.runningPod(), { exitCode: 1 });
      await stage.until(JOB, ({ failed, active }) => failed === 1 && active === 0);
      return { jobName: JOB, jobUid };
    },
  },
  {
    name: 'deadline',
    async play(stage) {
      const jobUid = await stage.job(JOB, { activeDeadlineSeconds: 1 });
      await stage.until(JOB, has('Failed'));
      return { jobName: JOB, jobUid };
    },
  },
  {
    name: 'suspended',
    async play(stage) {
      const jobUid = await stage.job(JOB, { suspend: true });
      await stage.until(JOB, has('Suspended'));
      return { jobName: JOB, jobUid };
    },
  },
  {
    name: 'success-after-suspension',
    async play(stage) {
      const jobUid = await stage.job(JOB, { suspend: true });
      await stage.until(JOB, has('Suspended'));
      await stage.patchJob(JOB, { spec: { suspend: false } });
      await stage.endPod(await stage.runningPod(), { exitCode: 0 });
      await stage.until(JOB, has('Complete'));
      return { jobName: JOB, jobUid };
    },
  },
  {
    name: 'evicted-without-trace',
    async play(stage) {
      const jobUid = await stage.job(JOB);
      const pod = await stage.runningPod();
      await stage.evictPod(pod);
      await stage.endPod(pod, { exitCode: 143 });
      await stage.removePod(pod);
      await stage.until(JOB, has('Failed'));
      return { jobName: JOB, jobUid };
    },
  },
  {
    name: 'deleted-after-ttl',
    async play(stage) {
      const jobUid = await stage.job(JOB, { ttlSecondsAfterFinished: 1 });
      await stage.endPod(await stage.runningPod(), { exitCode: 0 });
      await stage.untilGone(JOB);
      return { jobName: JOB, jobUid };
    },
  },
  {
    name: 'name-used-again',
    async play(stage) {
      const jobUid = await stage.job(JOB);
      await stage.deleteJob(JOB);
      await stage.job(JOB, { suspend: true });
      return { jobName: JOB, jobUid };
    },
  },
];
