import type { RuleTrial, Trial } from '../core/judging/backtest/backtest.ts';
import { formatTime } from '../core/time.ts';
import { colors } from './color.ts';
import { formatNumber } from './number.ts';
import { plain } from './plain.ts';
import { bars } from './sparkline.ts';
import { type Column, renderTable } from './table.ts';

/** How wide, and whether in colour. */
export interface TextOptions {
  readonly width: number;
  readonly color: boolean;
}

/** At most so many alerts of a rule are listed. */
const LISTED = 12;
const COLUMNS: readonly Column[] = [
  { title: 'RULE', min: 8 },
  { title: 'ALERTS', align: 'right' },
  { title: 'A MONTH (95 %)', align: 'right', min: 14 },
  { title: 'FAILS', align: 'right' },
];
const POWER_TITLES = ['1 SD', '2 SD', '3 SD', '5 SD', 'DRIFT'];

/** What rules would have done on one series, as text: plot, table, alerts, change points, suggestion. */
export function trialText(trial: Trial, options: TextOptions): string {
  const { series, rules, suggestion } = trial;
  const direction = series.good === null ? 'either direction is bad' : `${series.good} is better`;
  const parts = [
    `${plain(series.id)}: ${series.points.length} runs, ${direction}`,
    plot(trial, options),
    table(rules, options),
    ...rules.flatMap((rule) => alertLines(trial, rule)),
    changeLine(trial),
    ...(suggestion === null ? [] : [`Suggestion: ${suggestion.rule}; ${suggestion.reason}.`]),
  ];
  return `${parts.filter((part) => part !== '').join('\n')}\n`;
}

/** The newest runs that fit as bars; under them where each rule alerts. */
function plot({ series, rules }: Trial, { width, color }: TextOptions): string {
  const room = Math.max(10, Math.min(series.points.length, width - 2));
  const first = series.points.length - Math.min(room, series.points.length);
  const shown = bars(series.points.slice(first), { width: room });
  const { red } = colors(color);
  const mark = ({ answer, rule }: RuleTrial) => {
    const told = new Map(answer.alerts.map(({ index, direction }) => [index - first, direction]));
    const line = shown.map((_, at) => (told.has(at) ? (told.get(at) === 'worse' ? '▲' : '△') : ' ')).join('');
    return line.trim() === '' ? '' : `${red(line.trimEnd())} ${plain(rule)}`;
  };
  return [shown.map(({ char }) => char).join(''), ...rules.map(mark)]
    .filter((line) => line !== '')
    .join('\n');
}

function table(rules: readonly RuleTrial[], options: TextOptions): string {
  const power = rules.some((rule) => rule.power.length > 0);
  const told = POWER_TITLES.map((title): Column => ({ title, align: 'right' }));
  const columns = [...COLUMNS, ...(power ? [...told, { title: 'DELAY', align: 'right' } as const] : [])];
  const rows = rules.map(({ rule, answer, rate, power: tried }) => [
    rule,
    String(rate.alerts),
    `${rate.aMonth.toFixed(2)} (${rate.interval.map((end) => end.toFixed(2)).join(' to ')})`,
    String(answer.verdicts.filter((verdict) => verdict === 'fail').length),
    ...tried.map(({ told: hits, tried: of }) => (of === 0 ? '' : `${Math.round((100 * hits) / of)} %`)),
    ...(power ? [tried[2]?.delay?.toString() ?? ''] : []),
  ]);
  const note = power
    ? '\nPower: share of changes put into this series that are told, steps within 7 runs, a drift of 4 sd within 50;\ndelay: median run at which a 3 sd step is told.'
    : '';
  return `${renderTable(columns, rows, options)}${note}`;
}

function alertLines({ series }: Trial, { rule, answer }: RuleTrial): string[] {
  const { alerts } = answer;
  const lines = alerts.slice(-LISTED).map(({ index, direction, kind, since }) => {
    const value = series.points[index];
    const time = series.times[index];
    const when = time === null || time === undefined ? '' : ` (${formatTime(time).slice(0, 10)})`;
    const shown = value === null || value === undefined ? '' : ` at ${formatNumber(value)}`;
    return `  run ${index}${when}: ${direction}, ${kind}${shown}${since < index ? `, since run ${since}` : ''}`;
  });
  const left = alerts.length - lines.length;
  return alerts.length === 0
    ? [`${plain(rule)} would have told nothing.`]
    : [`${plain(rule)} would have told${left > 0 ? `, besides ${left} earlier ones` : ''}:`, ...lines];
}

function changeLine({ changePoints }: Trial): string {
  if (changePoints.length === 0) return 'Seen from its end, the level never changed.';
  const points = changePoints.map(
    ({ index, before, after }) => `run ${index} (${formatNumber(before)} → ${formatNumber(after)})`,
  );
  return `Seen from its end, the level changed at ${points.slice(-LISTED).join(', ')}.`;
}
