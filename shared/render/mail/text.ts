import { displayWidth, padding, wrap } from '../width.ts';
import { restText } from './differences.ts';
import {
  type Block,
  type Command,
  cellText,
  type ListRow,
  type MailDocument,
  type Section,
  type TableBlock,
} from './document.ts';
import { timeText } from './words.ts';

const COLUMNS = 78;
const LABEL = 18;
const GAP = 2;

/** The text part: the news first, at most 78 columns except for names, links and commands. */
export function mailText(document: MailDocument): string {
  const lines = [
    ...wrap(document.preheader, COLUMNS),
    '',
    ...wrap(document.title, COLUMNS),
    '='.repeat(Math.min(COLUMNS, displayWidth(document.title))),
    `Looked at ${timeText(document.date)}`,
    '',
    ...document.sections.flatMap(sectionLines),
    '-- ',
    ...document.footer.flatMap((text) => wrap(text, COLUMNS)),
    '',
  ];
  return lines.join('\n');
}

function sectionLines({ state, heading, blocks }: Section): string[] {
  const title = [state, heading].filter((text) => text !== null).join(' · ');
  const head =
    title === '' ? [] : [...wrap(title, COLUMNS), '-'.repeat(Math.min(COLUMNS, displayWidth(title)))];
  return [...head, ...blocks.flatMap((block) => [...blockLines(block), ''])];
}

function blockLines(block: Block): string[] {
  switch (block.kind) {
    case 'sentence':
    case 'note':
      return wrap(block.text, COLUMNS);
    case 'facts':
      return block.facts.flatMap(({ label, parts }) => labelled(label, parts.join(', ')));
    case 'table':
      return tableLines(block);
    case 'chart':
      return [
        ...labelled('History', block.bars.map(({ char }) => char).join('')),
        ...wrap(`  ${block.alt}`, COLUMNS, { indent: '  ' }),
      ];
    case 'list':
      return [
        ...block.rows.flatMap((row) => [...rowLines(row), '']),
        ...(block.rest > 0 ? [restText(block.rest)] : []),
      ];
    case 'places':
      return block.places.map(({ label, url }) => `  ${`${label}:`.padEnd(LABEL)}${url}`);
    case 'commands':
      return commandLines(block.commands);
  }
}

function labelled(label: string, text: string): string[] {
  return wrap(`  ${`${label}:`.padEnd(LABEL)}${text}`, COLUMNS, { indent: ' '.repeat(LABEL + 2) });
}

function rowLines({ state, name, headline, small, places }: ListRow): string[] {
  const indent = '  ';
  return [
    ...wrap(`* ${state}: ${name}`, COLUMNS, { indent }),
    ...wrap(`  ${headline}`, COLUMNS, { indent }),
    ...wrap(`  ${small}`, COLUMNS, { indent }),
    ...places.map(({ label, url }) => `  ${label}: ${url}`),
  ];
}

/** In columns where they fit, else each row as a few lines of its own. */
function tableLines({ caption, head, rows: cells, rest }: TableBlock): string[] {
  const rows = cells.map((row) => row.map(cellText));
  const widths = head.map((title, column) =>
    Math.max(displayWidth(title), ...rows.map((row) => displayWidth(row[column] ?? ''))),
  );
  const fits = widths.reduce((sum, width) => sum + width + GAP, 0) <= COLUMNS;
  const body = fits
    ? [head, ...rows].map((row) =>
        `  ${row.map((cell, column) => cell + padding(cell, widths[column]! + GAP)).join('')}`.trimEnd(),
      )
    : rows.flatMap((row) =>
        wrap(`  ${row.map((cell, column) => named(cell, head[column] ?? '')).join(', ')}`, COLUMNS, {
          indent: '    ',
        }),
      );
  const title = caption === '' ? [] : [`${caption}:`];
  return [...title, ...body, ...(rest > 0 ? [`  ${restText(rest)}`] : [])];
}

function named(cell: string, title: string): string {
  return title === '' ? cell : `${title.toLowerCase()} ${cell}`;
}

/** What a command is for stands above it as a comment, so that the whole can be pasted. */
function commandLines(commands: readonly Command[]): string[] {
  return commands.flatMap(({ what, command }) => [`  # ${what}`, `  ${command}`]);
}
