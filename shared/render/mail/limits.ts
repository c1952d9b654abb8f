/** Pictures in one mail. */
export const MAX_CHARTS = 3;
/** Notices of one test that are shown with everything known; the rest get a row each. */
export const MAX_DETAILED = 5;
/** Rows of a long list. */
export const MAX_ROWS = 50;
/** Bytes of HTML. Gmail shows about the first 102 KB of a mail and hides the rest behind a link. */
export const MAX_HTML_BYTES = 90_000;
