import { describe, expect, test } from 'vitest';
import { silence, testsOf } from '../../../test/support/delivery.ts';
import { episode } from '../../../test/support/episode-rows.ts';
import { day } from '../../../test/support/history-rows.ts';
import type { PersonAction } from '../person-action.ts';
import { parseMatcher } from './matcher.ts';
import { endingSoon, silenceEnds, silencesOf, unsilenceMatcher } from './silences.ts';

function action(
  actionId: string,
  n: number,
  fields: Partial<PersonAction> & { readonly matchers?: string[] } = {},
) {
  const { matchers = ['test=t'], ...rest } = fields;
  const target = { testName: null, signal: null, episodeId: null, run: null, matchers };
  const made: PersonAction = {
    actionId,
    at: day(n),
    actor: 'ann',
    via: 'cli',
    kind: 'silence',
    target,
    startsAt: null,
    endsAt: day(n + 7),
    note: 'why',
    ...rest,
  };
  return made;
}

describe('silences as people made them', () => {
  test('last until their end', () => {
    expect(silencesOf([action('s', 1)])).toEqual([
      { id: 's', matchers: ['test=t'], by: 'ann', startsAt: day(1), endsAt: day(8), note: 'why' },
    ]);
  });

  test('none lasts for good, nor longer than a month', () => {
    const given = [action('s', 1, { endsAt: null }), action('r', 1, { endsAt: day(400) })];
    expect(silencesOf(given).map(({ endsAt }) => endsAt)).toEqual([day(31), day(31)]);
  });

  test('one that is ended early ends then, and no other with it', () => {
    const end = action('u', 3, { kind: 'unsilence', matchers: [unsilenceMatcher('s')] });
    const ends = silencesOf([action('s', 1), action('r', 1), end]).map(({ id, endsAt }) => [id, endsAt]);
    expect(ends).toEqual([
      ['s', day(3)],
      ['r', day(8)],
    ]);
  });

  test('other actions are none', () => {
    expect(silencesOf([action('a', 1, { kind: 'ack' }), action('c', 1, { kind: 'comment' })])).toEqual([]);
  });

  test('those that end within a day are named, soonest first', () => {
    const given = [
      silence('test=t', { id: 'b', endsAt: day(3) }),
      silence('signal=job label.team=perf', { id: 'a', endsAt: day(2.5) }),
      silence('test=*', { id: 'c', endsAt: day(3) + 1 }),
      silence('test=*', { id: 'd', endsAt: day(2) }),
    ];
    expect(endingSoon(given, day(2)).map(({ id, matcher }) => `${id} ${matcher}`)).toEqual([
      'a signal=job label.team=perf',
      'b test=t',
    ]);
  });
});

describe('at the end of a silence', () => {
  const tests = testsOf({});
  const ends = (fields: Parameters<typeof episode>[1], silences = [silence('test=t')], since = day(2)) =>
    silenceEnds({ silences, episodes: [episode('x', fields)], tests, since, now: day(3) });

  test.each([
    ['what still fires is told once more', {}, 1],
    ['also what began to recover', { state: 'recovering' }, 1],
    ['not what is over', { state: 'closed' }, 0],
    ['nor what was only suspected', { state: 'suspect' }, 0],
    ['nor what fired just then, which tells of itself', { firedAt: day(3) }, 0],
    ['nor what somebody has seen', { ack: { by: 'bob', until: day(9), note: null } }, 0],
    ['but what was seen long ago', { ack: { by: 'bob', until: day(3), note: null } }, 1],
    ['nor what it did not match', { testName: 'u' }, 0],
    ['nor an improvement', { polarity: 'good' }, 0],
  ] as const)('%s', (_, fields, count) => {
    expect(ends(fields)).toEqual(count === 0 ? [] : [{ episodeId: 'x', at: day(3) }]);
  });

  test('nothing is told while another one goes on', () => {
    expect(ends({}, [silence('test=t'), silence('test=*', { id: 'r', endsAt: day(5) })])).toEqual([]);
  });

  test('of two that are over the later end counts', () => {
    expect(ends({}, [silence('test=t', { endsAt: day(2.5) }), silence('test=*', { id: 'r' })])).toEqual([
      { episodeId: 'x', at: day(3) },
    ]);
  });

  test('an end is met in one pass only', () => {
    expect(ends({}, [silence('test=t', { endsAt: day(2) })], day(2))).toEqual([]);
    expect(ends({}, [silence('test=t', { endsAt: day(2) })], day(2) - 1)).toHaveLength(1);
  });
});

test.each([
  ['tset=x', '"tset=x" asks for "tset", which no alert has: did you mean "test"?'],
  ['team=perf', '"team=perf" asks for "team", which no alert has: did you mean "label.team"?'],
  ['bert-*', '"bert-*" is no matcher: write test=GLOB, signal=GLOB, severity=WORD or label.NAME=GLOB'],
  ['test=', '"test=" is no matcher: write test=GLOB, signal=GLOB, severity=WORD or label.NAME=GLOB'],
  ['label.=x', '"label.=x" asks for "label.", which no alert has: did you mean "label.NAME"?'],
  ['severity=bad', '"severity=bad" never matches: a severity is one of info, warning, critical'],
])('%s is told with what would do', (text, expected) => {
  expect(parseMatcher(text)).toBe(expected);
});

test.each([
  ['test=a=b*', { key: 'test', glob: 'a=b*' }],
  [' label.team = perf ', { key: 'label.team', glob: 'perf' }],
  ['severity=w*', { key: 'severity', glob: 'w*' }],
])('%s is a matcher', (text, expected) => {
  expect(parseMatcher(text)).toEqual(expected);
});
