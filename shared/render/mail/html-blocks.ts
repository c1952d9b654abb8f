import { html, lines, link, type Safe } from '../html.ts';
import { restText } from './differences.ts';
import {
  type Block,
  type Cell,
  type ChartBlock,
  type Command,
  cellText,
  type Fact,
  type ListRow,
  type Place,
  type TableBlock,
} from './document.ts';
import { LIGHT, STYLE, stateStyle } from './theme.ts';

/** Content ids of the pictures that the mail brings along. */
export type Pictures = ReadonlySet<string>;

/** One piece of a section as HTML. */
export function blockHtml(block: Block, pictures: Pictures): Safe | null {
  switch (block.kind) {
    case 'sentence':
      return html`<p style="${STYLE.sentence}">${block.text}</p>`;
    case 'note':
      return html`<p class="muted" style="${STYLE.note}">${block.text}</p>`;
    case 'facts':
      return factsHtml(block.facts);
    case 'table':
      return tableHtml(block);
    case 'chart':
      return pictures.has(block.cid) ? pictureHtml(block) : barsHtml(block);
    case 'list':
      return listHtml(block.rows.map(listRowHtml), block.rest);
    case 'places':
      return html`<p class="muted" style="${STYLE.places}">${placesHtml(block.places)}</p>`;
    case 'commands':
      return commandsHtml(block.commands);
  }
}

function factsHtml(facts: readonly Fact[]): Safe {
  return lines([
    html`<table style="${STYLE.table}" cellpadding="0" cellspacing="0">`,
    ...facts.map(
      ({ label, parts }) =>
        html`<tr><th scope="row" class="muted label" style="${STYLE.label}">${label}</th><td style="${STYLE.cell}">${parts.map((part, index) => html`${index > 0 && html`<br>`}${part}`)}</td></tr>`,
    ),
    html`</table>`,
  ]);
}

function tableHtml({ caption, head, rows, rest }: TableBlock): Safe {
  return lines([
    html`<table style="${caption === '' ? STYLE.bareTable : STYLE.table}" cellpadding="0" cellspacing="0">`,
    caption !== '' && html`<caption style="${STYLE.tableTitle}">${caption}</caption>`,
    html`<tr>${head.map((title) => html`<th scope="col" class="muted" style="${STYLE.head}">${title}</th>`)}</tr>`,
    ...rows.map(
      ([first = '', ...cells]) =>
        html`<tr><th scope="row" style="${STYLE.row}">${cellText(first)}</th>${cells.map(cellHtml)}</tr>`,
    ),
    html`</table>`,
    restHtml(rest),
  ]);
}

/** So many characters stay on one line: a number or a state that is broken in two cannot be read. */
const UNBROKEN = 13;

function cellHtml(cell: Cell): Safe {
  const text = cellText(cell);
  const style = text.length > UNBROKEN ? STYLE.cell : STYLE.shortCell;
  if (typeof cell === 'string') return html`<td style="${style}">${text}</td>`;
  return html`<td style="${style}"><strong class="${cell.tone}" style="color:${LIGHT[cell.tone]}">${text}</strong></td>`;
}

/** A picture inside the mail; its alternative text says the same. */
function pictureHtml({ cid, alt }: ChartBlock): Safe {
  return html`<img src="cid:${cid}" width="596" alt="${alt}" style="${STYLE.picture}">`;
}

/** Bars for the eye; a screen reader, which would spell them, gets a sentence. */
function barsHtml({ bars, alt, caption }: ChartBlock): Safe | null {
  if (bars.length < 2) return null;
  const marks = bars.map(({ char, outside }) =>
    outside ? html`<span class="bad" style="${STYLE.outside}">${char}</span>` : char,
  );
  return html`<p class="muted" style="${STYLE.spark}"><span role="img" aria-label="${alt}">${marks}</span> <span class="muted" style="${STYLE.caption}" aria-hidden="true">${caption}</span></p>`;
}

/** Rows under each other, and how many were left out. */
export function listHtml(rows: readonly Safe[], rest: number): Safe {
  return lines([
    html`<table role="presentation" style="${STYLE.list}" cellpadding="0" cellspacing="0">`,
    ...rows.map(
      (row, index) => html`<tr><td style="${index === 0 ? STYLE.firstItem : STYLE.item}">${row}</td></tr>`,
    ),
    html`</table>`,
    restHtml(rest),
  ]);
}

/** What stands in one row of a list. */
export function listRowHtml({ tone, state, name, headline, small, places }: ListRow): Safe {
  return html`<span class="${tone}" style="${stateStyle(tone)}">${state}</span> <strong style="${STYLE.itemName}">${name}</strong><br>${headline}<br><span class="muted" style="${STYLE.small}">${small}${places.length > 0 && ' · '}${placesHtml(places)}</span>`;
}

function placesHtml(places: readonly Place[]): Safe[] {
  return places.map(
    ({ label, url }, index) => html`${index > 0 && ' · '}${link(url, label, { style: STYLE.link })}`,
  );
}

/** As text it would become a space, as any control character from outside does. */
const NEW_LINE = html`\n`;

/** One block to copy from; what a command is for stands above it as a comment of the shell. */
function commandsHtml(commands: readonly Command[]): Safe {
  const rows = commands.map(
    ({ what, command }, index) =>
      html`${index > 0 && NEW_LINE}<span class="muted" style="${STYLE.small}"># ${what}</span>\n${command}`,
  );
  return html`<pre class="code" style="${STYLE.code}">${rows}</pre>`;
}

function restHtml(rest: number): Safe | null {
  return rest > 0 ? html`<p class="muted" style="${STYLE.rest}">${restText(rest)}</p>` : null;
}
