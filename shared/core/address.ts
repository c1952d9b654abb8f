/** Atoms joined by single dots (RFC 5322 `dot-atom`): no quoting, no comments, nothing a header could trip over. */
const LOCAL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/**
 * Whether a text is one plain mail address and nothing else: ASCII, exactly one `@`, no display name, space,
 * control character or any of `,;:<>()"\`. Stricter than the RFCs on purpose: whatever passes cannot be read
 * as two recipients by any mail program.
 */
export function isAddress(text: string): boolean {
  const parts = text.split('@');
  const [local, domain] = parts;
  if (parts.length !== 2 || local === undefined || domain === undefined) return false;
  if (local.length > 64 || domain.length > 253) return false;
  return LOCAL.test(local) && domain.split('.').every((label) => LABEL.test(label));
}

/** The part behind the `@` in lower case; `localhost` where the text is no address. */
export function domainOf(address: string): string {
  return isAddress(address) ? address.slice(address.indexOf('@') + 1).toLowerCase() : 'localhost';
}
