import { describe, expect, test } from 'vitest';
import type { SightRecord } from './actions.ts';
import type { Episode } from './episode.ts';
import { applyRecord, foldEpisodes } from './fold.ts';
import { pipelineSight, type TickSeen, type Trouble } from './pipeline-sight.ts';
import { EPISODE_SETTINGS } from './settings.ts';

const BEGUN = Date.UTC(2026, 7, 1);
const QUARTER = 15 * 60_000;

const QUEUE: Trouble = { word: 'queue', detail: 'Cannot pull from projects/p/subscriptions/s', runs: null };
const FILES: Trouble = {
  word: 'files',
  detail: 'no answer from the bucket',
  runs: { first: 'r1', count: 1 },
};
const DEFECT: Trouble = { word: 'defect', detail: 'x is not a function', runs: { first: 'r7', count: 3 } };

/** What each letter of a story says of its tick: the next quarter of an hour. */
const LETTERS: Readonly<Record<string, Partial<TickSeen>>> = {
  q: { troubles: [QUEUE] },
  f: { troubles: [FILES] },
  d: { troubles: [DEFECT] },
  // Its time was up, with and without something that had gone wrong by then.
  n: { isCutShort: true },
  N: { isCutShort: true, troubles: [FILES] },
  '.': {},
};

function seen(index: number, changed: Partial<TickSeen> = {}): TickSeen {
  const at = BEGUN + index * QUARTER;
  return { tickId: `tick ${index}`, at, troubles: [], isCutShort: false, ...changed };
}

/** Lives through a story, one letter a tick; a letter behind `=` is the tick before once more. */
function live(story: string) {
  let newest: Episode | null = null;
  const records: SightRecord[] = [];
  const told: string[] = [];
  const all = new Map<string, Episode>();
  let index = -1;
  [...story].forEach((letter, place) => {
    if (letter === '=') return;
    if (story[place - 1] !== '=') index += 1;
    const sight = pipelineSight(seen(index, LETTERS[letter]), newest);
    if (sight === null) return;
    const record = { seq: records.length + 1, inputs: [sight] };
    const step = applyRecord([...all.values()], record, EPISODE_SETTINGS);
    if (step.episodes.length > 0) records.push(record);
    for (const episode of step.episodes) {
      all.set(episode.episodeId, episode);
      newest = episode;
    }
    told.push(...step.notices.map(({ kind }) => kind));
  });
  return { episodes: [...all.values()], told, records };
}

describe('ticks that see their own work', () => {
  test.each<readonly [what: string, story: string, states: readonly string[], told: readonly string[]]>([
    ['that all go well leave nothing', '....', [], []],
    ['of which one fails were noise', '.q..', ['noise'], []],
    ['of which two in a row fail are told once', '.qq', ['firing'], ['firing']],
    ['that fail on and on are told once', 'qqqqqqqq', ['firing'], ['firing']],
    ['that fail for one reason and then another are one incident', 'qfdq', ['firing'], ['firing']],
    ['that work again end it, with one good tick', 'qqq.', ['recovered'], ['firing', 'recovered']],
    ['that fail now and then tell nobody', 'q.q.q.q.', ['noise', 'noise', 'noise', 'noise'], []],
    [
      'that fail once soon after an incident wake nobody',
      'qq.q.',
      ['recovered', 'noise'],
      ['firing', 'recovered'],
    ],
    [
      'that fail twice soon after one are another',
      'qq.qq',
      ['recovered', 'firing'],
      ['firing', 'recovered', 'firing'],
    ],
    ['that run out of time say nothing while all is well', '.n.n', [], []],
    ['that run out of time neither confirm nor end a suspicion', 'qnnq', ['firing'], ['firing']],
    ['that run out of time end no incident', 'qqnn', ['firing'], ['firing']],
    ['that run out of time after something failed are bad', 'NN', ['firing'], ['firing']],
    ['that are repeated confirm nothing', '.q=q=q', ['suspect'], []],
    ['that are repeated and work then leave it to the next one', '.q=..', ['noise'], []],
    ['that are repeated end nothing twice', 'qq.=.', ['recovered'], ['firing', 'recovered']],
  ])('%s (%#)', (_, story, states, told) => {
    const lived = live(story);
    expect(lived.episodes.map(({ state, closedReason }) => closedReason ?? state)).toEqual(states);
    expect(lived.told).toEqual(told);
    const records = JSON.parse(JSON.stringify(lived.records)) as SightRecord[];
    expect(foldEpisodes(records.reverse(), EPISODE_SETTINGS).episodes).toEqual(lived.episodes);
  });
});

describe('an incident of Tidemark itself', () => {
  test('belongs to no test, is critical, and counts its bad ticks', () => {
    const { episodes } = live('.qnq');
    expect(episodes).toMatchObject([
      {
        testName: '',
        signal: 'pipeline',
        polarity: 'bad',
        severity: 'critical',
        reason: 'queue',
        badTotal: 2,
        openedAt: BEGUN + QUARTER,
        firedAt: BEGUN + 3 * QUARTER,
        firstBad: { uuid: 'tick/tick 1', runId: 'tick 1', facts: { queue: QUEUE.detail } },
        lastBad: { runId: 'tick 3' },
        demand: 'every tick reads the queue and judges every run that has ended',
      },
    ]);
  });

  test('says everything that failed, the worst first, and what its runs are waiting for', () => {
    const sight = pipelineSight(seen(1, { troubles: [FILES, DEFECT, QUEUE] }), null);
    expect(sight?.reason).toBe('queue');
    expect(Object.entries(sight!.run.facts)).toEqual([
      ['queue', 'Cannot pull from projects/p/subscriptions/s'],
      ['defect', '3 runs wait, the first is run "r7": x is not a function'],
      ['files', 'run "r1" waits: no answer from the bucket'],
    ]);
  });

  test('keeps no secret of what was said, and no more of it than a person reads', () => {
    const detail = `no answer from https://me:hunter2@host/?token=abc ${'\ud83d\ude00'.repeat(400)}\ud800`;
    const first = 'r'.repeat(10_000);
    const troubles: Trouble[] = [{ word: 'files', detail, runs: { first, count: 2 } }];
    const { files } = pipelineSight(seen(1, { troubles }), null)!.run.facts;
    expect(files).not.toMatch(/hunter2|abc/);
    expect(files).toContain('no answer from https://***@host/?token=***');
    expect([...files!].length).toBeLessThan(500);
    expect(files!.isWellFormed()).toBe(true);
  });
});
