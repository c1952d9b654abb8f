import type { Tone } from './document.ts';

/**
 * Colours and styles of the mails. Styles stand inline, because several mail programs drop style sheets; the
 * one sheet below only adds dark colours and phone sizes where it is understood. No pure black or white, so
 * that programs which invert colours by themselves keep a contrast.
 */
export const LIGHT = {
  page: '#eef1f4',
  card: '#fdfdfe',
  text: '#1d232b',
  muted: '#56606c',
  bad: '#b3261e',
  warn: '#8a5300',
  good: '#1f6f3a',
  quiet: '#56606c',
  link: '#0a58ca',
  code: '#eef1f4',
  line: '#dfe3e8',
} as const;

export const DARK: Readonly<Record<keyof typeof LIGHT, string>> = {
  page: '#14171b',
  card: '#1e2329',
  text: '#e4e8ec',
  muted: '#a8b1bb',
  bad: '#ff8f85',
  warn: '#f2b866',
  good: '#7fd49a',
  quiet: '#a8b1bb',
  link: '#8ab8ff',
  code: '#2a3038',
  line: '#39414a',
};

const SANS = '-apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif';
const MONO = 'ui-monospace, SFMono-Regular, Menlo, Consolas, Liberation Mono, monospace';
/** Long metric names must not push the page wider than a phone. */
const BREAK = 'word-break:break-word;overflow-wrap:anywhere';
const CELL = `padding:5px 10px 5px 0;border-top:1px solid ${LIGHT.line};vertical-align:top`;

/**
 * Cells say as little as they can and take colour and size from the box around them: every character of them stands
 * in the mail a hundred times.
 */
export const STYLE = {
  page: `margin:0;padding:0;background:${LIGHT.page};color:${LIGHT.text};font-family:${SANS};font-size:15px;line-height:1.5`,
  outer: `background:${LIGHT.page}`,
  frame: 'width:100%;max-width:640px;border-collapse:separate',
  preheader: 'display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;opacity:0;overflow:hidden',
  title: `margin:0;font-size:21px;line-height:1.3;font-weight:700;color:${LIGHT.text};${BREAK}`,
  meta: `margin:4px 0 0;font-size:14px;color:${LIGHT.muted}`,
  heading: 'margin:0 0 8px;font-size:15px;font-weight:700',
  sentence: 'margin:6px 0 0;font-size:17px;line-height:1.45',
  note: `margin:8px 0 0;font-size:14px;color:${LIGHT.muted}`,
  picture: `display:block;width:100%;max-width:596px;height:auto;margin:14px 0 0;border:0;color:${LIGHT.muted};font-size:14px`,
  spark: `margin:12px 0 0;font-family:${MONO};font-size:20px;line-height:1.2;letter-spacing:2px;color:${LIGHT.muted}`,
  outside: `color:${LIGHT.bad}`,
  caption: `font-family:${SANS};font-size:14px;letter-spacing:0`,
  table: 'width:100%;margin:16px 0 0;border-collapse:collapse;font-size:14px;text-align:left',
  bareTable: 'width:100%;border-collapse:collapse;font-size:14px;text-align:left',
  tableTitle: 'padding:0 0 4px;font-weight:700;text-align:left',
  label: `width:124px;${CELL};font-weight:400;color:${LIGHT.muted}`,
  head: `white-space:nowrap;padding:4px 10px 4px 0;font-weight:400;vertical-align:bottom;color:${LIGHT.muted}`,
  row: `${CELL};font-weight:400`,
  cell: CELL,
  shortCell: `white-space:nowrap;${CELL}`,
  places: 'margin:14px 0 0',
  link: `color:${LIGHT.link};font-weight:600;text-decoration:underline`,
  list: 'width:100%;border-collapse:collapse;font-size:14px',
  item: `padding:10px 0;border-top:1px solid ${LIGHT.line}`,
  firstItem: 'padding:0 0 10px',
  itemName: 'font-size:15px',
  small: `color:${LIGHT.muted}`,
  code: `margin:0;padding:10px 12px;background:${LIGHT.code};border-radius:4px;font-family:${MONO};font-size:14px;line-height:1.55;white-space:pre-wrap`,
  rest: `margin:10px 0 0;font-size:14px;color:${LIGHT.muted}`,
  foot: `margin:0 0 6px;font-size:14px;color:${LIGHT.muted};${BREAK}`,
} as const;

/** A box; all but quiet ones have an edge in their colour. */
export function cardStyle(tone: Tone): string {
  const edge = tone === 'quiet' ? '' : `border-left:6px solid ${LIGHT[tone]};`;
  return `background:${LIGHT.card};border:1px solid ${LIGHT.line};${edge}border-radius:6px;padding:16px 18px;color:${LIGHT.text};${BREAK}`;
}

/** The word that says how things stand. */
export function stateStyle(tone: Tone): string {
  return `margin:0;font-size:14px;font-weight:700;letter-spacing:0.4px;color:${LIGHT[tone]}`;
}

const EDGES: readonly Tone[] = ['bad', 'warn', 'good'];
const TONES: readonly Tone[] = [...EDGES, 'quiet'];

/** For Outlook on Windows, which takes no font from around a table. */
export const OUTLOOK =
  '<!--[if mso]><style>td,th,p,h1,h2{font-family:Segoe UI,Arial,sans-serif !important}</style><![endif]-->';

/** Holds no data, and is therefore a plain constant. */
export const SHEET = `@media (prefers-color-scheme: dark) {
.page { background: ${DARK.page} !important; }
.card { color: ${DARK.text} !important; background: ${DARK.card} !important; border-color: ${DARK.line} !important; }
.card td, .card th { border-color: ${DARK.line} !important; }
.text { color: ${DARK.text} !important; }
.muted { color: ${DARK.muted} !important; }
.link { color: ${DARK.link} !important; }
.code { color: ${DARK.text} !important; background: ${DARK.code} !important; }
${TONES.map((tone) => `.${tone} { color: ${DARK[tone]} !important; }`).join('\n')}
${EDGES.map((tone) => `.${tone}-edge { border-left-color: ${DARK[tone]} !important; }`).join('\n')}
}
@media (max-width: 480px) {
.gutter { padding: 12px 8px !important; }
.card { padding: 14px 12px !important; }
.label { width: 92px !important; }
}`;
