import { describe, expect, test } from 'vitest';
import { GONE_GRACE_MS } from '../../shared/core/status.ts';
import { replay } from '../../shared/pipeline/replay.ts';
import { tick } from '../../shared/pipeline/tick.ts';
import type { JobQuery, JobSighting } from '../../shared/ports/outcomes.ts';
import { day, finished, HOUR, type Message, MINUTE } from '../support/messages.ts';
import { makeWorld, NO_REMINDERS, settingsOf, tablesOf, type World } from '../support/world.ts';

const SETTINGS = settingsOf({ train: { owner: 'owner@example.com' } }, { policy: NO_REMINDERS });

function job(name: string, at: number, more: Record<string, unknown> = {}): Message {
  const body = { job_name: name, test_name: 'train', cluster_name: 'c', job_namespace: 'ns', ...more };
  return {
    name: `${name}-${at}.json`,
    publishTime: at,
    body: new TextEncoder().encode(JSON.stringify(body)),
  };
}

function ended(at: number, outcome: 'success' | 'failure' | 'oom' = 'success'): JobSighting {
  const end = { outcome, finishedAt: at, startedAt: at - HOUR, failures: outcome === 'success' ? 0 : 1 };
  return { kind: 'ended', end: { ...end, reason: 'CompletionsReached', message: '' } };
}

function rows({ store }: World) {
  return tablesOf(store).job_history.map(
    ({ runId, outcome, finishedAt }) => `${runId} ${outcome} ${finishedAt}`,
  );
}

describe('a run whose end only its cluster knows', () => {
  test('is asked for by what the message named, and judged once the cluster says it ended', async () => {
    const asked: JobQuery[] = [];
    const world = makeWorld(SETTINGS, {
      jobs: (query) => {
        asked.push(query);
        return { kind: 'open' };
      },
    });
    const report = await world.tickAt(day(1), job('train-1', day(1), { job_uid: 'u-1', zone: 'z-a' }));
    expect(report).toMatchObject({ runs: [], waiting: 1, oldestWaitingMs: 0 });
    expect(asked).toMatchObject([
      {
        cluster: 'c',
        location: 'z-a',
        namespace: 'ns',
        jobName: 'train-1',
        jobUid: 'u-1',
        knownAt: day(1),
      },
    ]);
    world.jobs = () => ended(day(1) + 50 * MINUTE);
    expect((await world.tickAt(day(1) + HOUR)).runs).toMatchObject([{ job: { outcome: 'success' } }]);
    expect(rows(world)).toEqual([`u-1 success ${day(1) + 50 * MINUTE}`]);
    expect(world.store.judged.get('train')![0]!.job).toMatchObject({ startedAt: day(1) - 10 * MINUTE });
  });

  test('is not asked for again, nor are runs that named no cluster or have ended by a message', async () => {
    const asked: string[] = [];
    const world = makeWorld(SETTINGS, {
      jobs: ({ jobName }) => {
        asked.push(jobName);
        return ended(day(1) + MINUTE);
      },
    });
    const alone = job('alone', day(1), { cluster_name: null });
    const told = job('told', day(1), { job_info: { status: 'success', stop_time: day(1) / 1000 } });
    await world.tickAt(day(1) + HOUR, job('train-1', day(1)), alone, told);
    await world.tickAt(day(1) + 2 * HOUR);
    expect(asked).toEqual(['train-1']);
  });

  test('waits when the cluster does not answer; the log says so once for all of its runs', async () => {
    const world = makeWorld(SETTINGS, { jobs: () => ({ kind: 'unknown', detail: 'Cluster c is silent' }) });
    const messages = [1, 2, 3].map((n) => job(`train-${n}`, day(1), { job_uid: `u-${n}` }));
    expect(await world.tickAt(day(1) + HOUR, ...messages)).toMatchObject({ waiting: 3, runs: [] });
    const said = world.log.words.filter(({ message }) => message.includes('Cluster c is silent'));
    expect(said).toEqual([
      { level: 'warn', message: 'Cluster c is silent; 3 open runs wait for the next tick' },
    ]);
  });

  test('of a cluster that may not be asked is recorded with the reason, told once, and lost at its deadline', async () => {
    const world = makeWorld(SETTINGS, {
      jobs: () => ({ kind: 'refused', detail: 'cluster "c" is not in clusters' }),
    });
    const message = job('train-1', day(1), { job_uid: 'u-1' });
    await world.tickAt(day(1) + HOUR, message);
    await world.tickAt(day(1) + 2 * HOUR);
    const lines = world.log.words.filter(({ message: said }) => said.includes('is not in clusters'));
    expect(lines).toHaveLength(1);
    const threads = (await world.ports.history.openRuns()).map(({ thread }) => thread);
    const events = [...(await world.ports.history.eventsOf(threads)).values()].flat();
    expect(events.filter(({ kind }) => kind === 'observed').map(({ body }) => JSON.parse(body))).toEqual([
      { runId: 'u-1', refused: 'cluster "c" is not in clusters' },
    ]);
    await world.tickAt(day(3) + MINUTE);
    expect(rows(world)).toEqual([`u-1 lost ${day(3)}`]);
    expect(world.log.words.at(-2)!.message + world.log.words.at(-3)!.message).toContain(
      'its cluster was not asked how it ended',
    );
  });

  test('that is gone is lost half an hour after that was seen, unless its end is told meanwhile', async () => {
    const world = makeWorld(SETTINGS, { jobs: () => ({ kind: 'gone' }) });
    const seen = day(1) + HOUR;
    await world.tickAt(seen, job('a', day(1), { job_uid: 'u-a' }), job('b', day(1), { job_uid: 'u-b' }));
    const info = { status: 'failure', stop_time: (day(1) + 30 * MINUTE) / 1000 };
    await world.tickAt(seen + 15 * MINUTE, job('b', day(1), { job_uid: 'u-b', job_info: info }));
    await world.tickAt(seen + GONE_GRACE_MS + 1);
    expect(rows(world).sort()).toEqual([`u-a lost ${seen}`, `u-b failure ${day(1) + 30 * MINUTE}`]);
  });

  test('keeps its run when the same Job name comes again, and a replay without a cluster gives equal rows', async () => {
    const world = makeWorld(SETTINGS);
    world.jobs = ({ knownAt }) => ended(knownAt + HOUR, knownAt === day(1) ? 'oom' : 'success');
    await world.tickAt(day(1) + 2 * HOUR, job('train', day(1)));
    await world.tickAt(day(2) + 2 * HOUR, job('train', day(2), { logs_link: 'https://example.com/2' }));
    const before = tablesOf(world.store);
    expect(before.job_history.map(({ outcome }) => outcome).sort()).toEqual(['oom', 'success']);
    world.jobs = () => {
      throw new Error('a replay asks nobody');
    };
    await replay(world.ports, world.settings, { reread: false });
    expect(tablesOf(world.store)).toEqual(before);
  });

  test('1,500 at once are one question', async () => {
    const world = makeWorld(SETTINGS);
    let questions = 0;
    const { look } = world.ports.outcomes!;
    const ports = {
      ...world.ports,
      outcomes: {
        look: (queries: readonly JobQuery[]) => {
          questions += 1;
          expect(queries).toHaveLength(1500);
          return look(queries);
        },
      },
    };
    for (let n = 0; n < 1500; n++) {
      const { body, name } = job(`t-${n}`, day(1), { job_uid: `u-${n}` });
      await ports.queue.publish(body, name, { publishTime: day(1) });
    }
    await tick(ports, world.settings);
    expect(questions).toBe(1);
  });
});

describe('a pass that has to end', () => {
  const run = (n: number) => finished({ test: 'train', run: `r${n}`, at: day(1) + n * MINUTE }, 'success');

  test('leaves runs that it cannot judge any more to the next one, which finds all of them', async () => {
    const world = makeWorld(SETTINGS);
    const work = new AbortController();
    const never = new AbortController().signal;
    for (let n = 0; n < 10; n++) {
      const { body, name, publishTime } = run(n);
      await world.ports.queue.publish(body, name, { publishTime });
    }
    let judged = 0;
    const report = await tick(world.ports, SETTINGS, {
      budget: { work: work.signal, mails: never },
      onRun: () => {
        judged += 1;
        if (judged === 4) work.abort();
      },
    });
    expect(report).toMatchObject({ waiting: 6 });
    expect(report!.runs).toHaveLength(4);
    expect((await world.tickAt(day(2))).runs).toHaveLength(6);
  });

  test('that has lost its lease sends nothing and says so', async () => {
    const world = makeWorld(SETTINGS);
    const lost = new AbortController();
    const ports = {
      ...world.ports,
      lease: { acquire: async () => ({ lost: lost.signal, release: async () => {} }) },
    };
    const { body, name, publishTime } = finished({ test: 'train', run: 'r', at: day(1) }, 'failure');
    await ports.queue.publish(body, name, { publishTime });
    const pass = tick(ports, SETTINGS, { onRun: () => lost.abort() });
    await expect(pass).rejects.toMatchObject({ code: 'busy' });
    expect(world.mailer.sent).toHaveLength(0);
    await world.tickAt(day(2));
    expect(world.mailer.sent).toHaveLength(1);
  });
});
