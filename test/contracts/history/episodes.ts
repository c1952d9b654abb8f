import { expect } from 'vitest';
import type { Episode } from '../../../shared/core/episodes/episode.ts';
import type { History } from '../../../shared/ports/history.ts';
import { changesOf, episode, point, sighting, step, told } from '../../support/episode-rows.ts';
import { day, ended, entry, judge, recordOf, threads } from '../../support/history-rows.ts';
import type { HistoryTest } from './case.ts';

const NOTHING = { learnt: [], actions: [], ingestedAt: day(30) } as const;

async function put(history: History, ...given: readonly Episode[]): Promise<void> {
  await history.recordEpisodes({ ...NOTHING, ...changesOf(...given) });
}

const ids = (episodes: readonly Episode[]) => episodes.map(({ episodeId }) => episodeId);
const waiting = async (history: History) => (await history.waitingNotices()).map(({ notice }) => notice.id);

/** The same signal again: episodes that follow each other. */
function sameSignal(episodeId: string, n: number, fields: Partial<Episode> = {}): Episode {
  return episode(episodeId, { fingerprint: 'f', openedAt: day(n), ...fields });
}

const closed = { state: 'closed', closedReason: 'recovered', closedAt: day(9) } as const;

export function episodesContract(check: HistoryTest): void {
  check('an episode, its steps and its notices come back whole', async (history) => {
    const whole = episode('e', {
      ack: { by: 'Zoë', until: day(8), note: "it's known" },
      worst: 0.1,
      lastGood: null,
      looksLikeNewNormal: true,
      frozen: null,
      configDigest: 'd',
      incidentId: 'i',
      firstBad: point('gone', 1, { value: null, valueKind: 'missing', outcome: null }),
    });
    await put(history, whole);
    expect(await history.episodes({})).toStrictEqual([whole]);
    expect(await history.episodesOf('t')).toStrictEqual([whole]);
    expect(await history.episodeEvents('e')).toStrictEqual([step(whole)]);
    expect(await history.waitingNotices()).toStrictEqual([told(whole)]);
    expect(await history.notices('t')).toStrictEqual([told(whole)]);
  });

  check('what a run did to episodes is written with its rows', async (history) => {
    const run = ended('a', 1);
    await history.settle(threads(run));
    const changes = changesOf(episode('e'));
    await history.record(recordOf(run, [], { learnt: [sighting('a')], told: changes }));
    expect(await history.episodesOf('t')).toStrictEqual(changes.episodes);
    expect(await history.episodeEvents('e')).toStrictEqual(changes.events);
    expect(await history.waitingNotices()).toStrictEqual(changes.notices);
    expect(await history.sightings()).toStrictEqual([sighting('a')]);
  });

  check(
    'writing the same again changes nothing, and a later state takes the place of an earlier',
    async (history) => {
      const first = episode('e');
      await put(history, first);
      await put(history, first);
      const second = episode('e', { ...closed, seq: 2, badTotal: 4 });
      await put(history, second);
      await put(history, second);
      expect(await history.episodes({})).toStrictEqual([second]);
      expect(await history.episodeEvents('e')).toStrictEqual([step(first), step(second)]);
      expect(await waiting(history)).toStrictEqual(['n-e-1', 'n-e-2']);
    },
  );

  check('a notice that is there stays as it is, told or not', async (history) => {
    const run = ended('a', 1);
    await history.settle(threads(run));
    const changes = changesOf(episode('e'));
    await history.record(recordOf(run, [], { told: changes }));
    await history.addMails([entry('m', { alertIds: ['n-e-1'] })], {});
    const suppressed = { ...told(episode('e', { reason: 'below' })), suppressed: true };
    await history.record(recordOf(run, [], { told: { ...changes, notices: [suppressed] } }));
    await history.recordEpisodes({ ...NOTHING, episodes: [], events: [], notices: [suppressed] });
    expect(await waiting(history)).toStrictEqual([]);
    expect(await history.notices(null)).toStrictEqual(changes.notices);
  });

  check("of each signal the episode that opened last is a test's", async (history) => {
    await put(history, sameSignal('new', 5), sameSignal('old', 2, closed), sameSignal('mid', 3, closed));
    await put(history, episode('other signal', { openedAt: day(4), ...closed }));
    await put(history, episode('other test', { testName: '__proto__', fingerprint: 'f' }));
    expect(ids(await history.episodesOf('t'))).toStrictEqual(['other signal', 'new']);
    expect(ids(await history.episodesOf('__proto__'))).toStrictEqual(['other test']);
    await history.expectEpisodesOf(['t', 'none']);
    expect(ids(await history.episodesOf('t'))).toStrictEqual(['other signal', 'new']);
    expect(await history.episodesOf('none')).toStrictEqual([]);
  });

  check('of episodes that opened at one moment the one of the later run id is the newer', async (history) => {
    await put(history, sameSignal('x', 1, { firstBad: point('b', 1) }));
    await put(history, sameSignal('y', 1, { firstBad: point('a', 1) }));
    await put(history, sameSignal('z', 1, { firstBad: point('B', 1) }));
    expect(ids(await history.episodesOf('t'))).toStrictEqual(['x']);
    expect(ids(await history.episodes({}))).toStrictEqual(['z', 'y', 'x']);
  });

  check('the last record of a test is the greatest among its episodes, old ones too', async (history) => {
    await put(history, sameSignal('new', 5, { record: 3 }), sameSignal('old', 2, { ...closed, record: 7 }));
    await put(history, episode('other', { testName: 'u', record: 9 }));
    expect(await history.lastRecord('t')).toBe(7);
    expect(await history.lastRecord('u')).toBe(9);
    expect(await history.lastRecord('none')).toBe(0);
  });

  check('episodes can be asked for by test, and only open ones', async (history) => {
    await put(history, episode('late', { openedAt: day(3), state: 'suspect' }), episode('early', closed));
    await put(history, episode('b', { testName: 'u', state: 'recovering' }));
    expect(ids(await history.episodes({}))).toStrictEqual(['b', 'early', 'late']);
    expect(ids(await history.episodes({ open: true }))).toStrictEqual(['b', 'late']);
    expect(ids(await history.episodes({ testName: 't' }))).toStrictEqual(['early', 'late']);
    expect(ids(await history.episodes({ testName: 't', open: true }))).toStrictEqual(['late']);
  });

  check('steps come in their order, also of an episode with many', async (history) => {
    const all = Array.from({ length: 12 }, (_, n) => episode('e', { seq: n + 1 }));
    for (const one of [...all].reverse()) await put(history, one);
    expect((await history.episodeEvents('e')).map(({ after }) => after.seq)).toStrictEqual(
      all.map(({ seq }) => seq),
    );
    expect(await history.episodeEvents('none')).toStrictEqual([]);
  });

  check('notices wait oldest first, and mails take them off', async (history) => {
    const at = (n: number) => ({ lastRun: point('a', n) });
    await put(history, episode('c', at(3)), episode('b', at(1)), episode('a', at(1)));
    expect(await waiting(history)).toStrictEqual(['n-a-1', 'n-b-1', 'n-c-1']);
    await history.addMails([entry('m', { alertIds: ['n-b-1'] })], { settled: ['n-c-1'] });
    expect(await waiting(history)).toStrictEqual(['n-a-1']);
    expect((await history.notices('t')).length).toBe(3);
    const [b, c] = await history.noticesWith(['n-c-1', 'none', 'n-b-1']);
    expect([b?.notice.id, c?.notice.id]).toStrictEqual(['n-b-1', 'n-c-1']);
    expect(b).toStrictEqual(told(episode('b', at(1))));
    expect(await history.notices('u')).toStrictEqual([]);
  });

  check('what was learnt without a run is there with what it did', async (history) => {
    const late = sighting('late', { testName: 'u', thread: 'run:late' });
    await history.recordEpisodes({ ...NOTHING, ...changesOf(episode('e')), learnt: [sighting('a'), late] });
    expect(await history.sightings()).toStrictEqual([sighting('a'), late]);
    expect((await history.eventsOf(['run:late'])).get('run:late')).toStrictEqual([late]);
  });

  check('all episodes and steps can be replaced, and notices stay', async (history) => {
    await put(history, episode('gone'), episode('stays'));
    const stays = episode('stays', { badTotal: 7 });
    await history.replaceEpisodes({ episodes: [stays], events: [step(stays)] });
    expect(await history.episodes({})).toStrictEqual([stays]);
    expect(await history.episodesOf('t')).toStrictEqual([stays]);
    expect(await history.episodeEvents('gone')).toStrictEqual([]);
    expect(await history.episodeEvents('stays')).toStrictEqual([step(stays)]);
    expect((await history.notices(null)).length).toBe(2);
  });

  check('rebuilding the index leaves episodes as they are', async (history) => {
    await put(history, episode('e'));
    await history.rebuild();
    expect(await history.episodesOf('t')).toStrictEqual([episode('e')]);
  });

  check('judged runs are counted by test, those of a span apart', async (history) => {
    for (const n of [1, 2, 3, 4]) await judge(history, ended(`r${n}`, n), []);
    await judge(history, ended('u1', 1, { testName: 'u', uuid: 'u', thread: 'run:u' }), []);
    await judge(history, ended('late', 9, { testName: 'v', uuid: 'v', thread: 'run:v' }), []);
    expect(await history.runCounts({ from: day(2), until: day(4) })).toStrictEqual([
      { testName: 't', recent: 2, all: 4 },
      { testName: 'u', recent: 0, all: 1 },
    ]);
    expect(await history.runCounts({ from: day(0), until: day(0) })).toStrictEqual([]);
  });
}
