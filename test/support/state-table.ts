import {
  EFFECTS,
  EVENTS,
  type EventWord,
  STATE_TABLE,
  type StateRow,
} from '../../shared/core/episodes/table.ts';

const HEAD = ['#', 'From', 'What happens', 'To', 'Told', 'Effect'];
const OPEN = 'suspect, firing, recovering';

/** Events that a reader need not tell apart where a row takes them all. */
const GROUPS: readonly (readonly [events: readonly EventWord[], text: string])[] = [
  [['bad', 'fail', 'enough_bad', 'sure', 'late', 'overrun'], 'bad, confirmed or not'],
  [
    ['bad', 'enough_bad', 'sure', 'late', 'overrun'],
    'bad, confirmed or not; by `auto` only if its judge sees a change',
  ],
  [['good', 'enough_good', 'between', 'neutral', 'finished'], 'not bad'],
  [['good', 'enough_good', 'between'], 'good, or between what fires and what clears'],
];

/** The state machine as the Markdown table of docs/alerts.md, one row a line. */
export function stateTableText(): string {
  return [HEAD, HEAD.map(() => '---'), ...STATE_TABLE.map(cellsOf)]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function cellsOf({ row, from, on, to, tells, does }: StateRow): string[] {
  const isState = to === 'suspect' || to === 'firing' || to === 'recovering';
  return [
    row,
    on.includes('comment')
      ? 'any'
      : from.join(', ').replace(OPEN, 'any open').replace('closed', 'just closed'),
    eventsText(on),
    to === 'same' ? 'the same' : isState ? to : `closed, \`${to}\``,
    tells === null ? '' : `\`${tells}\``,
    does.map((effect) => EFFECTS[effect]).join('; '),
  ];
}

function eventsText(on: readonly EventWord[]): string {
  const whole = GROUPS.find(
    ([events]) => events.length === on.length && events.every((event) => on.includes(event)),
  );
  return whole?.[1] ?? on.map((event) => EVENTS[event]).join('; ');
}
