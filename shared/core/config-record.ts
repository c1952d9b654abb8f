/** The thread of the one event that holds the text of a config. */
export function threadOfConfig(digest: string): string {
  return `config:${digest}`;
}

/** Which text a `config` event names; null: the file had no entry for the test. */
export function digestOfConfigRecord(body: string): string | null {
  return (JSON.parse(body) as { digest: string | null }).digest;
}
