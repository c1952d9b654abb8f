import type { AlertItem } from '../core/alert-item.ts';
import type { MailContent } from './mail-content.ts';
import { factsOf, placesOf, shortFacts, timeText } from './mail-facts.ts';
import { MAX_DETAILED, MAX_ROWS, restText } from './mail-limits.ts';
import { headline, sentence } from './sentence.ts';
import { sparkline } from './sparkline.ts';
import { displayWidth, wrap } from './width.ts';

const COLUMNS = 78;
const LABEL = 16;

/** The text part: the headline first, at most 78 columns except for names, links and commands. */
export function mailText(content: MailContent): string {
  const lines = [...wrap(content.title, COLUMNS), `Checked ${timeText(content.date)}`, ''];
  const items = content.groups.flatMap((group) => group.items);
  if (content.count <= MAX_DETAILED) lines.push(...detailLines(content));
  else for (const item of items.slice(0, MAX_ROWS)) lines.push(...rowLines(item), '');
  if (items.length > MAX_ROWS && content.count > MAX_DETAILED)
    lines.push(restText(items.length - MAX_ROWS), '');
  if (content.commands.length > 0) {
    lines.push('See more:', ...content.commands.map((command) => `  ${command}`), '');
  }
  lines.push('-- ', ...wrap(content.why, COLUMNS), '');
  return lines.join('\n');
}

/** With one test the title has named it already. */
function detailLines({ groups }: MailContent): string[] {
  return groups.flatMap(({ testName, items }) => {
    const rule = '-'.repeat(Math.min(COLUMNS, displayWidth(testName)));
    const heading = groups.length > 1 ? [...wrap(testName, COLUMNS), rule] : [];
    return [...heading, ...items.flatMap(itemLines)];
  });
}

function itemLines(item: AlertItem): string[] {
  return [
    ...wrap(sentence(item), COLUMNS),
    '',
    ...factsOf(item).flatMap(({ label, parts }) => labelled(label, parts.join(', '))),
    ...historyLines(item),
    ...placesOf(item).map(({ label, url }) => `  ${`${label}:`.padEnd(LABEL)}${url}`),
    '',
  ];
}

function labelled(label: string, text: string): string[] {
  return wrap(`  ${`${label}:`.padEnd(LABEL)}${text}`, COLUMNS, { indent: ' '.repeat(LABEL + 2) });
}

function historyLines({ recent, lower, upper }: AlertItem): string[] {
  const width = COLUMNS - LABEL - 2;
  return recent.length < 2 ? [] : labelled('History', sparkline(recent, { width, lower, upper }));
}

function rowLines(item: AlertItem): string[] {
  const indent = '  ';
  return [
    ...wrap(`* ${item.testName}: ${headline(item)}`, COLUMNS, { indent }),
    ...wrap(`  ${shortFacts(item)}`, COLUMNS, { indent }),
    ...placesOf(item).map(({ label, url }) => `  ${label}: ${url}`),
  ];
}
