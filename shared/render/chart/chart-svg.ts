import { html, lines, type Safe } from '../html.ts';
import type { ChartData, ChartMark } from './chart-data.ts';
import { bandPaths, runPath } from './chart-paths.ts';
import { type Scale, scaleFor, ticksOf } from './scale.ts';

/** Size of a chart in the mail; its picture has more pixels. */
export const CHART = { width: 520, height: 220 } as const;

const PLOT = { bottom: 188, right: 506 } as const;
/** Height of a row of words above the plot, and the room that a word needs beside its line. */
const ROW = 15;
const WORD_ROOM = 92;
const FONT = 'DejaVu Sans Condensed';
/** Widest character of the font at size 13, in pixels: digits are all of one width. */
const DIGIT = 7.6;

const INK = {
  ground: '#ffffff',
  edge: '#c9d0d8',
  grid: '#e6eaee',
  text: '#56606c',
  strong: '#1d232b',
  band: '#d8e8fb',
  bandEdge: '#8fb8ea',
  line: '#9aa7b5',
  good: '#3b6ea8',
  bad: '#b3261e',
  over: '#1f7a3d',
} as const;

/** Where a chart's runs lie. */
interface Frame {
  readonly scale: Scale;
  readonly left: number;
  readonly top: number;
  x(index: number): number;
}

/**
 * A chart of runs as SVG: the band they are held against, good runs as dots, bad ones as crosses, the first bad one
 * marked. Opaque, so that a dark mail program cannot swallow its lines. Null where the values cannot be drawn.
 */
export function chartSvg(data: ChartData): string | null {
  const frame = frameOf(data);
  if (frame === null) return null;
  const { width, height } = CHART;
  const marks = data.marks.map((mark, row) => markLine(mark, frame, { row, isBetter: data.isBetter }));
  const picture = lines([
    html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT}" font-size="13">`,
    html`<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" fill="${INK.ground}" stroke="${INK.edge}"/>`,
    band(data, frame),
    grid(frame),
    html`<path d="${runPath(data.points, frame)}" fill="none" stroke="${INK.line}" stroke-width="1.2" stroke-linejoin="round"/>`,
    ...marks.map(({ line }) => line),
    ...marks.map(({ word }) => word),
    dots(data, frame),
    dates(data, frame),
    html`</svg>`,
  ]);
  return picture.toString();
}

function frameOf({ points, centre, marks }: ChartData): Frame | null {
  const top = 14 + ROW * marks.length;
  const shown = points.flatMap(({ value, lower, upper }) => [value, lower, upper]);
  const known = [...shown, centre].filter((value) => value !== null && Number.isFinite(value)) as number[];
  const scale = known.length === 0 ? null : scaleFor(known, { ...PLOT, top });
  if (scale === null) return null;
  const widest = Math.max(...ticksOf(scale).map(({ label }) => label.length));
  const left = Math.ceil(16 + widest * DIGIT);
  const step = (PLOT.right - left - 16) / Math.max(1, points.length - 1);
  return { scale, left, top, x: (index) => left + 8 + (points.length === 1 ? 0 : index * step) };
}

function band(data: ChartData, frame: Frame): Safe {
  const { areas, edges } = bandPaths(data.points, { ...frame, ...PLOT });
  const { centre } = data;
  const middle =
    centre !== null &&
    Number.isFinite(centre) &&
    html`<path d="M${frame.left} ${px(frame.scale.at(centre))}H${PLOT.right}" stroke="${INK.bandEdge}" stroke-dasharray="2 4"/>`;
  return lines([
    html`<path d="${areas}" fill="${INK.band}"/>`,
    html`<path d="${edges}" fill="none" stroke="${INK.bandEdge}"/>`,
    middle,
  ]);
}

function grid({ scale, left }: Frame): Safe {
  const rows = ticksOf(scale).map(({ value, label }) => {
    const y = px(scale.at(value));
    return html`<path d="M${left} ${y}H${PLOT.right}" stroke="${INK.grid}" stroke-opacity="0.8"/><text x="${left - 8}" y="${y}" dy="4" text-anchor="end" fill="${INK.text}">${label}</text>`;
  });
  return lines(rows);
}

/** Each mark has a row of its own above the plot, so that no two words ever run into each other. */
function markLine(
  { index, word }: ChartMark,
  frame: Frame,
  { row, isBetter }: { readonly row: number; readonly isBetter: boolean },
): { line: Safe; word: Safe } {
  const x = px(frame.x(index));
  const color = word === 'recovered' || isBetter ? INK.over : INK.bad;
  const toLeft = x > PLOT.right - WORD_ROOM;
  const y = ROW * (row + 1) + 2;
  return {
    line: html`<path d="M${x} ${y - 8}V${PLOT.bottom}" stroke="${color}" stroke-dasharray="3 3"/>`,
    // The white edge keeps the word readable where another mark's line passes behind it.
    word: html`<text x="${toLeft ? x - 5 : x + 5}" y="${y}" text-anchor="${toLeft ? 'end' : 'start'}" fill="${color}" font-weight="bold" stroke="${INK.ground}" stroke-width="4" stroke-linejoin="round" paint-order="stroke">${word}</text>`,
  };
}

/** Shapes, so that nothing hangs on the colour: dots, crosses for bad runs, diamonds for better ones. A bad run without a value is a cross on the lower edge. */
function dots({ points, isBetter }: ChartData, frame: Frame): Safe {
  const last = points.length - 1;
  const shapes = points.map(({ value, isBad }, index) => {
    const x = px(frame.x(index));
    const known = value !== null && Number.isFinite(value);
    if (!known && !isBad) return null;
    const y = known ? px(frame.scale.at(value)) : PLOT.bottom;
    if (!isBad)
      return html`<circle cx="${x}" cy="${y}" r="${index === last ? 3.6 : 2.6}" fill="${INK.good}"/>`;
    const r = 3.6;
    if (isBetter)
      return html`<path d="M${x} ${px(y - 5)}L${px(x + 5)} ${y}L${x} ${px(y + 5)}L${px(x - 5)} ${y}Z" fill="${INK.over}"/>`;
    return html`<path d="M${px(x - r)} ${px(y - r)}L${px(x + r)} ${px(y + r)}M${px(x - r)} ${px(y + r)}L${px(x + r)} ${px(y - r)}" stroke="${INK.bad}" stroke-width="2.2" stroke-linecap="round"/>`;
  });
  return lines(shapes);
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const DAY = 86_400_000;

function dates({ points }: ChartData, frame: Frame): Safe {
  const first = points[0]!;
  const last = points.at(-1)!;
  const oneDay = last.at - first.at < DAY;
  const y = CHART.height - 10;
  return lines([
    html`<path d="M${frame.left} ${PLOT.bottom}H${PLOT.right}" stroke="${INK.edge}"/>`,
    html`<text x="${frame.left}" y="${y}" fill="${INK.text}">${dateText(first.at, { oneDay })}</text>`,
    html`<text x="${(frame.left + PLOT.right) / 2}" y="${y}" text-anchor="middle" fill="${INK.text}">${points.length} runs, oldest first</text>`,
    html`<text x="${PLOT.right}" y="${y}" text-anchor="end" fill="${INK.text}">${dateText(last.at, { oneDay })}</text>`,
  ]);
}

function dateText(at: number, { oneDay }: { readonly oneDay: boolean }): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '';
  if (oneDay) return `${date.toISOString().slice(11, 16)} UTC`;
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

function px(value: number): number {
  return Number(value.toFixed(1));
}
