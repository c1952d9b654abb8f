export interface Column {
  readonly title: string;
  readonly align?: 'right';
}

/** A Markdown table whose columns also line up as plain text. */
export function renderMarkdown(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ title }, at) =>
    Math.max(3, title.length, ...rows.map((row) => row[at]!.length)),
  );
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, at) =>
      columns[at]!.align === 'right' ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!),
    );
    return `| ${padded.join(' | ')} |`;
  };
  const rule = columns.map(({ align }, at) =>
    align === 'right' ? `${'-'.repeat(widths[at]! - 1)}:` : '-'.repeat(widths[at]!),
  );
  return [line(columns.map(({ title }) => title)), line(rule), ...rows.map(line)].join('\n');
}
