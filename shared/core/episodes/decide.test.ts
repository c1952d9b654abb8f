import { describe, expect, test } from 'vitest';
import { night, runPoint, sight, story } from '../../../test/support/sights.ts';
import type { EpisodeAction, EpisodeInput } from './actions.ts';
import { decideEpisode } from './decide.ts';
import type { Episode } from './episode.ts';
import { EPISODE_SETTINGS } from './settings.ts';
import type { ClockSight, Sight } from './sight.ts';

/** Applies inputs one after the other, to whatever episode is the newest. */
function live(inputs: readonly EpisodeInput[], begin: Episode | null = null) {
  let episode = begin;
  const states: string[] = [];
  const told: string[] = [];
  for (const input of inputs) {
    const decision = decideEpisode(episode, input, EPISODE_SETTINGS);
    episode = decision.episode;
    states.push(episode?.state === 'closed' ? episode.closedReason! : (episode?.state ?? 'ok'));
    told.push(decision.notices.map(({ kind }) => kind).join('+') || '-');
  }
  return { episode: episode!, states: states.join(' '), told: told.join(' ') };
}

const TWICE: Partial<Sight> = { confirmAfter: 2 };

describe('one incident', () => {
  test.each<[sentence: string, letters: string, changed: Partial<Sight>, states: string, told: string]>([
    ['a good run opens nothing', 'g', {}, 'ok', '-'],
    [
      'one bad run fires, two good ones close',
      'bgg',
      {},
      'firing recovering recovered',
      'firing - recovered',
    ],
    ['the second bad run fires', 'bb', TWICE, 'suspect firing', '- firing'],
    ['a bad run that stays alone is noise, and nobody is told', 'bg', TWICE, 'suspect noise', '- -'],
    ['noise ends between the bounds, too', 'b~', TWICE, 'suspect noise', '- -'],
    ['a run that says nothing breaks no streak', 'bnb', TWICE, 'suspect suspect firing', '- - firing'],
    ['three can be asked for', 'bbb', { confirmAfter: 3 }, 'suspect suspect firing', '- - firing'],
    ['more bad runs tell nothing more', 'bbbb', {}, 'firing firing firing firing', 'firing - - -'],
    [
      'between the bounds nothing moves',
      'b~g~g',
      {},
      'firing firing recovering recovering recovered',
      'firing - - - recovered',
    ],
    [
      'a fall back tells nothing',
      'bgbgg',
      {},
      'firing recovering firing recovering recovered',
      'firing - - - recovered',
    ],
    [
      'no number waits for no second run, and one good one ends it',
      'Ng',
      TWICE,
      'firing recovered',
      'firing recovered',
    ],
    ['missing waits for none either', 'Mg', TWICE, 'firing recovered', 'firing recovered'],
    [
      'a number that nobody can judge yet is what was waited for',
      'Np',
      {},
      'firing recovered',
      'firing recovered',
    ],
    ['… but no news of a bound', 'bp', { bounds: null }, 'firing firing', 'firing -'],
    [
      'missing after a bound is worse, and no number is worse still',
      'bMNMb',
      {},
      'firing firing firing firing firing',
      'firing escalated escalated - -',
    ],
    [
      'no number fires at once, although a bad run was only suspected',
      'bN',
      TWICE,
      'suspect firing',
      '- firing',
    ],
    [
      'it was bad by a bound before, so two good ones close',
      'bNgg',
      {},
      'firing firing recovering recovered',
      'firing escalated - recovered',
    ],
    [
      'the same again within three runs is the same episode',
      'bgggb',
      {},
      'firing recovering recovered recovered firing',
      'firing - recovered - again',
    ],
    ['nothing demanded any more, nothing open', 'bu', {}, 'firing config_changed', 'firing closed'],
    ['what was only suspected ends in silence', 'bu', TWICE, 'suspect config_changed', '- -'],
    ['a failing run of the recommended rule is suspected', 'fo', {}, 'suspect noise', '- -'],
    [
      'however many of them there are, its judge confirms',
      'fffA',
      {},
      'suspect suspect suspect firing',
      '- - - firing',
    ],
    [
      'a suspect of the judge waits while the change goes on',
      'fcA',
      {},
      'suspect suspect firing',
      '- - firing',
    ],
    ['the judge fires without a suspect', 'oA', {}, 'ok firing', '- firing'],
    [
      'the old level back ends it at once',
      'AcccR',
      {},
      'firing firing firing firing recovered',
      'firing - - - recovered',
    ],
    ['two ordinary runs end it as well', 'Aoo', {}, 'firing recovering recovered', 'firing - recovered'],
    ['after it a failing run is only suspected', 'ARf', {}, 'firing recovered suspect', 'firing recovered -'],
    [
      'after it another alert is the same episode again',
      'ARA',
      {},
      'firing recovered firing',
      'firing recovered again',
    ],
  ])('%s (%s)', (_, letters, changed, states, told) => {
    const lived = live(story(letters, changed));
    expect([lived.states, lived.told]).toEqual([states, told]);
  });

  test('after three good runs and two days a bad one is another incident', () => {
    const first = live(story('bgg')).episode;
    const later = [3, 4, 5].map((index) => sight(index, { value: 10 }));
    const second = live([...later, sight(6, { says: 'bad', reason: 'above', value: 14 })], first);
    expect(second.states).toBe('recovered recovered recovered firing');
    expect(second.episode.episodeId).not.toBe(first.episodeId);
    expect(second.episode.fingerprint).toBe(first.fingerprint);
  });

  test('within 48 hours it is the same one, however many runs there were', () => {
    const first = live(story('bgg')).episode;
    const quick = [1, 2, 3, 4].map((hour) => hourly(hour, { value: 10 }));
    const again = live([...quick, hourly(47, { says: 'bad', reason: 'above', value: 14 })], first);
    expect(again.episode).toMatchObject({
      episodeId: first.episodeId,
      reopened: 1,
      state: 'firing',
      firedAt: night(0),
      closedAt: null,
      nextReminderAt: night(2) + 71 * 3_600_000,
    });
    const late = live([...quick, hourly(49, { says: 'bad', reason: 'above', value: 14 })], first);
    expect(late.episode.episodeId).not.toBe(first.episodeId);
  });

  /** So many hours after the third night. */
  function hourly(hours: number, changed: Parameters<typeof sight>[1]): Sight {
    const at = night(2) + hours * 3_600_000;
    const one = sight(2, changed);
    return { ...one, at, run: { ...one.run, at, uuid: `uuid-hour-${hours}` } };
  }

  test('a run that was seen, and one before it, move nothing', () => {
    const inputs = story('bgb');
    const lived = live(inputs).episode;
    for (const old of inputs) {
      expect(decideEpisode(lived, old, EPISODE_SETTINGS)).toMatchObject({ episode: lived, events: [] });
    }
  });

  test('says who was first, last, worst, and how many', () => {
    const { episode } = live(
      [14, 16, 15, 10, 15].map((value, index) =>
        sight(index + 1, {
          value,
          says: value > 13 ? 'bad' : 'good',
          reason: value > 13 ? 'above' : '',
          lastGood: runPoint(0, 11),
          better: 'lower',
        }),
      ),
    );
    expect(episode).toMatchObject({
      firstBad: { runId: 'run-001' },
      lastBad: { runId: 'run-005' },
      lastGood: { runId: 'run-000', value: 11 },
      worst: 16,
      badTotal: 4,
      badStreak: 1,
      flaps: 1,
      runsSince: 5,
      openedAt: night(1),
      firedAt: night(1),
    });
  });

  test('begins where the judge saw the change begin, which may be before the suspect', () => {
    const [first, second, third] = story('ffA');
    const { episode } = live([
      first!,
      second!,
      { ...third!, runsAgo: 4, firstBad: runPoint(-2, 13), lastGood: runPoint(-3, 10) },
    ]);
    expect(episode).toMatchObject({
      firstBad: { uuid: 'uuid--2' },
      lastGood: { uuid: 'uuid--3' },
      badTotal: 5,
      openedAt: night(0),
      firedAt: night(2),
    });
  });

  test('a suspect that was taken for noise fires when the judge sees the change begin there, and not otherwise', () => {
    const [suspect, good, again] = story('foA');
    const alert = (from: number) => ({ ...again!, runsAgo: 2 - from, firstBad: runPoint(from, 14) });
    const same = live([suspect!, good!, alert(0)]);
    expect([same.states, same.told]).toEqual(['suspect noise firing', '- - firing']);
    expect(same.episode).toMatchObject({ closedAt: null, closedReason: null, openedAt: night(0), seq: 3 });
    const other = live([suspect!, good!, alert(1)]);
    expect(other.states).toBe('suspect noise firing');
    expect(other.episode.episodeId).not.toBe(same.episode.episodeId);
  });

  test('is held against the bounds it froze, and not against those its own runs have moved', () => {
    const wide = { lower: 0, upper: 100, centre: 14, baselineN: 30 };
    const { states, episode } = live([
      sight(0, { says: 'bad', reason: 'above', value: 14 }),
      ...[1, 2, 3].map((index) => sight(index, { says: 'good', value: 14, bounds: wide })),
    ]);
    expect(states).toBe('firing firing firing firing');
    expect(episode).toMatchObject({
      badTotal: 4,
      frozen: { lower: 7, upper: 13, clearLower: 8, clearUpper: 12 },
    });
  });

  test('what the judge of the recommended rule has forgotten is not over by that', () => {
    const [alert] = story('A');
    const normal = (index: number, value: number) => sight(index, { value, confirmAfter: null });
    const far = live([alert!, normal(1, 14), normal(2, 14), normal(3, 14)]);
    expect(far.states).toBe('firing firing firing firing');
    expect(live([normal(4, 10), normal(5, 10)], far.episode).states).toBe('recovering recovered');
    // A suspect is over with the first run that its judge finds normal.
    expect(live([story('f')[0]!, normal(1, 13.5)]).states).toBe('suspect noise');
  });

  test('a value on the frozen bound of a constant metric is inside, rounding or not', () => {
    const bounds = { lower: 0.1 + 0.2, upper: 0.1 + 0.2, centre: 0.1 + 0.2, baselineN: 30 };
    const { states } = live([
      sight(0, { says: 'bad', reason: 'above', value: 1, bounds }),
      sight(1, { value: 0.3, bounds }),
      sight(2, { value: 0.3, bounds }),
    ]);
    expect(states).toBe('firing recovering recovered');
  });

  test('a written threshold clears a tenth of the margin inside, and is not frozen', () => {
    const bounds = { lower: 0.9, upper: null, centre: null, baselineN: 0 };
    const of = (index: number, value: number, says: 'bad' | 'good' = 'good') =>
      sight(index, { value, bounds, says, reason: says === 'bad' ? 'below' : '', lastGood: runPoint(0, 1) });
    const { states, episode } = live([
      of(1, 0.8, 'bad'),
      of(2, 0.905),
      of(3, 0.92),
      of(4, 0.905),
      of(5, 0.95),
    ]);
    expect(episode.frozen).toMatchObject({
      lower: 0.9,
      clearLower: expect.closeTo(0.91, 12),
      clearUpper: null,
    });
    expect(states).toBe('firing firing recovering recovering recovered');
  });
});

describe('what goes on too long', () => {
  test('three falls back in twenty runs are flapping, told once; then four good runs close, later eight', () => {
    const { told, episode } = live(story('bgbgbgbggggbgbgb'));
    expect(told.split(' ').filter((kind) => kind !== '-')).toEqual([
      'firing',
      'flapping',
      'recovered',
      'again',
    ]);
    expect(episode).toMatchObject({ isFlapping: true, flaps: 5 });
    const again = live(story('bgbgbgbgbgbgb'));
    expect(again.told.match(/flapping/g)).toHaveLength(1);
    expect(again.episode.recoverAfter).toBe(8);
  });

  test('three falls back in more than twenty runs are not', () => {
    const { told, episode } = live(story(`bgb${'b'.repeat(10)}gb${'b'.repeat(10)}gb`));
    expect(told).not.toContain('flapping');
    expect(episode).toMatchObject({ flaps: 3, recoverAfter: 2 });
  });

  test('twenty runs in a band as wide as the old one look like a new normal, once', () => {
    const values = Array.from({ length: 30 }, (_, index) => 20 + (index % 6));
    const bad = values.map((value, index) => sight(index, { says: 'bad', reason: 'above', value }));
    const { told, episode } = live(bad);
    expect(told.split(' ').indexOf('new_normal')).toBe(19);
    expect(told.match(/new_normal/g)).toHaveLength(1);
    expect(episode).toMatchObject({ state: 'firing', looksLikeNewNormal: true });
  });

  test('… not in a wider band, and not where the threshold was written by hand', () => {
    const values = Array.from({ length: 30 }, (_, index) => 20 + (index % 8));
    const bad = (bounds?: Sight['bounds']) =>
      values.map((value, index) =>
        sight(index, { says: 'bad', reason: 'above', value, ...(bounds === undefined ? {} : { bounds }) }),
      );
    expect(live(bad()).told).not.toContain('new_normal');
    const written = { lower: null, upper: 13, centre: null, baselineN: 0 };
    expect(live(bad(written)).told).not.toContain('new_normal');
  });

  test('the judge of the recommended rule says itself what looks normal', () => {
    const inputs = [...story('Accc'), { ...story('ccccc')[4]!, judge: 'looks_normal' as const }];
    expect(live(inputs).told).toBe('firing - - - new_normal');
  });

  test('an improvement is accepted by its judge, or after twenty runs, and lost where the old level is back', () => {
    const good: Partial<Sight> = { polarity: 'good', severity: 'info' };
    const still = story('A'.padEnd(25, 'b'), { ...good, confirmAfter: null, bounds: null });
    const { told, episode } = live(still);
    expect(told.split(' ').indexOf('closed')).toBe(19);
    expect(episode).toMatchObject({ closedReason: 'accepted', polarity: 'good', severity: 'info' });
    const judged = live([still[0]!, { ...still[1]!, says: 'neutral', judge: 'accepted' }]);
    expect(judged.states).toBe('firing accepted');
    expect(live([still[0]!, { ...still[1]!, says: 'neutral', judge: 'recovered' }]).states).toBe(
      'firing recovered',
    );
  });

  test('a metric that ten runs lack is gone', () => {
    expect(live(story(`b${'a'.repeat(9)}`)).episode.state).toBe('firing');
    const gone = live(story(`b${'a'.repeat(10)}`));
    expect(gone.episode).toMatchObject({ state: 'closed', closedReason: 'series_gone' });
    expect(live(story(`b${'a'.repeat(9)}b${'a'.repeat(9)}`)).episode.state).toBe('firing');
  });
});

describe('another demand', () => {
  const other = {
    configDigest: 'another demand',
    bounds: { lower: 0, upper: 20, centre: 10, baselineN: 30 },
  };

  test('that the run meets ends the incident', () => {
    const { states, told } = live([...story('b'), sight(1, { ...other, value: 14 })]);
    expect([states, told]).toEqual(['firing config_changed', 'firing closed']);
  });

  test('that the run misses goes on, with the new bounds', () => {
    const { episode } = live([
      ...story('b'),
      sight(1, { ...other, says: 'bad', reason: 'above', value: 25 }),
    ]);
    expect(episode).toMatchObject({
      state: 'firing',
      configDigest: 'another demand',
      frozen: { upper: 20, clearUpper: expect.closeTo(10 + 20 / 3, 12) },
    });
  });
});

describe('people', () => {
  const action = (kind: EpisodeAction['kind'], episode: Episode, at: number): EpisodeAction => ({
    from: 'person',
    actionId: 'action',
    kind,
    episodeId: episode.episodeId,
    at,
    actor: 'kim',
    until: kind === 'ack' ? at + 7 * 24 * 3_600_000 : null,
    note: 'known',
  });

  test('accept: the incident is over, with who and why', () => {
    const { episode } = live(story('bb'));
    const { episodes, event } = decided(episode, action('accept', episode, night(3)));
    expect(episodes).toMatchObject({ state: 'closed', closedReason: 'accepted', closedAt: night(3) });
    expect(event).toMatchObject({ kind: 'accepted', actor: 'kim', note: 'known', fromState: 'firing' });
    const bad = (index: number) => sight(index, { says: 'bad', reason: 'above', value: 14 });
    // What ended before it was accepted was accepted along, although it is judged only now.
    expect(live([bad(2)], episodes).states).toBe('accepted');
    expect(live([bad(4)], episodes).states).toBe('firing');
  });

  test('close ends it without a new normal, a comment changes nothing else, ack stops reminders until it is worse', () => {
    const { episode } = live(story('b'));
    expect(decided(episode, action('close', episode, night(1))).episodes.closedReason).toBe('dismissed');
    const commented = decided(episode, action('comment', episode, night(1)));
    expect({ ...commented.episodes, seq: 1 }).toEqual(episode);
    expect(commented.event).toMatchObject({ kind: 'commented', note: 'known' });
    const acked = decided(episode, action('ack', episode, night(1))).episodes;
    expect(acked.ack).toEqual({ by: 'kim', until: night(8), note: 'known' });
    expect(decided(acked, action('unack', acked, night(2))).episodes.ack).toBeNull();
    const worse = live(
      [sight(1, { says: 'bad', reason: 'missing', value: null, bounds: null, instant: true })],
      acked,
    );
    expect([worse.told, worse.episode.ack]).toEqual(['escalated', null]);
  });

  test('an action on another episode, or on one that is closed, moves nothing', () => {
    const { episode } = live(story('bgg'));
    for (const kind of ['ack', 'accept', 'close', 'unack'] as const) {
      expect(decideEpisode(episode, action(kind, episode, night(4)), EPISODE_SETTINGS).events).toEqual([]);
    }
    const stranger = { ...action('accept', episode, night(4)), episodeId: 'other' };
    expect(decideEpisode(episode, stranger, EPISODE_SETTINGS)).toMatchObject({
      events: [],
      reason: 'another episode',
    });
  });

  function decided(episode: Episode, input: EpisodeInput) {
    const { events } = decideEpisode(episode, input, EPISODE_SETTINGS);
    expect(events).toHaveLength(1);
    return { event: events[0]!, episodes: events[0]!.after };
  }
});

describe('the clock', () => {
  const clock = (kind: ClockSight['kind'], episode: Episode, at: number): ClockSight => ({
    from: 'clock',
    kind,
    episodeId: episode.episodeId,
    at,
    incidentId: kind === 'incident' ? 'incident' : null,
  });
  const fired = live(story('b')).episode;

  test('reminds when it is due and not before, and sets the next one', () => {
    expect(fired.nextReminderAt).toBe(night(1));
    expect(decideEpisode(fired, clock('reminder', fired, night(1) - 1), EPISODE_SETTINGS).events).toEqual([]);
    const { episode, told } = live([clock('reminder', fired, night(1))], fired);
    expect([told, episode.reminders, episode.nextReminderAt]).toEqual(['reminder', 1, night(3)]);
    expect(live([clock('reminder', fired, night(1))], episode).told).toBe('-');
  });

  test('four reminders and no more; a critical one has its first after four hours', () => {
    const days = [1, 3, 10, 17].map((day) => clock('reminder', fired, night(day)));
    const { told, episode } = live([...days, clock('reminder', fired, night(30))], fired);
    expect([told, episode.nextReminderAt]).toEqual(['reminder reminder reminder reminder -', null]);
    const critical = live(story('N')).episode;
    expect(critical.nextReminderAt! - night(0)).toBe(4 * 3_600_000);
  });

  test.each([
    ['removed', 'test_removed'],
    ['expired', 'expired'],
  ] as const)('%s ends it', (kind, closed) => {
    expect(live([clock(kind, fired, night(9))], fired)).toMatchObject({ states: closed, told: 'closed' });
  });

  test('notes what it was told with, and tells nothing of that', () => {
    const { episode, told } = live([clock('incident', fired, night(0))], fired);
    expect([told, episode.incidentId]).toEqual(['-', 'incident']);
  });

  test('an ack that ends is told, not before, and only once', () => {
    const acked = { ...fired, ack: { by: 'kim', until: night(5), note: null } };
    expect(decideEpisode(acked, clock('ack_ended', acked, night(4)), EPISODE_SETTINGS).events).toEqual([]);
    const { episode, told } = live([clock('ack_ended', acked, night(5))], acked);
    expect([told, episode.ack, episode.nextReminderAt]).toEqual(['ack_ended', null, night(10)]);
    expect(live([clock('ack_ended', acked, night(5))], episode).told).toBe('-');
  });
});
