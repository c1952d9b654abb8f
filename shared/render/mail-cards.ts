import type { AlertItem } from '../core/alert-item.ts';
import { html, lines, link, type Safe } from './html.ts';
import { factsOf, placesOf, shortFacts } from './mail-facts.ts';
import { STYLE } from './mail-theme.ts';
import { formatNumber } from './number.ts';
import { headline, sentence, signalName, stateWord } from './sentence.ts';
import { bars } from './sparkline.ts';

const TABLE = html`role="presentation" width="100%" cellpadding="0" cellspacing="0"`;

/** A box of its own; `bad` gives it the coloured edge. */
export function card(body: Safe, { bad }: { readonly bad: boolean }): Safe {
  const name = bad ? 'card bad-edge' : 'card';
  const style = bad ? STYLE.card : STYLE.quiet;
  return lines([
    html`<tr><td style="padding:0 0 14px"><table ${TABLE} style="border-collapse:separate"><tr><td class="${name}" style="${style}">`,
    body,
    html`</td></tr></table></td></tr>`,
  ]);
}

/** Everything about the items of one test; `named` unless the page's title says which test it is. */
export function testCard(items: readonly AlertItem[], { named }: { readonly named: boolean }): Safe {
  const rule = html`<hr class="text" style="${STYLE.divider}">`;
  const parts = items.flatMap((item, index) => [
    index > 0 && rule,
    ...detail(item, { named: named && index === 0 }),
  ]);
  return card(lines(parts), { bad: true });
}

function detail(item: AlertItem, { named }: { readonly named: boolean }): (Safe | null | false)[] {
  return [
    html`<p class="bad" style="${STYLE.state}">${stateWord(item).toUpperCase()}</p>`,
    named && html`<h2 class="text" style="${STYLE.test}">${item.testName}</h2>`,
    html`<p class="text" style="${STYLE.sentence}">${sentence(item)}</p>`,
    history(item),
    html`<table style="${STYLE.facts}" cellpadding="0" cellspacing="0">`,
    ...factsOf(item).map(
      ({ label, parts }) =>
        html`<tr><th scope="row" class="muted" style="${STYLE.label}">${label}</th><td class="text" style="${STYLE.fact}">${broken(parts)}</td></tr>`,
    ),
    html`</table>`,
    places(item),
  ];
}

function broken(parts: readonly string[]): Safe[] {
  return parts.map((part, index) => html`${index > 0 && html`<br>`}${part}`);
}

/** Bars for the eye; a screen reader, which would spell them, gets a sentence. */
function history({ recent, lower, upper, signal }: AlertItem): Safe | null {
  if (recent.length < 2) return null;
  const shown = bars(recent, { width: 30, lower, upper });
  const last = recent.at(-1) ?? null;
  const newest = last === null ? 'missing or not finite' : formatNumber(last);
  const spoken = `${signalName({ signal })}, the last ${shown.length} runs, newest ${newest}`;
  const marks = shown.map(({ char, outside }) =>
    outside ? html`<span class="bad" style="${STYLE.outside}">${char}</span>` : char,
  );
  return html`<p class="muted" style="${STYLE.spark}"><span role="img" aria-label="${spoken}">${marks}</span> <span class="muted" style="${STYLE.caption}" aria-hidden="true">last ${shown.length} runs</span></p>`;
}

function places(item: AlertItem): Safe | null {
  const found = placesOf(item);
  if (found.length === 0) return null;
  const links = found.map(
    ({ label, url }, index) =>
      html`${index > 0 && ' · '}${link(url, `Open ${label.toLowerCase()}`, { style: STYLE.link })}`,
  );
  return html`<p class="muted" style="${STYLE.places}">${links}</p>`;
}

/** Rows under one heading, and how many were left out. */
export function listCard(rows: readonly Safe[], { rest }: { readonly rest: Safe | null }): Safe {
  const body = lines([
    html`<table style="${STYLE.list}" cellpadding="0" cellspacing="0">`,
    html`<tr><th scope="col" class="muted" style="${STYLE.head}">Test</th><th scope="col" class="muted" style="${STYLE.head}">What failed</th></tr>`,
    ...rows,
    html`</table>`,
    rest,
  ]);
  return card(body, { bad: true });
}

/** One item of a long list. */
export function listRow(item: AlertItem): Safe {
  const links = placesOf(item).map(
    ({ label, url }) => html` · ${link(url, label.toLowerCase(), { style: STYLE.link })}`,
  );
  return lines([
    html`<tr><th scope="row" class="text" style="${STYLE.row}">${item.testName}</th><td class="text" style="${STYLE.cell}">`,
    html`<span class="bad" style="${STYLE.state}">${headline(item)}</span><br>`,
    html`<span class="muted" style="${STYLE.small}">${shortFacts(item)}${links}</span></td></tr>`,
  ]);
}

/** Commands to paste. */
export function commandsCard(commands: readonly string[]): Safe | null {
  if (commands.length === 0) return null;
  const blocks = commands.map((command) => html`<pre class="code" style="${STYLE.code}">${command}</pre>`);
  return card(lines([html`<h2 class="text" style="${STYLE.heading}">See more</h2>`, ...blocks]), {
    bad: false,
  });
}
