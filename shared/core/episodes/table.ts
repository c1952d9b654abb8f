import type { ClosedReason, EpisodeState, NoticeKind } from './episode.ts';

/**
 * `ok`: no episode that is open, and none that would open again. `closed`: recovered so short ago that it would.
 * `noise`: closed as such, but the change that the judge sees now began there.
 */
export type FromState = 'ok' | 'noise' | EpisodeState;

/** What may happen to an episode, in the words of the documentation. */
export const EVENTS = {
  bad: 'bad, fewer than `confirm_n` in a row',
  fail: 'bad by `auto`, whose judge sees no change yet',
  enough_bad: 'bad, `confirm_n` in a row',
  sure: 'bad and instant, or the judge sees a change',
  good: 'good, fewer than `recover_m` in a row',
  enough_good: 'good, `recover_m` in a row, or the judge sees the old level back',
  between: 'between what fires and what clears',
  neutral: 'neutral',
  worse: 'the severity rises, or the reason gets worse: bound, then missing, then non-finite',
  flaps: 'fell back 3 times in 20 runs',
  flaps_again: 'fell back 3 times in 20 runs once more',
  new_normal: '20 runs in a new band of ordinary width, or the judge says so',
  kept: 'an improvement: the judge takes it for normal, or 20 runs',
  gone: 'the metric is absent for 10 runs in a row',
  config_passes: 'another demand, and the run meets it',
  undemanded: 'nothing is demanded any more',
  removed: 'the test is not in the config file any more',
  expired: 'the test is not run any more',
  late: 'no run, and the expected time and the grace are over',
  overrun: 'a run began and does not end',
  finished: 'a run finishes',
  accept: '`accept` by a person',
  close: '`close` by a person',
  ack: '`ack` by a person',
  unack: '`unack` by a person',
  comment: '`comment` by a person',
  reminder: 'a reminder is due',
  ack_ended: 'an `ack` ends',
  silence_ended: 'a silence ends',
  incident: 'told with others of a common cause',
  corrected: 'its only bad run has ended well after all',
} as const;
export type EventWord = keyof typeof EVENTS;

/** What a row does beside changing the state, in the words of the documentation. */
export const EFFECTS = {
  open: 'opens, freezes the bounds',
  bad: 'counts a bad run',
  good: 'counts a good run',
  note: 'notes the run',
  fire: 'sets the first reminder',
  fall: 'counts the fall back',
  flap: 'doubles `recover_m`, at most to 8',
  reopen: 'the same episode, no suspect step',
  revive: 'was no noise',
  worsen: 'ends an ack',
  offer: 'offers `accept`',
  acknowledge: 'no reminders until it ends',
  unacknowledge: 'reminders again',
  remind: 'sets the next reminder',
  group: 'notes the incident',
} as const;
export type EffectName = keyof typeof EFFECTS;

/** Where a row leads; a reason leads to `closed`, `same` leaves the state. */
export type Target = Exclude<EpisodeState, 'closed'> | ClosedReason | 'same';

/** One row of the state table. */
export interface StateRow {
  /** Its number in the documentation: 1 to 18 are those of the design, letters are their variants. */
  readonly row: string;
  /** What the step is called in `alert_episode_events`. */
  readonly name: string;
  readonly from: readonly FromState[];
  readonly on: readonly EventWord[];
  readonly to: Target;
  readonly tells: NoticeKind | null;
  readonly does: readonly EffectName[];
}

type Cells = readonly [
  row: string,
  name: string,
  from: readonly FromState[],
  on: readonly EventWord[],
  to: Target,
  tells: NoticeKind | null,
  does: readonly EffectName[],
];

const OPEN = ['suspect', 'firing', 'recovering'] as const;
const TOLD = ['firing', 'recovering'] as const;
const QUIET = ['good', 'enough_good', 'between', 'neutral', 'finished'] as const;
const BADS = ['bad', 'fail', 'enough_bad', 'sure', 'late', 'overrun'] as const;
const CLEAR_BADS = ['bad', 'enough_bad', 'sure', 'late', 'overrun'] as const;

/** No two rows fit the same state and event; where none fits, nothing happens. */
const CELLS: readonly Cells[] = [
  ['1', 'suspected', ['ok'], ['bad', 'fail'], 'suspect', null, ['open']],
  ['1a', 'suspected', ['closed'], ['fail'], 'suspect', null, ['open']],
  ['1b', 'bad', ['suspect'], ['bad', 'fail'], 'suspect', null, ['bad']],
  ['2', 'fired', ['suspect'], ['sure'], 'firing', 'firing', ['bad', 'fire']],
  ['2a', 'fired', ['ok'], ['sure'], 'firing', 'firing', ['open', 'fire']],
  ['2b', 'fired', ['noise'], ['sure'], 'firing', 'firing', ['bad', 'revive', 'fire']],
  ['3', 'fired', ['suspect'], ['enough_bad'], 'firing', 'firing', ['bad', 'fire']],
  ['3a', 'fired', ['ok'], ['enough_bad'], 'firing', 'firing', ['open', 'fire']],
  ['4', 'noise', ['suspect'], ['good', 'enough_good', 'between'], 'noise', null, ['good']],
  ['5', 'bad', ['firing'], BADS, 'same', null, ['bad']],
  ['6', 'escalated', ['firing'], ['worse'], 'same', 'escalated', ['worsen']],
  ['7', 'good', ['firing'], ['good'], 'recovering', null, ['good']],
  ['7a', 'good', ['recovering'], ['good'], 'same', null, ['good']],
  ['8', 'recovered', TOLD, ['enough_good'], 'recovered', 'recovered', ['good']],
  ['9', 'fell back', ['recovering'], BADS, 'firing', null, ['bad', 'fall']],
  ['9a', 'flapping', ['firing'], ['flaps'], 'same', 'flapping', ['flap']],
  ['9b', 'flapping', ['firing'], ['flaps_again'], 'same', null, ['flap']],
  ['10', 'again', ['closed'], CLEAR_BADS, 'firing', 'again', ['bad', 'reopen', 'fire']],
  ['11', 'unchanged', OPEN, ['neutral'], 'same', null, ['note']],
  ['11a', 'unchanged', TOLD, ['between'], 'same', null, ['note']],
  ['11b', 'still good', ['closed'], QUIET, 'same', null, ['note']],
  ['12', 'config changed', TOLD, ['config_passes', 'undemanded'], 'config_changed', 'closed', ['note']],
  ['12a', 'config changed', ['suspect'], ['config_passes', 'undemanded'], 'config_changed', null, ['note']],
  ['13', 'test removed', TOLD, ['removed'], 'test_removed', 'closed', []],
  ['13a', 'test removed', ['suspect'], ['removed'], 'test_removed', null, []],
  ['14', 'accepted', TOLD, ['accept'], 'accepted', 'closed', []],
  ['14a', 'accepted', ['suspect'], ['accept'], 'accepted', null, []],
  ['15', 'new normal', ['firing'], ['new_normal'], 'same', 'new_normal', ['offer']],
  ['16', 'late', ['ok'], ['late'], 'firing', 'firing', ['open', 'fire']],
  ['17', 'overrun', ['ok'], ['overrun'], 'firing', 'firing', ['open', 'fire']],
  ['18', 'recovered', TOLD, ['finished'], 'recovered', 'recovered', ['good']],
  ['19', 'kept', TOLD, ['kept'], 'accepted', 'closed', ['bad']],
  ['20', 'series gone', TOLD, ['gone'], 'series_gone', 'closed', ['note']],
  ['20a', 'series gone', ['suspect'], ['gone'], 'series_gone', null, ['note']],
  ['21', 'expired', TOLD, ['expired'], 'expired', 'closed', []],
  ['21a', 'expired', ['suspect'], ['expired'], 'expired', null, []],
  ['22', 'dismissed', TOLD, ['close'], 'dismissed', 'closed', []],
  ['22a', 'dismissed', ['suspect'], ['close'], 'dismissed', null, []],
  ['23', 'acknowledged', OPEN, ['ack'], 'same', null, ['acknowledge']],
  ['23a', 'ack taken back', OPEN, ['unack'], 'same', null, ['unacknowledge']],
  ['23b', 'ack ended', TOLD, ['ack_ended'], 'same', 'ack_ended', ['unacknowledge']],
  ['24', 'reminded', TOLD, ['reminder'], 'same', 'reminder', ['remind']],
  ['25', 'silence ended', TOLD, ['silence_ended'], 'same', 'silence_ended', []],
  ['26', 'commented', [...OPEN, 'closed'], ['comment'], 'same', null, []],
  ['27', 'grouped', TOLD, ['incident'], 'same', null, ['group']],
  ['28', 'corrected', TOLD, ['corrected'], 'recovered', 'recovered', []],
  ['28a', 'corrected', ['suspect'], ['corrected'], 'noise', null, []],
];

/** The state machine (alerting.md §1.3): for a state and an event at most one row. */
export const STATE_TABLE: readonly StateRow[] = CELLS.map(([row, name, from, on, to, tells, does]) => ({
  row,
  name,
  from,
  on,
  to,
  tells,
  does,
}));

/** The row that an event takes in a state; null: nothing happens. */
export function rowFor(from: FromState, on: EventWord): StateRow | null {
  return STATE_TABLE.find((row) => row.from.includes(from) && row.on.includes(on)) ?? null;
}
