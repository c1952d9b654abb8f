import { html, lines, Safe } from '../html.ts';
import type { Block, MailDocument, Section } from './document.ts';
import { blockHtml, listHtml, listRowHtml, type Pictures } from './html-blocks.ts';
import { MAX_HTML_BYTES } from './limits.ts';
import { cardStyle, OUTLOOK, SHEET, STYLE, stateStyle } from './theme.ts';
import { timeText } from './words.ts';

const utf8 = new TextEncoder();
/** Kept free for what stands around a list and at its end. */
const RESERVE = 2_000;

/** The HTML part; under `MAX_HTML_BYTES` whatever the names hold. `pictures`: those that the mail brings along. */
export function mailHtml(document: MailDocument, pictures: Pictures): string {
  let room = MAX_HTML_BYTES - bytes(page(document, [])) - RESERVE;
  const cards: Safe[] = [];
  let left = 0;
  for (const section of document.sections) {
    const card = sectionHtml(section, { pictures, room });
    const size = bytes(card) + 1;
    // The first always, or there would be no mail.
    if (size > room && cards.length > 0) left += 1;
    else {
      cards.push(card);
      room -= size;
    }
  }
  if (left > 0) cards.push(leftOut(left));
  return `${page(document, cards)}\n`;
}

function leftOut(count: number): Safe {
  const parts = count === 1 ? '1 more part of this mail is' : `${count} more parts of this mail are`;
  const text = `${parts} too long for here; its text has everything.`;
  return html`<tr><td style="padding:0 4px 14px"><p class="muted" style="${STYLE.rest}">${text}</p></td></tr>`;
}

function bytes(markup: Safe): number {
  return utf8.encode(markup.toString()).length;
}

const TABLE = html`role="presentation" width="100%" cellpadding="0" cellspacing="0"`;

function sectionHtml(
  { tone, state, heading, blocks }: Section,
  { pictures, room }: { readonly pictures: Pictures; readonly room: number },
): Safe {
  return lines([
    html`<tr><td style="padding:0 0 14px"><table ${TABLE} style="border-collapse:separate"><tr><td class="card ${tone}-edge" style="${cardStyle(tone)}">`,
    state !== null && html`<p class="${tone}" style="${stateStyle(tone)}">${state}</p>`,
    heading !== null && html`<h2 style="${STYLE.heading}">${heading}</h2>`,
    ...blocks.map((block) => fitted(block, { pictures, room })),
    html`</td></tr></table></td></tr>`,
  ]);
}

/** A list loses rows until it fits; nothing else in a mail is long enough to need that. */
function fitted(block: Block, { pictures, room }: { readonly pictures: Pictures; readonly room: number }) {
  if (block.kind !== 'list') return blockHtml(block, pictures);
  const rows = block.rows.map(listRowHtml);
  let left = room - RESERVE;
  const frame = bytes(listHtml([html``, html``], 0));
  const end = rows.findIndex((row, index) => {
    left -= bytes(row) + frame / 2;
    return left < 0 && index > 0;
  });
  const kept = end < 0 ? rows : rows.slice(0, end);
  return listHtml(kept, block.rest + rows.length - kept.length);
}

function page({ title, subject, preheader, date, footer }: MailDocument, cards: readonly Safe[]): Safe {
  return lines([
    head(subject),
    html`<body class="page" style="${STYLE.page}">
<div style="${STYLE.preheader}">${preheader}</div>
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="${STYLE.outer}">
<tr><td class="gutter" align="center" style="padding:24px 12px">
<table role="presentation" width="640" cellpadding="0" cellspacing="0" style="${STYLE.frame}">
<tr><td style="padding:0 4px 16px">
<h1 class="text" style="${STYLE.title}">${title}</h1>
<p class="muted" style="${STYLE.meta}">Looked at ${timeText(date)}</p>
</td></tr>`,
    ...cards,
    html`<tr><td style="padding:4px">`,
    ...footer.map((text) => html`<p class="muted" style="${STYLE.foot}">${text}</p>`),
    html`</td></tr>
</table>
</td></tr>
</table>
</body>
</html>`,
  ]);
}

function head(subject: string): Safe {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${subject}</title>
<style>
${Safe.trusted(SHEET)}
</style>
${Safe.trusted(OUTLOOK)}
</head>`;
}
