/** Whether a place is a URL, `file://` too: then it is no path, and nothing to resolve against a folder. */
export function isUrl(place: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(place);
}
