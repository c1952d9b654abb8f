/** Longer texts are cut before they are searched. */
const MOST = 4_000;

const RULES: readonly (readonly [what: RegExp, mask: string])[] = [
  // user:password@host
  [/\/\/[^\s/@]+@/g, '//***@'],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 ***'],
  [
    /((?:token|key|password|passwd|secret|signature|credential)s?)(["']?\s*[=:]\s*["']?)[^\s"'&;,]+/gi,
    '$1$2***',
  ],
];

/**
 * Hides what looks like a secret in words that somebody else chose and that are to be kept or mailed (alerting.md §2.4):
 * logins in addresses, bearer tokens, and what stands behind `token=`, `key:` and their like. The rest stays as it is,
 * up to 4,000 characters.
 */
export function maskSecrets(text: string): string {
  return RULES.reduce((masked, [what, mask]) => masked.replace(what, mask), text.slice(0, MOST));
}
