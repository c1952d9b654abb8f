/** A reason is a machine word and, behind `: `, a detail for people. */
export function splitReason(reason: string): { readonly word: string; readonly detail: string } {
  const at = reason.indexOf(': ');
  return at < 0 ? { word: reason, detail: '' } : { word: reason.slice(0, at), detail: reason.slice(at + 2) };
}
