import { type Colors, colors } from './color.ts';
import { plain } from './plain.ts';
import { cutToWidth, displayWidth, padding } from './width.ts';

/** One column of a terminal table. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Columns it keeps when the table must shrink; 4 unless told, never more than its widest cell. */
  readonly min?: number;
  /** Styles a cell after it was cut; gets the whole text to decide by. */
  readonly paint?: (shown: string, context: { readonly text: string; readonly color: Colors }) => string;
}

const GAP = 2;

/**
 * Lays out rows under titles in at most `width` columns, one line a row, without a line break at the end.
 * Too wide a table shrinks its widest columns first and marks cuts with `…`; control characters in cells are
 * removed. `Infinity` is a width too: nothing is cut.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: { readonly width: number; readonly color: boolean },
): string {
  const color = colors(options.color);
  const cells = rows.map((row) => columns.map((_, index) => plain(row[index] ?? '').trim()));
  const widths = columnWidths(columns, cells, options.width);
  const titles = columns.map((column) => column.title);
  const lines = [
    line(titles, { columns: columns.map(plainHeader), widths, color }),
    ...cells.map((row) => line(row, { columns, widths, color })),
  ];
  return lines.join('\n');
}

function plainHeader({ title, align }: Column): Column {
  return { title, align: align ?? 'left', paint: (shown, { color }) => color.bold(shown) };
}

/** Shrinks the widest column by one until all fit; below the minimums every column gives, down to one. */
function columnWidths(
  columns: readonly Column[],
  cells: readonly (readonly string[])[],
  total: number,
): number[] {
  const widths = columns.map((column, index) =>
    Math.max(displayWidth(column.title), ...widest(cells.map((row) => row[index] ?? ''))),
  );
  const room = total - GAP * (columns.length - 1);
  for (const floors of [columns.map((column) => column.min ?? 4), columns.map(() => 1)]) {
    let excess = sum(widths) - room;
    while (excess > 0) {
      const index = widestAbove(widths, floors);
      if (index < 0) break;
      widths[index]! -= 1;
      excess -= 1;
    }
  }
  return dropWhatDoesNotFit(widths, total);
}

/** One number however many rows there are: spreading a hundred thousand arguments would overflow the stack. */
function widest(texts: readonly string[]): [number] {
  return [texts.reduce((most, text) => Math.max(most, displayWidth(text)), 0)];
}

function widestAbove(widths: readonly number[], floors: readonly number[]): number {
  let found = -1;
  widths.forEach((width, index) => {
    if (width > floors[index]! && (found < 0 || width > widths[found]!)) found = index;
  });
  return found;
}

/** On a terminal narrower than one character a column, the last columns are left out. */
function dropWhatDoesNotFit(widths: readonly number[], total: number): number[] {
  let used = -GAP;
  return widths.map((width) => {
    used += width + GAP;
    return used <= total ? width : 0;
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

interface Layout {
  readonly columns: readonly Column[];
  readonly widths: readonly number[];
  readonly color: Colors;
}

function line(row: readonly string[], { columns, widths, color }: Layout): string {
  let text = '';
  // Spaces wait until something follows them, so that no line ends in them.
  let pending = '';
  row.forEach((cell, index) => {
    const width = widths[index]!;
    const shown = cutToWidth(cell, width);
    const space = padding(shown, width);
    const { align, paint } = columns[index]!;
    const painted = paint === undefined ? shown : paint(shown, { text: cell, color });
    const right = align === 'right';
    if (index > 0 && width > 0) pending += ' '.repeat(GAP);
    if (right) pending += space;
    if (shown !== '') {
      text += pending + painted;
      pending = '';
    }
    if (!right) pending += space;
  });
  return text;
}
