import type { RuleTrial, Trial } from '../core/judging/backtest/backtest.ts';
import { html, lines, type Safe } from './html.ts';
import { formatNumber } from './number.ts';

const WIDTH = 900;
const HEIGHT = 220;
const EDGE = 12;
const STYLE =
  'body{font:15px/1.5 system-ui,sans-serif;max-width:960px;margin:2rem auto;padding:0 1rem;color:#1d2733}' +
  'table{border-collapse:collapse;margin:.5rem 0 1rem}td,th{padding:.2rem .8rem;text-align:right;border-bottom:1px solid #d8dee6}' +
  'td:first-child,th:first-child{text-align:left}svg{width:100%;height:auto;background:#fafbfc;border:1px solid #d8dee6}';

/** A page with a plot, a table and a suggestion for every series; it loads nothing. */
export function backtestPage(trials: readonly Trial[]): string {
  const body = trials.map(section);
  return `<!doctype html>\n${html`<html lang="en"><head><meta charset="utf-8"><title>Backtest</title><style>${style()}</style></head><body><h1>Backtest</h1>
${lines(body)}
</body></html>`}\n`;
}

/** Our own text, without anything to escape. */
function style(): string {
  return STYLE;
}

function section(trial: Trial): Safe {
  const { series, rules, suggestion } = trial;
  return html`<h2>${series.id}</h2>
${plot(trial)}
<table><tr><th>rule</th><th>alerts</th><th>a month</th><th>95 %</th>${rules[0]?.power.map(({ name }) => html`<th>${name}</th>`) ?? []}</tr>
${rules.map(row)}</table>
${suggestion === null ? null : html`<p>Suggestion: <b>${suggestion.rule}</b>; ${suggestion.reason}.</p>`}`;
}

function row({ rule, rate, power }: RuleTrial): Safe {
  const [low, high] = rate.interval;
  const cells = power.map(
    ({ told, tried }) => html`<td>${tried === 0 ? '' : `${Math.round((100 * told) / tried)} %`}</td>`,
  );
  return html`<tr><td>${rule}</td><td>${rate.alerts}</td><td>${rate.aMonth.toFixed(2)}</td><td>${low.toFixed(2)} to ${high.toFixed(2)}</td>${cells}</tr>`;
}

/** Values as dots, the band of the first rule as an area, its alerts as triangles, change points as lines. */
function plot({ series, rules, changePoints }: Trial): Safe {
  const finite = series.points.filter((point): point is number => point !== null && Number.isFinite(point));
  const low = finite.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = finite.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const x = (index: number) => EDGE + ((WIDTH - 2 * EDGE) * index) / Math.max(1, series.points.length - 1);
  const y = (value: number) => {
    const share = high > low ? (value / 2 - low / 2) / (high / 2 - low / 2) : 0.5;
    return HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * Math.max(-0.04, Math.min(1.04, share));
  };
  const dots = series.points.flatMap((point, index) =>
    point !== null && Number.isFinite(point)
      ? [html`<circle cx="${x(index).toFixed(1)}" cy="${y(point).toFixed(1)}" r="2" fill="#35618f"/>`]
      : [
          html`<text x="${x(index).toFixed(1)}" y="${HEIGHT - 2}" font-size="9" fill="#b3261e">${point === null ? '' : '×'}</text>`,
        ],
  );
  const alerts = (rules[0]?.answer.alerts ?? []).map(({ index, direction }) => {
    const at = x(index);
    const color = direction === 'worse' ? '#b3261e' : '#1a7f37';
    return html`<path d="M${at.toFixed(1)} 4l5 9h-10z" fill="${color}"/>`;
  });
  const changes = changePoints.map(({ index }) => {
    const at = ((x(index) + x(index - 1)) / 2).toFixed(1);
    return html`<line x1="${at}" x2="${at}" y1="0" y2="${HEIGHT}" stroke="#8a94a3" stroke-dasharray="3 3"/>`;
  });
  const label = finite.length === 0 ? 'no values' : `${formatNumber(low)} to ${formatNumber(high)}`;
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">${changes}${limits(rules[0], { x, y })}${dots}${alerts}</svg><p>${series.points.length} runs, ${label}</p>`;
}

/** Both limits of a band, run by run, where the rule had one. */
function limits(
  rule: RuleTrial | undefined,
  { x, y }: { x: (index: number) => number; y: (value: number) => number },
): Safe[] {
  return (['lower', 'upper'] as const).map((side) => {
    let path = '';
    (rule?.answer.bands ?? []).forEach((band, index) => {
      const limit = band[side];
      if (limit === null || !Number.isFinite(limit)) return;
      path += `M${(x(index) - 2).toFixed(1)} ${y(limit).toFixed(1)}h4`;
    });
    return html`<path d="${path}" stroke="#d98324" fill="none"/>`;
  });
}
