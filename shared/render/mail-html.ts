import { html, lines, Safe } from './html.ts';
import { commandsCard, listCard, listRow, testCard } from './mail-cards.ts';
import type { MailContent } from './mail-content.ts';
import { timeText } from './mail-facts.ts';
import { MAX_DETAILED, MAX_HTML_BYTES, MAX_ROWS, restText } from './mail-limits.ts';
import { SHEET, STYLE } from './mail-theme.ts';

const utf8 = new TextEncoder();
/** Kept free for what stands around a list and at its end. */
const RESERVE = 2_000;

/** The HTML part; under `MAX_HTML_BYTES` whatever the names hold. */
export function mailHtml(content: MailContent, subject: string): string {
  const frame = page(content, { subject, cards: [] });
  const room = MAX_HTML_BYTES - bytes(frame) - RESERVE;
  const cards = content.count <= MAX_DETAILED ? testCards(content, room) : [list(content, room)];
  return `${page(content, { subject, cards })}\n`;
}

function bytes(markup: Safe): number {
  return utf8.encode(markup.toString()).length;
}

/** As many from the front as fit into the room; the first always, or there would be no mail. */
function fitting(pieces: readonly Safe[], room: number): Safe[] {
  let left = room;
  const end = pieces.findIndex((piece, index) => {
    left -= bytes(piece) + 1;
    return left < 0 && index > 0;
  });
  return end < 0 ? [...pieces] : pieces.slice(0, end);
}

function testCards({ groups, count }: MailContent, room: number): Safe[] {
  const cards = fitting(
    groups.map(({ items }) => testCard(items, { named: groups.length > 1 })),
    room,
  );
  const shown = groups.slice(0, cards.length).reduce((total, { items }) => total + items.length, 0);
  const rest = restLine(count - shown);
  return rest === null ? cards : [...cards, html`<tr><td style="padding:0 4px 14px">${rest}</td></tr>`];
}

function list({ groups, count }: MailContent, room: number): Safe {
  const items = groups.flatMap((group) => group.items).slice(0, MAX_ROWS);
  const rows = fitting(items.map(listRow), room);
  return listCard(rows, { rest: restLine(count - rows.length) });
}

function restLine(count: number): Safe | null {
  return count === 0 ? null : html`<p class="muted" style="${STYLE.rest}">${restText(count)}</p>`;
}

function page(content: MailContent, { subject, cards }: { subject: string; cards: readonly Safe[] }): Safe {
  return lines([
    head(subject),
    html`<body class="page" style="${STYLE.page}">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="${STYLE.outer}">
<tr><td class="gutter" align="center" style="padding:24px 12px">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" style="${STYLE.frame}">
<tr><td style="padding:0 4px 16px">
<h1 class="text" style="${STYLE.title}">${content.title}</h1>
<p class="muted" style="${STYLE.meta}">Checked ${timeText(content.date)}</p>
</td></tr>`,
    ...cards,
    commandsCard(content.commands),
    html`<tr><td style="padding:4px"><p class="muted" style="${STYLE.foot}">${content.why}</p></td></tr>
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
</head>`;
}
