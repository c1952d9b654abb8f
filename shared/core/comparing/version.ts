/** What may stand in the name of a table: nothing that SQL, a shell or a path gives a meaning to. */
const VERSION = /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,63}$/;

/** The version as it is meant, without the line break that a VERSION file ends in; null where it is none. */
export function versionOf(text: string): string | null {
  const version = text.trim();
  return VERSION.test(version) ? version : null;
}
