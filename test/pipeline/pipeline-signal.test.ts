// What Tidemark tells of itself: a queue or files that are out of reach, runs that it cannot judge.
import { describe, expect, test } from 'vitest';
import { isOfTidemark } from '../../shared/core/episodes/tidemark-itself.ts';
import { actOnEpisode } from '../../shared/pipeline/act.ts';
import { replay } from '../../shared/pipeline/replay.ts';
import { PortError } from '../../shared/ports/error.ts';
import { route } from '../support/delivery.ts';
import { day, finished, text } from '../support/messages.ts';
import { away, FALLBACK, OWNED, type TroubledWorld, troubledWorld } from '../support/troubled-world.ts';

/** A run whose metrics are in event files. */
const trained = (run: string) =>
  finished({ test: 'nightly', run, at: day(1) }, 'success', { model_dir: 'memory:/model' });
const failed = (name: string) => finished({ test: name, run: `${name}-1`, at: day(1) }, 'failure');

async function ticks(world: TroubledWorld, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await world.quarter();
}

/** A world whose queue fails for two ticks. */
async function inTrouble(...given: Parameters<typeof troubledWorld>): Promise<TroubledWorld> {
  const world = troubledWorld(...given);
  world.queueError = away();
  await ticks(world, 2);
  return world;
}

const statesOf = ({ mailer: { sent } }: TroubledWorld) =>
  sent.map(({ to, headers }) => `${to.join()} ${headers['X-Tidemark-State']}`);

describe('a queue that cannot be read', () => {
  test('for one tick is noise that nobody hears of', async () => {
    const world = troubledWorld();
    world.queueError = away();
    expect(await world.quarter()).toMatchObject({ code: 'unavailable' });
    expect(await world.incidents()).toEqual(['suspect']);
    world.queueError = null;
    await ticks(world, 2);
    expect(await world.incidents()).toEqual(['noise']);
    expect(world.mailer.attempts).toEqual([]);
  });

  test('for two ticks is told once, and its end in the same thread', async () => {
    const world = await inTrouble();
    expect(statesOf(world)).toEqual([`${FALLBACK} firing`]);
    await ticks(world, 3);
    expect(statesOf(world)).toHaveLength(1);
    world.queueError = null;
    await ticks(world, 2);
    expect(statesOf(world)).toEqual([`${FALLBACK} firing`, `${FALLBACK} recovered`]);
    const [first, last] = world.mailer.sent;
    expect([last!.subject, last!.headers.References]).toEqual([first!.subject, first!.headers.References]);
    expect(first!.subject).toBe('[critical] Tidemark · the queue cannot be emptied');
    expect(await world.incidents()).toEqual(['recovered']);
  });

  test('is told in words that say what does not work since when, and where to look', async () => {
    const world = await inTrouble();
    const [{ text: words, html, headers }] = world.mailer.sent as [(typeof world.mailer.sent)[number]];
    for (const part of [
      'Tidemark cannot do its work since 2026-08-01 00:15 UTC: the queue cannot be emptied.',
      'Cannot pull from projects/p/subscriptions/s: there was no answer in time',
      'Bad ticks',
      'tidemark doctor',
      'tidemark status',
      'tidemark silence signal=pipeline --for 7d',
      'tidemark.yaml names you as fallback, who hears of what is wrong with Tidemark itself',
    ])
      expect(words.replaceAll(/\s+/g, ' ')).toContain(part);
    for (const text of [words, html]) expect(text).not.toMatch(/no name|verdict ''|this test has|good run/);
    expect(headers['X-Tidemark-Test']).toBe('Tidemark');
  });

  test('costs no run its verdict and no test its mail, and those have mails of their own', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const world = troubledWorld({}, Object.fromEntries(names.map((name) => [name, { owner: FALLBACK }])));
    world.queueError = away();
    await world.quarter();
    const { pull } = world.ports.queue;
    let calls = 0;
    // It hands out what it has, and fails then.
    world.ports.queue.pull = async (max) => {
      world.queueError = calls++ === 0 ? null : away();
      return pull(max);
    };
    await world.quarter(...names.map(failed));
    expect(world.mailer.sent.map(({ subject }) => subject).sort()).toEqual([
      '[critical] Tidemark · the queue cannot be emptied',
      '[critical] a, b, c and 1 more',
    ]);
  });
});

describe('runs that cannot be judged', () => {
  test.each([
    ['out of reach', new PortError('unavailable', 'no answer from the bucket'), 'files'],
    ['read by a reader with a defect', new TypeError('x is not a function'), 'defect'],
  ])('because their files are %s are told from the second tick on', async (_, error, word) => {
    const world = troubledWorld();
    world.filesError = error;
    await world.quarter(trained('r1'), trained('r2'));
    expect(await world.incidents()).toEqual(['suspect']);
    await world.quarter();
    const [episode] = await world.ports.history.episodes({ open: true });
    expect(episode).toMatchObject({ state: 'firing', reason: word });
    expect(episode!.lastBad.facts).toEqual({
      [word]: `2 runs wait, the first is run "r1": ${error.message}`,
    });
    world.filesError = null;
    await world.quarter();
    expect(statesOf(world)).toEqual([`${FALLBACK} firing`, `${FALLBACK} recovered`]);
    expect((await world.ports.history.newestRuns({ since: 0, limit: 9 })).get('nightly')).toHaveLength(2);
  });

  test('because a tick ran out of time are nobody’s trouble, and end none', async () => {
    const calm = troubledWorld();
    await calm.cutShort();
    await calm.cutShort();
    expect(await calm.incidents()).toEqual([]);
    const world = await inTrouble();
    world.queueError = null;
    await world.cutShort();
    expect(await world.incidents()).toEqual(['firing']);
  });

  test('and what is no trouble of Tidemark: a message that says nothing, a folder that is not there', async () => {
    const world = troubledWorld();
    await world.quarter(text('rubbish', day(1), '{'), trained('r1'));
    await world.quarter(text('more', day(1), '[]'));
    expect(await world.ports.history.rejected()).toHaveLength(2);
    expect(await world.incidents()).toEqual([]);
  });

  test('nor is a way out that is closed, which the other ways tell', async () => {
    const world = troubledWorld({ fallback: [], channels: ['pager'] });
    world.ports.mailer.send = async () => ({ kind: 'unreachable', detail: 'wrong password' });
    await world.quarter(failed('nightly'));
    await ticks(world, 3);
    expect(await world.incidents()).toEqual([]);
    expect((await world.ports.history.mails(['pending'])).map(({ kind }) => kind)).toContain('fault');
  });
});

describe('an incident of Tidemark itself', () => {
  test('is the same however often a tick is repeated', async () => {
    const world = troubledWorld();
    world.queueError = away();
    await world.quarter();
    await world.again();
    await world.again();
    expect(await world.incidents()).toEqual(['suspect']);
    await world.quarter();
    const before = await world.ports.history.episodes({});
    await world.again();
    expect(await world.ports.history.episodes({})).toEqual(before);
    expect(world.mailer.sent).toHaveLength(1);
  });

  test('is rebuilt by a replay to the same rows', async () => {
    const world = await inTrouble();
    world.queueError = null;
    await world.quarter(failed('nightly'));
    world.queueError = away();
    await ticks(world, 3);
    const { history } = world.ports;
    const all = async () => {
      const episodes = await history.episodes({});
      const steps = await Promise.all(episodes.map(({ episodeId }) => history.episodeEvents(episodeId)));
      return { episodes, steps };
    };
    const before = await all();
    expect(before.episodes.map(({ signal, state }) => `${signal} ${state}`)).toEqual([
      'job firing',
      'pipeline closed',
      'pipeline firing',
    ]);
    await replay(world.ports, world.settings, { reread: false });
    expect(await all()).toEqual(before);
  });

  test('is no test: it is not removed, not waited for, not counted, and not summed up', async () => {
    const world = await inTrouble({ weekly: { day: 1, minute: 0, zone: 'UTC' } });
    world.settings = { ...world.settings, tests: new Map([['other', OWNED]]) };
    await ticks(world, 4);
    expect(await world.incidents()).toEqual(['firing']);
    const { history } = world.ports;
    expect(await history.testNames()).toEqual([]);
    expect(await history.runCounts({ from: 0, until: day(30) })).toEqual([]);
    expect([...(await history.newestRuns({ since: 0, limit: 9 })).keys()]).toEqual([]);
  });

  test('keeps reminders of everything else back, and has its own', async () => {
    const world = troubledWorld({ reminders: { info: [], warning: [], critical: [3_600_000 * 4] } });
    await world.quarter(failed('nightly'));
    world.queueError = away();
    await ticks(world, 4 * 5);
    const { sent } = world.mailer;
    expect(sent.map(({ subject, headers }) => `${headers['X-Tidemark-State']} ${subject}`)).toEqual([
      'firing [critical] nightly · job failed',
      'firing [critical] Tidemark · the queue cannot be emptied',
      expect.stringMatching(/^reminder \[critical\] still open: Tidemark/),
    ]);
    expect(sent[2]!.text).toMatch(/Tidemark itself still open/);
  });

  test('can be acknowledged and closed', async () => {
    const world = await inTrouble();
    const { history } = world.ports;
    const { settings } = world;
    const [episode] = await history.episodes({ open: true });
    const wish = { actor: 'kim', at: day(1, 1), until: day(2), note: 'known' };
    const acked = await actOnEpisode(episode!, { ...wish, kind: 'ack' }, { history, settings });
    expect(acked?.ack).toEqual({ by: 'kim', until: day(2), note: 'known' });
    const done = await actOnEpisode(acked!, { ...wish, kind: 'close' }, { history, settings });
    expect(done?.closedReason).toBe('dismissed');
    await world.quarter();
    expect((await history.episodes({})).filter(isOfTidemark)).toHaveLength(1);
  });
});

describe('who hears of it', () => {
  test('a route that asks for it, instead of the fallback', async () => {
    const world = await inTrouble({
      routes: [
        route('infra@example.com', { signals: ['pipeline'] }),
        route('gpu@example.com', { labels: new Map([['accelerator', ['*']]]) }),
      ],
    });
    expect(statesOf(world)).toEqual(['infra@example.com firing']);
  });

  test('whoever is named, in quiet hours too', async () => {
    const pass = ['critical'] as const;
    const world = await inTrouble({ quiet: { zone: 'UTC', from: 0, until: 1439, weekends: true, pass } });
    expect(statesOf(world)).toEqual([`${FALLBACK} firing`]);
  });

  test('nobody while a silence holds', async () => {
    const world = troubledWorld();
    const matchers = ['signal=pipeline'];
    const target = { testName: null, signal: null, episodeId: null, run: null, matchers };
    const about = { actor: 'ann', via: 'cli', target, note: 'moving' } as const;
    const times = { at: day(1), startsAt: day(1), endsAt: day(2) };
    await world.ports.history.addAction({ actionId: 's', kind: 'silence', ...about, ...times });
    world.queueError = away();
    await ticks(world, 2);
    expect(world.mailer.attempts).toEqual([]);
    expect((await world.ports.history.mails(['suppressed'])).map(({ detail }) => detail)).toEqual([
      'silence s',
    ]);
  });

  test('nobody where nobody is named, which the log says in words', async () => {
    const world = await inTrouble({ fallback: [] });
    expect(world.mailer.attempts).toEqual([]);
    const warnings = world.log.words.filter(({ level }) => level === 'warn').map(({ message }) => message);
    expect(warnings).toEqual([
      'Tidemark itself is in trouble and nobody is named to hear of it; set alerting.fallback, or a route for the signal pipeline, in tidemark.yaml',
    ]);
  });
});
