// What has to hold of Tidemark's own incidents, whatever its ticks run into.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SightRecord } from '../../shared/core/episodes/actions.ts';
import type { Episode } from '../../shared/core/episodes/episode.ts';
import { applyRecord, foldEpisodes } from '../../shared/core/episodes/fold.ts';
import { pipelineSight, type TickSeen, TROUBLES } from '../../shared/core/episodes/pipeline-sight.ts';
import { EPISODE_SETTINGS } from '../../shared/core/episodes/settings.ts';

const RUNS = { numRuns: 400 };
const QUARTER = 900_000;

/** What a tick ran into, and how often the scheduler began it again. */
const anyTick = fc.record({
  words: fc.subarray([...TROUBLES]),
  isCutShort: fc.boolean(),
  repeats: fc.nat(2),
  detail: fc.string({ unit: 'binary', maxLength: 20 }),
});
/** Often none, so that incidents end. */
const anyTicks = fc.array(fc.oneof(anyTick, fc.constant(null)), { maxLength: 40 });

type Ticks = typeof anyTicks extends fc.Arbitrary<infer T> ? T : never;

function seenOf(tick: Ticks[number], index: number): TickSeen {
  const { words, isCutShort, detail } = tick ?? { words: [], isCutShort: false, detail: '' };
  const troubles = words.map((word) => ({ word, detail, runs: null }));
  return { tickId: `t${index}`, at: index * QUARTER, troubles, isCutShort };
}

function live(ticks: Ticks) {
  const records: SightRecord[] = [];
  const episodes = new Map<string, Episode>();
  const told: string[] = [];
  let newest: Episode | null = null;
  for (const [index, tick] of ticks.entries()) {
    for (let attempt = 0; attempt <= (tick?.repeats ?? 0); attempt++) {
      const sight = pipelineSight({ ...seenOf(tick, index), at: index * QUARTER + attempt }, newest);
      if (sight === null) continue;
      const record = { seq: records.length + 1, inputs: [sight] };
      const step = applyRecord([...episodes.values()], record, EPISODE_SETTINGS);
      if (step.episodes.length > 0) records.push(record);
      for (const episode of step.episodes) {
        episodes.set(episode.episodeId, episode);
        newest = episode;
      }
      told.push(...step.notices.map(({ kind }) => kind));
    }
  }
  return { records, episodes: [...episodes.values()], told };
}

test('each FIRING has one end at most, and one at a time is open', () => {
  fc.assert(
    fc.property(anyTicks, (ticks) => {
      const { episodes, told } = live(ticks);
      expect(told.join(' ')).toMatch(/^(firing recovered ?)*(firing)?$/);
      expect(episodes.slice(0, -1).every(({ state }) => state === 'closed')).toBe(true);
    }),
    RUNS,
  );
});

test('it fires where two bad ticks follow each other with no good one between, and nowhere else', () => {
  fc.assert(
    fc.property(anyTicks, (ticks) => {
      let [streak, fired] = [0, 0];
      for (const tick of ticks) {
        if (tick !== null && tick.words.length > 0) fired += ++streak === 2 ? 1 : 0;
        else if (tick === null || !tick.isCutShort) streak = 0;
      }
      expect(live(ticks).told.filter((kind) => kind === 'firing')).toHaveLength(fired);
    }),
    RUNS,
  );
});

test('what was learnt gives the same episodes again, in any order', () => {
  fc.assert(
    fc.property(anyTicks, (ticks) => {
      const { records, episodes } = live(ticks);
      const plain = JSON.parse(JSON.stringify(records)) as SightRecord[];
      expect(foldEpisodes(plain.reverse(), EPISODE_SETTINGS).episodes).toEqual(episodes);
    }),
    RUNS,
  );
});
