/** Up to here every item is shown with all its facts; beyond, one row each. */
export const MAX_DETAILED = 5;
/** Rows of a long list. */
export const MAX_ROWS = 50;
/** Bytes of HTML. Gmail shows about the first 102 KB of a mail and hides the rest behind a link. */
export const MAX_HTML_BYTES = 90_000;

/** What stands for the rows that were left out. */
export function restText(count: number): string {
  return `and ${count} more`;
}
