/** One line of RFC 4180 CSV, with its line end: quotes where a cell needs them, nothing for null. */
export function csvLine(cells: readonly unknown[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : value instanceof Uint8Array ? hex(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Bytes as text: databases give them for BLOB columns. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
