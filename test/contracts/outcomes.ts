import { describe, expect, test } from 'vitest';
import type { JobQuery, JobSighting, Outcomes } from '../../shared/ports/outcomes.ts';

/** What is known of a Job before it is asked for. */
export type KnownJob = Omit<JobQuery, 'uuid'>;

/**
 * An adapter with four clusters: `main` at location `here` with any namespace, `limited` which may be asked only
 * about namespace `allowed`, `down` which nobody can reach, and `named` which stands in the config with null.
 */
export interface OutcomesUnderTest {
  readonly outcomes: Outcomes;
  /** Brings a Job of cluster `main` to where a scenario of scripts/kubernetes/scenarios.ts leads. */
  stage(scenario: string): Promise<KnownJob>;
  /** Puts that many Jobs that have not ended into one namespace of `main`. */
  fill(count: number): Promise<readonly KnownJob[]>;
}

interface Ended {
  readonly outcome: string;
  readonly reason: string;
  readonly failures: number;
  /** Words that the message has to hold. */
  readonly says?: RegExp;
}

/** What has to be seen of every scenario: the real cluster's words, so a change of theirs is found here. */
const ENDS: Readonly<Record<string, Ended>> = {
  success: { outcome: 'success', reason: 'CompletionsReached', failures: 0 },
  'success-after-retry': { outcome: 'success', reason: 'CompletionsReached', failures: 1 },
  'success-after-suspension': { outcome: 'success', reason: 'CompletionsReached', failures: 0 },
  'success-policy': { outcome: 'success', reason: 'SuccessPolicy', failures: 0 },
  failure: {
    outcome: 'failure',
    reason: 'BackoffLimitExceeded',
    failures: 1,
    says: /backoff limit.*container "main" of Pod "train-\w+" ended with exit code 3/,
  },
  'pod-failure-policy': { outcome: 'failure', reason: 'PodFailurePolicy', failures: 1, says: /exit code 42/ },
  'failed-indexes': { outcome: 'failure', reason: 'FailedIndexes', failures: 1 },
  'max-failed-indexes': { outcome: 'failure', reason: 'MaxFailedIndexesExceeded', failures: 2 },
  'node-shutdown-then-failure': { outcome: 'failure', reason: 'BackoffLimitExceeded', failures: 2 },
  'evicted-without-trace': {
    outcome: 'failure',
    reason: 'BackoffLimitExceeded',
    failures: 1,
    says: /none of its Pods is left/,
  },
  deadline: { outcome: 'timeout', reason: 'DeadlineExceeded', failures: 1 },
  'out-of-memory': { outcome: 'oom', reason: 'OOMKilled', failures: 1, says: /container "main"/ },
  'out-of-memory-of-node': {
    outcome: 'oom',
    reason: 'Evicted',
    failures: 1,
    says: /low on resource: memory/,
  },
  'node-shutdown': { outcome: 'preempted', reason: 'TerminationByKubelet', failures: 1, says: /shutdown/ },
};
const OPEN = ['running', 'between-retries', 'suspended', 'failure-target', 'success-criteria-met'];
const GONE = ['deleted-after-ttl', 'name-used-again'];

/** What `Outcomes` promises, to be run against every adapter. */
export function outcomesContract(adapter: string, open: () => Promise<OutcomesUnderTest>): void {
  describe(`outcomes contract: ${adapter}`, () => {
    test.each(Object.entries(ENDS))('a Job has ended: %s', async (scenario, expected) => {
      const { outcomes, stage } = await open();
      const job = await stage(scenario);
      const sighting = await lookAt(outcomes, job);
      if (sighting.kind !== 'ended') return expect(sighting).toMatchObject({ kind: 'ended' });
      const { says, ...words } = expected;
      const { end } = sighting;
      expect(end).toMatchObject(words);
      if (says !== undefined) expect(end.message).toMatch(says);
      expect(end.startedAt).not.toBeNull();
      expect(end.finishedAt).toBeGreaterThanOrEqual(end.startedAt!);
      // Whole seconds of the cluster, so it may seem to have started just before it was known.
      expect(end.startedAt).toBeGreaterThan(job.knownAt - 1_000);
    });

    test.each(OPEN)('a Job is open: %s', async (scenario) => {
      const { outcomes, stage } = await open();
      expect(await lookAt(outcomes, await stage(scenario))).toEqual({ kind: 'open' });
    });

    test.each(GONE)('a Job is gone: %s', async (scenario) => {
      const { outcomes, stage } = await open();
      expect(await lookAt(outcomes, await stage(scenario))).toEqual({ kind: 'gone' });
    });

    test('without a uid the Job of that name is meant, unless it is younger than the message', async () => {
      const { outcomes, stage } = await open();
      const job = { ...(await stage('suspended')), jobUid: null };
      expect(await lookAt(outcomes, job)).toEqual({ kind: 'open' });
      // A minute may be a matter of clocks, an hour is not.
      expect(await lookAt(outcomes, earlier(job, 60_000))).toEqual({ kind: 'open' });
      expect(await lookAt(outcomes, earlier(job, 3_600_000))).toEqual({ kind: 'gone' });
    });

    test('with a uid another Job of that name is not meant, however old the message', async () => {
      const { outcomes, stage } = await open();
      const job = await stage('suspended');
      expect(await lookAt(outcomes, earlier(job, 3_600_000))).toEqual({ kind: 'open' });
      const other = { ...job, jobUid: '00000000-0000-4000-8000-000000000000' };
      expect(await lookAt(outcomes, other)).toEqual({ kind: 'gone' });
    });

    test('a name that no Job has, and none could have, is gone', async () => {
      const { outcomes, stage } = await open();
      const job = await stage('suspended');
      for (const jobName of ['nobody', '', '../../pods', 'a\r\nb', '__proto__', 'TRAIN', 'x'.repeat(1_000)]) {
        expect(await lookAt(outcomes, { ...job, jobName, jobUid: null }), jobName).toEqual({ kind: 'gone' });
      }
      expect(await lookAt(outcomes, { ...job, namespace: 'nowhere' })).toEqual({ kind: 'gone' });
    });

    test.each<[string, Partial<KnownJob>, RegExp]>([
      ['a cluster that the config does not name', { cluster: 'other' }, /"other" is not among the clusters/],
      ['a cluster called like a part of every object', { cluster: '__proto__' }, /is not among the clusters/],
      ['a cluster that is only named', { cluster: 'named' }, /"named" stands in the config without/],
      ['another location', { location: 'elsewhere' }, /"main" is at "here".*says "elsewhere"/],
      ['a namespace outside of the list', { cluster: 'limited', location: null }, /is not among those/],
      [
        'a namespace that is a path',
        { namespace: '../../..' },
        /"..\/..\/.." is not the name of a namespace/,
      ],
      ['an empty namespace', { namespace: '' }, /"" is not the name of a namespace/],
      ['a namespace with a query', { namespace: 'a?limit=1' }, /is not the name of a namespace/],
    ])('refused: %s', async (_, change, words) => {
      const { outcomes, stage } = await open();
      const sighting = await lookAt(outcomes, { ...(await stage('suspended')), ...change });
      expect(sighting).toEqual({ kind: 'refused', detail: expect.stringMatching(words) });
    });

    test('a cluster that cannot be reached leaves its Jobs unknown, and costs no other', async () => {
      const { outcomes, stage } = await open();
      const job = await stage('success');
      const away = { ...job, cluster: 'down', location: null };
      const found = await outcomes.look([
        { ...away, uuid: 'away' },
        { ...job, uuid: 'here' },
        { ...away, namespace: 'other', uuid: 'away-too' },
        { ...job, cluster: 'other', uuid: 'refused' },
      ]);
      const kinds = [...found].map(([uuid, { kind }]) => [uuid, kind]).sort();
      expect(kinds).toEqual([
        ['away', 'unknown'],
        ['away-too', 'unknown'],
        ['here', 'ended'],
        ['refused', 'refused'],
      ]);
      expect(found.get('away')).toMatchObject({ detail: expect.stringContaining('"down"') });
    });

    test('a thousand Jobs of a namespace are told apart', async () => {
      const { outcomes, fill } = await open();
      const jobs = await fill(1_000);
      const queries = jobs.map((job, index) => ({ ...job, uuid: `run-${index}` }));
      const lost = { ...queries[0]!, jobName: 'nobody', uuid: 'lost' };
      const found = await outcomes.look([...queries, lost]);
      expect(found.size).toBe(1_001);
      expect(queries.filter(({ uuid }) => found.get(uuid)?.kind !== 'open')).toEqual([]);
      expect(found.get('lost')).toEqual({ kind: 'gone' });
    });

    test('several runs may ask for one Job, and each gets its answer', async () => {
      const { outcomes, stage } = await open();
      const job = await stage('failure');
      const found = await outcomes.look(['a', 'b'].map((uuid) => ({ ...job, uuid })));
      expect(found.get('a')).toMatchObject({ kind: 'ended' });
      expect(found.get('b')).toEqual(found.get('a'));
    });

    test('nothing asked, nothing answered', async () => {
      const { outcomes } = await open();
      expect([...(await outcomes.look([]))]).toEqual([]);
    });
  });
}

/** The same Job, known for a message that much older. */
function earlier(job: KnownJob, ms: number): KnownJob {
  return { ...job, knownAt: job.knownAt - ms };
}

/** What is seen of one Job. */
export async function lookAt(outcomes: Outcomes, job: KnownJob): Promise<JobSighting> {
  const found = await outcomes.look([{ ...job, uuid: 'run' }]);
  expect([...found.keys()]).toEqual(['run']);
  return found.get('run')!;
}
